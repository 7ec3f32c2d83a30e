"""Some captures as files of Parquet, one for each table. Whoever does this knows the folder and needs nothing else.

Rows are written when there are many, so that memory does not grow with what there is to write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from spiceproto import extras
from spiceproto.archive.captures import Asked, File, digest
from spiceproto.archive.columns import TABLES, WHAT, schema
from spiceproto.archive.judged import Judged
from spiceproto.archive.recorder import Recorder, micro
from spiceproto.capture.consumer import Consumer
from spiceproto.capture.decode import Decoder
from spiceproto.errors import MissingExtraError, SpiceError
from spiceproto.filters import Filter, Selected, Selection
from spiceproto.view.broken import Judging

__all__ = ["Job", "Writer", "Written", "write"]

_ROWS: Final = 32_768
"""Rows of a table that wait to be written."""

_LETTERS: Final = 16 << 20
"""Letters of their long columns."""

_LONG: Final = {"messages": (-2, -1)}
"""Columns of a table that may be long."""

_COUNTING: Final = ("row", "number", "serial", "time", "first_frame", "frame")
"""Columns whose values are near to those before: differences are written."""


class Job(msgspec.Struct, frozen=True):
    """The captures of one part, and the folder that it is written into; both are where who does it can reach them."""

    folder: str
    files: tuple[File, ...]
    asked: Asked


class Written(msgspec.Struct, frozen=True):
    """What became of a job: captures by status, rows of messages, and why captures were refused or are damaged."""

    statuses: dict[str, int]
    rows: int
    reasons: tuple[tuple[str, str, str], ...]


class Writer:
    """One table of a part."""

    def __init__(self, table: str, path: Path) -> None:
        arrow = extras.load("pyarrow", WHAT)
        parquet = extras.load("pyarrow.parquet", WHAT)
        self._make = arrow.Table.from_arrays
        self._array = arrow.array
        self._schema = schema(table)
        names = [column.name for column in TABLES[table]]
        near = [name for name in names if name in _COUNTING]
        self._file = parquet.ParquetWriter(
            path,
            self._schema,
            compression="zstd",
            use_dictionary=[name for name in names if name not in near],
            column_encoding=dict.fromkeys(near, "DELTA_BINARY_PACKED") or None,
        )
        self._long = _LONG.get(table, ())
        self._rows: list[tuple[Any, ...]] = []
        self._letters = 0

    def put(self, row: tuple[Any, ...]) -> None:
        """One row more."""
        self._rows.append(row)
        for place in self._long:
            if row[place] is not None:
                self._letters += len(row[place])
        if len(self._rows) >= _ROWS or self._letters >= _LETTERS:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [self._array(values, field.type) for values, field in zip(columns, self._schema, strict=True)]
            self._file.write_table(self._make(arrays, schema=self._schema))
        self._rows.clear()
        self._letters = 0

    def close(self) -> None:
        """Write the rest."""
        self._flush()
        self._file.close()


def write(job: Job, judge: Callable[[], Judging] | None) -> Written:
    """Do a job; ``judge`` makes one for each capture. Raises LocalError, OSError."""
    folder = Path(job.folder)
    folder.mkdir(parents=True, exist_ok=True)
    writers = {table: Writer(table, folder / f"{table}.parquet") for table in TABLES}

    def put(table: str, row: tuple[Any, ...]) -> None:
        writers[table].put(row)

    statuses: Counter[str] = Counter()
    reasons: list[tuple[str, str, str]] = []
    rows = 0
    keylog = digest(job.asked.keylog) if job.asked.keylog is not None else None
    for file in job.files:
        reading = _Reading(file, job.asked, Recorder(file.capture, put), judge() if judge is not None else None)
        reading.run()
        row = {**reading.row(), "asked": str(job.asked), "keylog": keylog}
        put("captures", tuple([row.get(column.name) for column in TABLES["captures"]]))
        statuses[row["status"]] += 1
        rows += reading.recorder.rows
        if row["status"] in ("refused", "damaged"):
            reasons.append((file.capture, row["status"], row["reason"]))
    for writer in writers.values():
        writer.close()
    return Written(dict(statuses), rows, tuple(reasons))


class _Reading:
    """One capture on its way into the tables."""

    def __init__(self, file: File, asked: Asked, recorder: Recorder, judge: Judging | None) -> None:
        self.file = file
        self.recorder = recorder
        self.failure = file.trouble
        self._asked = asked
        self._judge = judge
        self._sha256: str | None = None
        self._decoder: Decoder | None = None
        self._verdict: tuple[int, int] | None = None

    def run(self) -> None:
        """Read it, whatever it is. Raises MissingExtraError where it could be read with what is not installed."""
        if self.failure:
            return
        asked, recorder = self._asked, self.recorder
        consumer: Consumer = recorder
        if asked.filter is not None:
            recorder.selection = selection = Selection(Filter(asked.filter))
            consumer = Selected(recorder, selection, clock=recorder.clock)
        judged = Judged(consumer, recorder, self._judge) if self._judge is not None else None
        failure: SpiceError | None = None
        try:
            self._sha256 = digest(self.file.path)
            self._decoder = decoder = Decoder(
                self.file.path,
                judged or consumer,
                keylog=asked.keylog,
                decode_as=dict(asked.decode_as),
                in_order=True if judged is not None else None,
            )
            recorder.begin(decoder, self.file.capture)
            decoder.run()
        except MissingExtraError:
            raise
        except SpiceError as error:
            error.where = ""  # the row says which capture
            failure, self.failure = error, str(error)
        except OSError as error:
            self._sha256, self.failure = None, error.strerror or type(error).__name__
        if self._decoder is not None and hasattr(recorder, "decoder"):
            recorder.end(failure)
            if judged is not None:
                self._verdict = judged.conclude(recorder.put)

    def row(self) -> dict[str, Any]:
        """Of the capture, by column."""
        recorder, footer, decoder = self.recorder, self.recorder.footer, self._decoder
        status, reason = self._status()
        found: dict[str, Any] = {
            "capture": self.file.capture,
            "status": status,
            "reason": reason or None,
            "missing": recorder.missing,
            "size": self.file.size if self.file.size >= 0 else None,
            "modified": self.file.modified if self.file.size >= 0 else None,
            "sha256": self._sha256,
            "time": micro(recorder.first_ns / 1e9),
            "rows": recorder.rows,
            "left_out": recorder.left_out,
            "outcomes": recorder.outcomes,
        }
        if self._verdict is not None:
            found["broken"], found["tolerated"] = self._verdict
        if footer and decoder is not None:
            names = ("seconds", "frames", "truncated_frames", "messages", "connections", "sessions")
            found |= {name: footer[name] for name in (*names, "undecoded_bytes", "incomplete_bytes", "trailing_bytes")}
            found |= {f"{side}_bytes": size for side, size in footer["sent_bytes"].items()}
            found |= {f"{severity}s": count for severity, count in footer["problems"].items()}
            found["sealed"] = decoder.capture.totals.opaque_connections
            if recorder.selection is None:
                sums = {name: footer[name] for name in ("images", "video", "sound")}
                found["sums"] = msgspec.json.encode(sums).decode()
        return found

    def _status(self) -> tuple[str, str]:
        """What is to be known before anything is concluded from a capture, and why: the worst that holds."""
        recorder, decoder = self.recorder, self._decoder
        if decoder is None or (self.failure and not decoder.connections):
            return "refused", self.failure
        totals = decoder.capture.totals
        if self.failure:
            return "damaged", self.failure
        if "truncated-file" in recorder.codes:
            return "damaged", "the file ends too early"
        holes = [str(item) for item in recorder.unseen if item.what != "end"]
        if totals.truncated_frames:
            holes.append(f"{totals.truncated_frames} frames were captured in part")
        if holes:
            return "holes", "; ".join(holes[:_HOLES]) + (f"; and {len(holes) - _HOLES} more" if len(holes) > _HOLES else "")
        if totals.opaque_connections:
            return "sealed", f"{totals.opaque_connections} connections are encrypted, and their secrets are missing"
        if not decoder.connections:
            return "empty", "no connection with SPICE"
        return "whole", ""


_HOLES: Final = 8
"""Of a capture that its reason names."""
