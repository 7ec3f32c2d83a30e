"""The cases, a folder a chapter: ``<chapter>/client_<section>.py`` and ``server_<section>.py``.

Whatever file lies here belongs to the suite; nothing lists them. They are loaded when somebody first asks for the cases.
``from_rules`` has those that read a sentence off the conversations of all others.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from conformance.case import SANITY, Case, declared, ordered
from conformance.requirements import requirements
from spiceproto.discovery import modules
from spiceproto.errors import LocalError

__all__ = ["all_cases", "load"]

_LOADED: set[Path] = set()


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case, in the order in which they are run: that of the sentences, those that others require first."""
    modules(sys.modules[__name__])
    place = {id: number for number, id in enumerate(requirements())}

    def key(case: Case) -> tuple[bool, bool, int, str]:
        return case.from_rules, case.id not in SANITY.values(), place.get(case.requirement, len(place)), case.id

    return tuple(ordered(sorted(declared(), key=key)))


def load(path: Path) -> None:
    """Cases of the caller's own: a Python file, or all that lie in a folder. A file is loaded once. Raises LocalError."""
    if not path.exists():
        raise LocalError("cases that are not there", where=str(path), expected="a Python file, or a folder of them")
    files = sorted(path.glob("*.py")) if path.is_dir() else [path]
    all_cases()  # those of the suite have their ids first
    before = len(declared())
    for file in [file.resolve() for file in files]:
        if file not in _LOADED:
            _run(file)
            _LOADED.add(file)
            own = declared()[before:]
            before += len(own)
            if not own:
                raise LocalError("a file without a case", where=str(file), expected="server_case or client_case in it")
            for case in own:
                if case.requirement not in requirements():
                    raise LocalError("a case about no sentence of the specification", where=str(file), actual=case.id)
    all_cases.cache_clear()


def _run(file: Path) -> None:
    spec = spec_from_file_location(f"spiceconf_cases_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise LocalError("cases that are no Python", where=str(file), expected="a file whose name ends with .py")
    try:
        spec.loader.exec_module(module_from_spec(spec))
    except Exception as error:
        raise LocalError(f"cases that cannot be loaded: {type(error).__name__}: {error}", where=str(file)) from error
