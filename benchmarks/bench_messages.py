"""Parsing and building of every message: generated code against construct, in one interleaved run.

    python benchmarks/bench_messages.py [--rounds 9] [--only TEXT] [--stream-only]

Two things are called construct here. *stock* is the schema written with construct's own classes, as its users would
(``benchmarks/stock_construct.py``); that is the peer of the goals. *oracle* is ``spiceproto.wire``, the interpreter
that tests compare the generated code with; it checks more and is built on the same library.

Samples are legal values drawn with a fixed seed, as they are met on the wire: numbers have names where there are names,
sequences are not empty, a drawing message has one image and no mask. Of several draws the one of middle size is taken,
and all three get its bytes. Every round measures all three on the same message, one after the other, with the garbage
collector off; what is printed are medians over the rounds, of microseconds and of ratios. The last part reads a stream
of messages with mini headers from memory: 80 % MOUSE_MOTION, 10 % PING, 5 % INIT, 5 % DRAW_COPY.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import struct
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice, repeat
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import construct
from stock_construct import stock

from spiceproto import dispatch, schema, wire
from spiceproto.derive.legal import RandomChooser, Sizes, legal_value
from spiceproto.image_places import images
from spiceproto.message import Sender
from spiceproto.walk import walk

SIZES = Sizes(elements=4, octets=400, factor=24)
DRAWS = 15
CALLS_FOR = 0.0015
"""Seconds that one measurement of one implementation should take."""

PARSE_GOAL, PARSE_MEAN_GOAL, BUILD_GOAL, STREAM_GOAL = 25.0, 40.0, 50.0, 40.0


class Sample(NamedTuple):
    """One message type; ``tables`` are those that have it."""

    name: str
    record: wire.Record
    row: dispatch.Row
    value: Any
    body: bytes
    tables: list[str]


class Timing(NamedTuple):
    """Medians over the rounds, in microseconds, and how many times as long as generated code the others take.

    NaN if stock construct cannot do it. A ratio is the median of the ratios of single rounds: what slows the machine
    down for a while slows down both sides of them.
    """

    generated: float
    stock: float
    oracle: float
    times_stock: float
    times_oracle: float


def samples(only: str) -> Iterator[Sample]:
    """Every body that a message has, once."""
    found: dict[str, Sample] = {}
    senders: tuple[Sender, ...] = ("server", "client")
    for table in schema.channels():
        for sender in senders:
            for number, row in schema.rows(table, sender).items():
                known = found.get(str(row.body.name))
                if known is not None:
                    known.tables.append(f"{table} {sender}")
                    continue
                if only and only.lower() not in f"{table} {row.name} {row.body.name}".lower():
                    continue
                chooser = TypicalChooser(random.Random(row.body.name))
                values = (legal_value(row.body, chooser, SIZES) for _ in repeat(None))
                drawn = [(wire.build(row.body, value), value) for value in islice(filter(is_typical, values), DRAWS)]
                drawn.sort(key=lambda item: len(item[0]))
                body, value = drawn[DRAWS // 2]
                generated = dispatch.rows(table, sender)[number]
                found[str(row.body.name)] = Sample(row.name, row.body, generated, value, body, [f"{table} {sender}"])
    yield from found.values()


class TypicalChooser(RandomChooser):
    """What peers send, without the oddities that tests look for."""

    def length(self, most: int) -> int:
        return self.rng.randint(min(1, most), most)

    def rarely(self) -> bool:
        return False


def is_typical(value: Any) -> bool:
    """One image in what can have a source, none in what can have a mask only."""
    inside = getattr(value, "data", None)
    wanted = 1 if hasattr(inside, "src_bitmap") else 0
    return len(images(value)) == wanted and (not wanted or inside.src_bitmap is not None)


Call = tuple[Callable[[Any], Any], Any]
"""A function and what it is called with: nothing stands between the loop and what is measured."""


def measure(calls: list[Call | None], rounds: int) -> Timing:
    """Generated code, stock construct and the oracle, measured in turn."""
    repeats = []
    for call in calls:
        if call is None:
            repeats.append(0)
            continue
        function, argument = call
        function(argument)
        start = time.perf_counter()
        function(argument)
        once = max(time.perf_counter() - start, 1e-7)
        repeats.append(max(3, int(CALLS_FOR / once)))
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for index, call in enumerate(calls):
            if call is None:
                times[index].append(float("nan"))
                continue
            function, argument = call
            number = range(repeats[index])
            start = time.perf_counter()
            for _ in number:
                function(argument)
            times[index].append((time.perf_counter() - start) / len(number) * 1e6)
    generated = times[0]
    ratios = [[taken / mine for taken, mine in zip(other, generated, strict=True)] for other in times[1:]]
    return Timing(*map(statistics.median, (*times, *ratios)))


def measure_sample(sample: Sample, rounds: int) -> tuple[Timing, Timing]:
    """Parse and build."""
    record, body, value = sample.record, sample.body, sample.value
    peer = stock(walk(record))
    stock_parse: Call | None = (peer.parse, body)
    stock_build: Call | None
    try:
        parsed = peer.parse(body)
        peer.build(parsed)
        stock_build = (peer.build, parsed)
    except (construct.ConstructError, TypeError, AttributeError, KeyError):
        stock_build = None
        try:
            peer.parse(body)
        except (construct.ConstructError, TypeError, AttributeError, KeyError):
            stock_parse = None
    return (
        measure([(sample.row.parse, body), stock_parse, (partial(wire.parse, record), body)], rounds),
        measure([(sample.row.build, value), stock_build, (partial(wire.build, record), value)], rounds),
    )


def ratios(timings: list[Timing], peer: str) -> list[float]:
    found = [getattr(item, f"times_{peer}") for item in timings]
    return [item for item in found if item == item]


def mean(values: list[float]) -> float:
    return statistics.geometric_mean(values) if values else float("nan")


# -- the stream --------------------------------------------------------------------------------------------------------


def stream(count: int) -> tuple[bytes, dict[int, dispatch.Row], dict[int, wire.Record]]:
    """Messages with mini headers, and what their numbers mean."""
    places: list[tuple[str, Sender, str, int]] = [
        ("inputs", "client", "MOUSE_MOTION", 80),
        ("main", "server", "PING", 10),
        ("main", "server", "INIT", 5),
        ("display", "server", "DRAW_COPY", 5),
    ]
    rng = random.Random(5)
    chooser = RandomChooser(rng)
    generated, records, kinds = {}, {}, []
    for table, sender, name, share in places:
        number, row = next((number, row) for number, row in schema.rows(table, sender).items() if row.name == name)
        generated[number], records[number] = dispatch.rows(table, sender)[number], row.body
        if name == "PING":
            bodies = [struct.pack("<LQ", index, 1 << 40) for index in range(8)]
        elif name == "DRAW_COPY":
            # An image with 2 KB of stream and a clip rectangle or two, no mask: what desktops send most.
            drawn = (legal_value(row.body, chooser, Sizes(2, 2000, 9)) for _ in range(20000))
            wanted = (
                value
                for value in drawn
                if value.data.mask.bitmap is None
                and value.data.src_bitmap is not None
                and value.data.src_bitmap.quic is not None
            )
            bodies = [wire.build(row.body, next(wanted)) for _ in range(8)]
        else:
            bodies = [wire.build(row.body, legal_value(row.body, chooser)) for _ in range(8)]
        kinds += [(number, bodies)] * share
    out = bytearray()
    for _ in range(count):
        number, bodies = rng.choice(kinds)
        body = rng.choice(bodies)
        out += struct.pack("<HL", number, len(body)) + body
    return bytes(out), generated, records


def read_generated(data: bytes, rows: dict[int, dispatch.Row]) -> int:
    parsers = {number: row.parse for number, row in rows.items()}
    header = struct.Struct("<HL").unpack_from
    offset, size, count = 0, len(data), 0
    while offset < size:
        number, length = header(data, offset)
        offset += 6
        end = offset + length
        parsers[number](data[offset:end])
        offset = end
        count += 1
    return count


def read_construct(data: bytes, parsers: dict[int, Callable[[bytes], Any]]) -> int:
    header = construct.Struct("type" / construct.Int16ul, "size" / construct.Int32ul)
    offset, size, count = 0, len(data), 0
    while offset < size:
        found = header.parse(data[offset : offset + 6])
        offset += 6
        end = offset + found.size
        parsers[found.type](data[offset:end])
        offset = end
        count += 1
    return count


def measure_stream(rounds: int) -> None:
    count = 4000
    data, rows, records = stream(count)
    peers = {number: stock(walk(record)) for number, record in records.items()}
    stocks: dict[int, Callable[[bytes], Any]] = {number: peer.parse for number, peer in peers.items()}
    oracles: dict[int, Callable[[bytes], Any]] = {number: partial(wire.parse, record) for number, record in records.items()}
    calls: list[Call | None] = [
        (partial(read_generated, data), rows),
        (partial(read_construct, data), stocks),
        (partial(read_construct, data), oracles),
    ]
    found = measure(calls, rounds)
    print(f"\nmixed stream of {count} messages, {len(data) // count} bytes each on average, headers included")
    for name, taken, ratio in (
        ("generated", found.generated, 1.0),
        ("stock construct", found.stock, found.times_stock),
        ("oracle", found.oracle, found.times_oracle),
    ):
        print(f"  {name:16} {count / taken:9.3f} M messages/s   {ratio:6.1f}x")
    print(f"  goal: {STREAM_GOAL:.0f}x stock construct, {'met' if found.times_stock >= STREAM_GOAL else 'MISSED'}")


# -- report ------------------------------------------------------------------------------------------------------------


def report(name: str, found: list[tuple[Sample, Timing]], goal: float, mean_goal: float | None) -> None:
    print(f"\n{name}: microseconds, and how many times as long construct takes")
    print(f"{'message':44} {'bytes':>6} {'generated':>10} {'stock':>9} {'oracle':>9} {'stock/g':>8} {'oracle/g':>8}")
    for sample, taken in found:
        shown = f"{sample.record.name}{f' (+{len(sample.tables) - 1})' if len(sample.tables) > 1 else ''}"
        print(
            f"{shown:44} {len(sample.body):6} {taken.generated:10.3f} {taken.stock:9.2f} {taken.oracle:9.2f}"
            f" {taken.times_stock:8.1f} {taken.times_oracle:8.1f}"
        )
    for peer in ("stock", "oracle"):
        every = ratios([taken for _, taken in found], peer)
        summary = f"{len(every)} message types, minimum {min(every):.1f}x, geometric mean {mean(every):.1f}x"
        print(f"{name} against {peer}: {summary}")
    reached = [(taken.times_stock, str(sample.record.name)) for sample, taken in found if taken.stock > 0]
    below = ", ".join(f"{item} {ratio:.1f}" for ratio, item in sorted(reached) if ratio < goal)
    wanted = f"every message {goal:.0f}x stock" + (f", mean {mean_goal:.0f}x" if mean_goal else "")
    print(f"goal: {wanted}; {f'below: {below}' if below else 'met'}")


def main() -> int:
    arguments = argparse.ArgumentParser(description="Generated parsers and builders against construct.")
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--only", default="", help="messages whose name contains this")
    arguments.add_argument("--stream-only", action="store_true")
    options = arguments.parse_args()
    gc.disable()
    if not options.stream_only:
        parses, builds = [], []
        for sample in samples(options.only):
            parse, build = measure_sample(sample, options.rounds)
            parses.append((sample, parse))
            builds.append((sample, build))
        report("parse", parses, PARSE_GOAL, PARSE_MEAN_GOAL)
        report("build", builds, BUILD_GOAL, None)
    measure_stream(options.rounds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
