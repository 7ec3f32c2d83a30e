"""The folder of an archive: which captures are in it, which of these are old, and new ones put into it, part by part.

    OUT/messages/00000.parquet   OUT/captures/00000.parquet   ...   one for each table
    OUT/.writing/                parts that are not finished; whoever begins anew removes them

What is old is taken out of all tables, ``captures`` last, and new parts come into them, ``captures`` last: so an archive that
somebody was interrupted in has no capture that is there in part only, as far as its table of captures says.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from spiceproto import extras
from spiceproto.archive.captures import Asked, File, bundles, digest
from spiceproto.archive.columns import FORM, TABLES, WHAT
from spiceproto.archive.part import Job, Written
from spiceproto.errors import LocalError
from spiceproto.pool import Pool
from spiceproto.shown import file_name

__all__ = ["Archive"]

_LAST: Final = "captures"
_KNOWN: Final = ["capture", "size", "modified", "sha256", "sealed", "asked", "keylog"]
_DIGITS: Final = 5
_ROWS: Final = 16_384
"""Rows that are looked at together when some are taken out."""


class Archive:
    """The folder at ``path``, for one who writes. Use it with :meth:`open`.

    * ``known``: captures that are there, to the name of their part and to what is known of them
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, tuple[str, dict[str, Any]]] = {}
        self._parquet = extras.load("pyarrow.parquet", WHAT)

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Archive]:
        """An archive that is there, or a new one; nobody else writes to it meanwhile.

        Raises LocalError for a folder that holds something else, and where somebody writes; MissingExtraError; OSError.
        """
        archive = cls(path)
        if file_name(str(path)) != str(path):  # Arrow takes no others
            raise LocalError(f"{file_name(str(path))} can not be used", expected="a name in UTF-8")
        if path.exists() and not path.is_dir():
            raise LocalError(f"{path} can not be used", expected="a folder", actual="a file")
        strange = sorted(item.name for item in path.iterdir() if item.name not in (*TABLES, *_OURS)) if path.is_dir() else []
        if strange:
            actual = ", ".join(strange[:3]) + (", ..." if len(strange) > 3 else "")
            raise LocalError(f"{path} is no archive of captures", expected="an empty folder, or an archive", actual=actual)
        for table in TABLES:
            (path / table).mkdir(parents=True, exist_ok=True)
        with _alone(path / ".lock"):
            archive._read()
            yield archive

    # -- what is there

    def _read(self) -> None:
        """Remove what is not finished, and see which captures there are."""
        shutil.rmtree(self.path / ".writing", ignore_errors=True)
        parts = {table: self._parts(table) for table in TABLES}
        for table, names in parts.items():
            for name in names - parts[_LAST]:
                self._file(table, name).unlink()
        for name in sorted(parts[_LAST]):
            file = self._opened(_LAST, name)
            for row in file.read(columns=_KNOWN).to_pylist():
                self.known[row["capture"]] = name, row

    def _parts(self, table: str) -> set[str]:
        return {item.name for item in (self.path / table).glob("*.parquet")}

    def _file(self, table: str, name: str) -> Path:
        return self.path / table / name

    def _opened(self, table: str, name: str) -> Any:
        path = self._file(table, name)
        try:
            file = self._parquet.ParquetFile(path)
        except ValueError as error:  # what Arrow raises for bytes that are no Parquet
            raise LocalError("a part of the archive can not be read", where=str(path), actual=str(error)) from error
        form = (file.schema_arrow.metadata or {}).get(b"spiceproto.archive", b"").decode()
        if form != FORM:
            raise LocalError("an archive of another form", where=str(path), expected=f"form {FORM}", actual=form or "none")
        return file

    def old(self, files: Sequence[File], asked: Asked) -> list[File]:
        """Those that are not in the archive, or not as they are now, or were read in another way."""
        keylog = digest(asked.keylog) if asked.keylog is not None else None
        found = []
        for file in files:
            row = self.known[file.capture][1] if file.capture in self.known else None
            same = row is not None and (row["size"], row["modified"], row["asked"]) == (file.size, file.modified, str(asked))
            if not same or row is None or row["sha256"] is None or (row["sealed"] and row["keylog"] != keylog):
                found.append(file)
        return found

    # -- what changes

    def take_out(self, captures: set[str]) -> None:
        """Have no rows of these captures any more."""
        names = {self.known.pop(capture)[0] for capture in sorted(captures) if capture in self.known}
        for table in TABLES:
            for name in sorted(names):
                self._take_out(table, name, captures)

    def _take_out(self, table: str, name: str, captures: set[str]) -> None:
        arrow, compute = extras.load("pyarrow", WHAT), extras.load("pyarrow.compute", WHAT)
        path, target = self.path / ".writing" / f"{table}-{name}", self._file(table, name)
        path.parent.mkdir(exist_ok=True)
        file = self._opened(table, name)
        gone = arrow.array(sorted(captures), arrow.string())
        left = 0
        with self._parquet.ParquetWriter(path, file.schema_arrow, compression="zstd") as writer:
            for batch in file.iter_batches(batch_size=_ROWS):
                kept = batch.filter(compute.invert(compute.is_in(batch.column("capture"), value_set=gone)))
                left += kept.num_rows
                if kept.num_rows:
                    writer.write_batch(kept)
        os.replace(path, target)
        if table == _LAST and not left:
            for table in reversed(TABLES):
                self._file(table, name).unlink()

    def put(
        self,
        files: Sequence[File],
        asked: Asked,
        pool: Pool,
        work: Callable[[Job], Written],
        done: Callable[[Written, int], object],
    ) -> None:
        """Read these captures, whoever does it, and put them into the archive in their order.

        ``done`` is called for each part that is in its place, with the number of its captures.
        """
        self.take_out({file.capture for file in files})
        first = max((int(name.partition(".")[0]) for name in self._parts(_LAST)), default=-1) + 1
        jobs = []
        for number, some in enumerate(bundles(files), first):
            folder = self.path.resolve() / ".writing" / f"{number:0{_DIGITS}}"
            jobs.append(Job(str(folder), some, asked))
        for job, written in zip(jobs, pool.map(work, jobs), strict=True):
            folder = Path(job.folder)
            for table in TABLES:
                os.replace(folder / f"{table}.parquet", self._file(table, f"{folder.name}.parquet"))
            folder.rmdir()
            done(written, len(job.files))
        shutil.rmtree(self.path / ".writing", ignore_errors=True)


_OURS: Final = (".writing", ".lock")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else holds this file; where the system has no locks, whoever calls sees to that."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with path.open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError("somebody writes to this archive", where=str(path.parent)) from None
        yield
