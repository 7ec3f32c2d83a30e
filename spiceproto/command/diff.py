"""``spiceproto diff A B``: two recordings of the same thing, and what differs."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from spiceproto.command import fail
from spiceproto.command.decode import add_capture_options, progress
from spiceproto.errors import MissingExtraError, SpiceError

if TYPE_CHECKING:
    from spiceproto.report.differences import Difference, Gathered

_FIELDS = 8
"""Fields of a message that are printed."""

_WIDE = 60


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    for name in ("A", "B"):
        parser.add_argument(name.lower(), metavar=name, help="pcap or pcapng file, perhaps compressed")
    parser.add_argument(
        "--ignore",
        metavar="FIELD",
        action="append",
        default=[],
        help="a field, or MESSAGE.field, that is not compared, such as multi_media_time; nor are bytes that no field has",
    )
    parser.add_argument("--format", choices=("text", "jsonl"), default="text", help="lines for people (default), or JSON lines")
    add_capture_options(parser)


def run(options: argparse.Namespace) -> int:
    """Compare. 0: alike, 1: something differs, 2: a file that can not be read."""
    try:
        one, other = [_gather(options, path) for path in (options.a, options.b)]
    except (SpiceError, MissingExtraError) as error:
        return fail(error)
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}")
    return _Told(options, one, other).run()


def _gather(options: argparse.Namespace, path: str) -> Gathered:
    from spiceproto.capture.decode import Decoder
    from spiceproto.report.differences import Gathered

    found = Gathered(frozenset(options.ignore))
    with progress(path) as advance:
        decoder = Decoder(path, found, keylog=options.keylog, decode_as=dict(options.decode_as), progress=advance)
        found.begin(decoder)
        decoder.run()
    return found


class _Told:
    """What is printed."""

    def __init__(self, options: argparse.Namespace, one: Gathered, other: Gathered) -> None:
        self.json = options.format == "jsonl"
        self.sides = {"A": one, "B": other}
        self.counts: Counter[str] = Counter()
        self.row: Any = None

    def run(self) -> int:
        from spiceproto.report.differences import differences

        for name, side in self.sides.items():
            for line in side.lacks:
                self._write({"record": "incomplete", "in": name, "text": line}, f"{name}: {line}")
        for found in differences(self.sides["A"], self.sides["B"]):
            if isinstance(found, int):
                self.counts["alike"] += found
            else:
                self._tell(found)
        counts = {name: self.counts[name] for name in ("alike", "changed", "only A", "only B", "not judged")}
        said = f"{counts['alike']} messages alike, {counts['changed']} changed, {counts['only A']} only in A, "
        said += f"{counts['only B']} only in B, {counts['not judged']} not judged: bytes are missing where they would be"
        self._write({"record": "footer", **counts}, said)
        return 1 if any(counts[name] for name in ("changed", "only A", "only B")) else 0

    def _tell(self, found: Difference) -> None:
        from spiceproto.report.alignment import HOLE

        one, other = found.one, found.other
        kind = "changed" if one is not None and other is not None else "only A" if other is None else "only B"
        if not found.judged or HOLE in [item.name for item in (one, other) if item is not None]:
            kind = "not judged"
        self.counts[kind] += 1
        if not self.json and found.row != self.row:
            self.row = found.row
            print(" ".join(found.row))
        item = one or other
        assert item is not None
        numbers = [side.number if side is not None else None for side in (one, other)]
        fields = [{"path": path, "A": left, "B": right} for path, left, right in found.fields]
        place, sender = found.row
        record = {"record": "difference", "kind": kind, "channel": place, "direction": sender, "name": item.name}
        shown = [f"{path}: {_shown(left)} | {_shown(right)}" for path, left, right in found.fields[:_FIELDS]]
        more = [f"{len(found.fields) - _FIELDS} more"] if len(found.fields) > _FIELDS else []
        sign = "?" if kind == "not judged" else {"changed": "~", "only A": "-", "only B": "+"}[kind]
        where = " ".join(f"{number or '':>7}" for number in numbers)
        self._write(record | {"A": numbers[0], "B": numbers[1], "fields": fields}, f"{sign} {where}  {item.name}")
        if not self.json:
            for line in shown + more:
                print(f"{'':20}{line}")

    def _write(self, record: dict[str, Any], line: str) -> None:
        if self.json:
            import msgspec

            sys.stdout.write(msgspec.json.encode(record).decode() + "\n")
        else:
            print(line)


def _shown(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= _WIDE else text[:_WIDE] + "..."
