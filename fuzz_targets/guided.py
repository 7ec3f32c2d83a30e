"""A target under atheris: mutations that are led by the lines that were reached.

What is tried is imported here, within ``instrument_imports``; so this module imports nothing of it. Kernels of codecs are
interpreted, and instrumented when they are loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FunctionType
from typing import Any, Final

__all__ = ["main"]

_PACKAGES: Final = ["spiceproto", "conformance"]
_LENGTH: Final = "-max_len="


def main(name: str, options: Sequence[str] = (), *, corpus: Path | None = None) -> None:
    """Run a target until libFuzzer ends the process. ``options`` are libFuzzer's.

    Its seeds are written to its folder in ``corpus``, to which what reaches anything new is added; without one
    the options name folders.
    Raises LookupError for a name that no target has.
    """
    os.environ.setdefault("SPICEPROTO_KERNELS", "interpreted")
    import atheris

    with atheris.instrument_imports(include=_PACKAGES):
        from fuzz_targets.plain import write
        from fuzz_targets.target import targets

        known = targets()
    if name not in known:
        raise LookupError(f"no such target: {name}; `list` names them")
    target = known[name]
    _instrument_kernels(atheris)
    found = [f"{_LENGTH}{target.largest}", *options]  # of an option that comes twice the last one counts
    if corpus is not None:
        for seed in target.seeds():
            write(corpus / name, seed)
        found.append(str(corpus / name))
    atheris.Setup([sys.argv[0], *found], target.once)
    atheris.Fuzz()


def _instrument_kernels(atheris: Any) -> None:
    """Kernels are no imports: their functions are instrumented one by one."""
    from spiceproto.codecs import tier

    load = tier._load

    def loaded(*values: Any) -> Any:
        module = load(*values)
        for item in vars(module).values():
            if isinstance(item, FunctionType) and item.__module__ == module.__name__:
                atheris.instrument_func(item)
        return module

    tier._load = loaded  # type: ignore[assignment]
