"""A folder that is written: files whose names are made here, and ``index.jsonl``, which says where each is from.

No part of a name is from the wire: what a peer called a file stands in the index. A file is whole or not (``whole``): it is not
where the capture lacks bytes of what it would hold.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from spiceproto.errors import LocalError

__all__ = ["INDEX", "Folder", "Output"]

INDEX: Final = "index.jsonl"

_OPEN: Final = 32
"""Files that are open at a time."""


class Output:
    """A file that is made of several messages; :meth:`Folder.open` begins it.

    * ``name``: in the folder
    * ``size``: bytes so far
    * ``said``: what its record says besides
    * ``whole``: nothing is known to be missing
    """

    def __init__(self, folder: Folder, name: str, said: dict[str, Any]) -> None:
        self.name = name
        self.size = 0
        self.said = said
        self.whole = True
        self.over = False
        self.messages = 0
        self._first = self._last = 0
        self._folder = folder

    def write(self, data: bytes, message: int, **said: Any) -> None:
        """The next bytes, which are from this message; the index has a ``part`` for them. Raises OSError."""
        self.messages += 1
        self._first, self._last = self._first or message, message
        self._folder.append(self.name, data)
        part = {"record": "part", "file": self.name, "offset": self.size, "size": len(data), "message": message, **said}
        self._folder.write(part)
        self.size += len(data)

    def close(self, *, whole: bool = True, **said: Any) -> None:
        """It ends here; its record is written."""
        if self.over:
            return
        self.over = True
        self._folder.release(self.name)
        self._folder.write(
            {
                "record": "file",
                "file": self.name,
                "size": self.size,
                "message": self._first,
                "last": self._last,
                "messages": self.messages,
                "whole": self.whole and whole,
                **self.said,
                **said,
            }
        )


class Folder:
    """Makes ``path``, and an index in it. Raises OSError, here and wherever something is written.

    * ``files``: names of what was written
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files: list[str] = []
        self._names: Counter[str] = Counter()
        self._open: dict[str, BinaryIO] = {}
        path.mkdir(parents=True, exist_ok=True)
        self._index = (path / INDEX).open("wb")

    def write(self, record: dict[str, Any]) -> None:
        """A line of the index."""
        try:
            self._index.write(msgspec.json.encode(record) + b"\n")
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path / INDEX)) from error

    def name(self, stem: str, ending: str) -> str:
        """A name that this run has not given yet: ``STEM.ENDING``, ``STEM-2.ENDING``."""
        if not stem.replace("-", "").replace("_", "").isalnum() or not ending.isalnum():
            raise LocalError("no name of a file", expected="letters, digits and -", actual=f"{stem}.{ending}")
        self._names[stem, ending] += 1  # type: ignore[index]
        count = self._names[stem, ending]  # type: ignore[index]
        name = f"{stem}.{ending}" if count == 1 else f"{stem}-{count}.{ending}"
        self.files.append(name)
        return name

    def put(self, stem: str, ending: str, data: bytes, **said: Any) -> str:
        """A file that is from one message alone, and its record; the name."""
        name = self.name(stem, ending)
        (self.path / name).write_bytes(data)
        self.write({"record": "file", "file": name, "size": len(data), "whole": True, **said})
        return name

    def open(self, stem: str, ending: str, **said: Any) -> Output:
        """A file that grows."""
        name = self.name(stem, ending)
        (self.path / name).write_bytes(b"")
        return Output(self, name, said)

    def append(self, name: str, data: bytes) -> None:
        """More of a file."""
        file = self._open.pop(name, None)
        try:
            if file is None:
                if len(self._open) >= _OPEN:
                    self._open.pop(next(iter(self._open))).close()
                file = (self.path / name).open("ab")
            self._open[name] = file
            file.write(data)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path / name)) from error

    def patch(self, name: str, offset: int, data: bytes) -> None:
        """Other bytes in the place of some that were written."""
        self.release(name)
        with (self.path / name).open("r+b") as file:
            file.seek(offset)
            file.write(data)

    def release(self, name: str) -> None:
        """Nothing more comes for now."""
        file = self._open.pop(name, None)
        if file is not None:
            try:
                file.close()
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(self.path / name)) from error

    @property
    def others(self) -> int:
        """How many files are there that this run has not written."""
        ours = {INDEX, *self.files}
        return sum(item.name not in ours for item in self.path.iterdir())

    def close(self) -> None:
        """Everything is written."""
        for name in list(self._open):
            self.release(name)
        self._index.close()
