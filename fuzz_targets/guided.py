"""A target under atheris: mutations that are led by the lines that were reached.

What is tried is imported here, within ``instrument_imports``; so this module imports nothing of it. Kernels of codecs are
interpreted, and instrumented when they are loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import FunctionType
from typing import Any, Final

__all__ = ["main"]

_PACKAGES: Final = ["spiceproto", "conformance"]
_LENGTH: Final = "-max_len="


def main(name: str, options: Sequence[str] = ()) -> None:
    """Run a target until libFuzzer ends the process. ``options`` are libFuzzer's."""
    os.environ.setdefault("SPICEPROTO_KERNELS", "interpreted")
    import atheris

    with atheris.instrument_imports(include=_PACKAGES):
        from fuzz_targets.target import targets

        target = targets()[name]
    _instrument_kernels(atheris)
    sizes = [] if any(option.startswith(_LENGTH) for option in options) else [f"{_LENGTH}{target.largest}"]
    atheris.Setup([sys.argv[0], *sizes, *options], target.once)
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

    tier._load = loaded

