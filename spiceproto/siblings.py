"""The packages that are installed beside this one, found by their place and not by a name that may mean something else.

``conformance`` and ``spec`` are good names, and other projects have packages of these names. Whoever stands first on Python's
path has the name; so nothing asks the path. A package of ours that another one hides, or may hide later, is imported under
a name that nobody else uses (``spiceproto_conformance``), and so is all that it imports of itself. Files that are no modules
(``spec``) are read from :data:`PLACE`.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final

__all__ = ["NAMES", "PLACE", "package"]

PLACE: Final = Path(__file__).resolve().parents[1]
"""The folder in which this package and its siblings are."""

NAMES: Final = frozenset({"conformance", "reference_client", "reference_server"})

_PREFIX: Final = "spiceproto_"


def package(name: str, *, shared: bool = True) -> ModuleType:
    """A package of ours, imported.

    It has its own name if it is imported already, or if that name leads to it. With ``shared=False`` the latter is not
    tried: what comes onto the path later may want the name for itself.
    """
    found = sys.modules.get(name)
    if found is not None:
        own = _is_ours(name, getattr(found, "__file__", None))
    else:
        spec = find_spec(name) if shared else None
        own = spec is not None and _is_ours(name, spec.origin)
    if own:
        return import_module(name)
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    return import_module(_PREFIX + name)


def _is_ours(name: str, path: str | None) -> bool:
    return path is not None and Path(path).resolve() == PLACE / name / "__init__.py"


class _Finder:
    """Finds our packages and what is in them under the other name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        root, _, inner = fullname.partition(".")
        name = root.removeprefix(_PREFIX)
        if name == root or name not in NAMES:
            return None
        spec = (
            PathFinder.find_spec(fullname, path) if inner else spec_from_file_location(fullname, PLACE / name / "__init__.py")
        )
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    """Loads a module in which the names of our packages mean ours: ``import`` asks the ``__import__`` of its builtins."""

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _import}
        super().exec_module(module)


def _import(
    name: str,
    globals: Mapping[str, object] | None = None,
    locals: Mapping[str, object] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> Any:
    ours = not level and name.partition(".")[0] in NAMES
    return builtins.__import__(_PREFIX + name if ours else name, globals, locals, fromlist or (), level)
