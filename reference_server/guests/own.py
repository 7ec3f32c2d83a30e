"""A guest of somebody else, from a file or a module: ``--guest FILE.py``, ``--guest MODULE:NAME``.

It is what every guest here is: a function, or a class, that is called with a :class:`~reference_server.guests.program.Program`.
Its mistakes are its own: whatever it does when the server calls it, an error is told to whoever has started it, and nobody's
connection is lost by it.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from functools import partial, wraps
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from reference_server.guest import Guest
from reference_server.guest.sound import CHANNELS, Source
from reference_server.guests.program import Program
from spiceproto.errors import LocalError, SpiceError, in_words

__all__ = ["NAME", "Failed", "OwnGuest", "OwnProgram", "load"]

NAME: Final = "guest"
"""What is looked for in a file or module that is named without anything behind it."""

Failed = Callable[[LocalError], None]
"""Is told once what went wrong."""


class OwnProgram(Program):
    """A guest of somebody else while it runs. ``failed`` is told of its first error, in the turn of the server.

    ``folder`` is where its own lines are, of which an error names the last.
    """

    def __init__(self, guest: Guest, displays: int, name: str, failed: Failed, folder: str = "") -> None:
        super().__init__(guest, displays, name)
        self._failed: Failed | None = failed
        self._folder = folder

    def guarded(self, act: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(act)
        def guard(*values: Any) -> Any:
            try:
                return act(*values)
            except BaseException as error:
                self.fail(error)
                return None

        return guard

    def play(self, source: Source) -> None:
        guarded = self.guarded(source)

        def sound(frame: int, count: int, frequency: int) -> NDArray[np.int16]:
            found = guarded(frame, count, frequency)
            if isinstance(found, np.ndarray) and found.dtype == np.int16 and found.shape == (count, CHANNELS):
                return found
            was = f"{found.dtype} {found.shape}" if isinstance(found, np.ndarray) else type(found).__name__
            self.fail(LocalError("it plays what is no sound", expected=f"int16 ({count}, {CHANNELS})", actual=was))
            return np.zeros((count, CHANNELS), np.int16)

        super().play(sound)

    def fail(self, error: BaseException | str) -> None:
        """It can not go on; only the first error counts. What is no reason is told as that."""
        failed, self._failed = self._failed, None
        if failed is not None:
            failed(LocalError(f"the guest {self.name} has failed: {_in_short(error, self._folder)}"))

    def pack(self) -> dict[str, Any]:
        """It stays here. Raises LocalError."""
        raise LocalError(f"what runs in the guest, {self.name}, is not there at the other server: it can not move")


class OwnGuest(msgspec.Struct, frozen=True):
    """A guest that was loaded: what starts it, what it is called, and the folder of its own lines."""

    start: Callable[[Program], Any]
    name: str
    folder: str

    def run(self, guest: Guest, displays: int, failed: Failed) -> OwnProgram:
        """Start it; ``failed`` is told of what goes wrong now or later."""
        if guest.program is not None:
            guest.program.stop()
        guest.program = program = OwnProgram(guest, displays, self.name, failed, self.folder)
        program.guarded(partial(_start, self.start))(program)
        return program


def _start(start: Callable[[Program], Any], program: Program) -> None:
    """Raises LocalError for a generator or a coroutine: nobody would go on with it."""
    found = start(program)
    if isinstance(found, Coroutine):
        found.close()
    if isinstance(found, Coroutine | Generator | AsyncGenerator):
        kind = "async def" if isinstance(found, Coroutine | AsyncGenerator) else "function with yield"
        raise LocalError("what it is does not run by being called", expected="def without yield, or a class", actual=kind)


def load(where: str) -> OwnGuest:
    """The guest of ``FILE.py``, ``FOLDER`` (a package), or ``MODULE``, each with ``:NAME`` behind it or without.

    Raises LocalError if there is none, or what is there fails as it is imported.
    """
    place, name = where, NAME
    if ":" in where and not Path(where).exists():
        place, _, name = where.rpartition(":")
    of_a_file = place.endswith(".py") or "/" in place or Path(place).is_dir()
    module = _of_file(Path(place)) if of_a_file else _of_module(place)
    start = getattr(module, name, None)
    if not callable(start):
        actual = "nothing of that name" if start is None else type(start).__name__
        raise LocalError(f"{place} has no guest", expected=f"a function or a class, {name}(program)", actual=actual)
    return OwnGuest(start=start, name=where, folder=str(Path(module.__file__ or "").parent))


def _of_file(path: Path) -> ModuleType:
    """Import a file, or a folder with ``__init__.py``; what stands beside it can be imported by it, as by a program."""
    file = path / "__init__.py" if path.is_dir() else path
    if not file.is_file():
        what = "a folder without __init__.py" if path.is_dir() else "nothing" if not file.exists() else "no file"
        raise LocalError(f"there is no guest in {path}", expected="a file with a program in Python", actual=what)
    file = file.resolve()
    beside = file.parents[1] if path.is_dir() else file.parent
    name = path.resolve().stem
    if name in sys.modules:
        name = f"{name}_guest"
    places = [str(file.parent)] if path.is_dir() else None
    spec = spec_from_file_location(name, file, submodule_search_locations=places)
    if spec is None or spec.loader is None:
        raise LocalError(f"there is no guest in {path}", expected="a file whose name ends with .py", actual=file.name)
    module = module_from_spec(spec)
    sys.modules[name] = module
    sys.path.append(str(beside))
    loader = spec.loader
    _imported(str(path), str(file.parent), lambda: loader.exec_module(module))
    return module


def _of_module(name: str) -> ModuleType:
    found: list[ModuleType] = []
    _imported(name, "", lambda: found.append(import_module(name)))
    return found[0]


def _imported(what: str, folder: str, act: Callable[[], None]) -> None:
    try:
        act()
    except BaseException as error:
        raise LocalError(f"{what} can not be imported: {_in_short(error, folder)}") from error


def _in_short(error: object, folder: str) -> str:
    """One line: what went wrong, and the last line of the guest's own that it came through."""
    if isinstance(error, str):
        return " ".join(error.split()) or "it does not say why"
    if not isinstance(error, BaseException):
        error = LocalError("it does not say why", expected="an exception, or text", actual=type(error).__name__)
    if isinstance(error, SpiceError | OSError):
        return in_words(error)
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if folder and frame.filename.startswith(folder)]
    if isinstance(error, SyntaxError) or not frames:
        return words
    return f"{words} ({Path(frames[-1].filename).name}, line {frames[-1].lineno})"
