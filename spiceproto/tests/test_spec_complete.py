"""Whoever has the chapters and nothing else has all numbers and layouts, and the checklists leave nothing out."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from spiceproto import dispatch, flow, schema
from spiceproto.canvas import path as paths
from spiceproto.canvas import rop, scale, stroke
from spiceproto.canvas.region import Box
from spiceproto.derive import chapters, sentences, tables
from spiceproto.derive.sentences import Sentence
from spiceproto.enums.display import PathFlags, Ropd
from spiceproto.enums.link import ChannelType
from spiceproto.message import Message
from spiceproto.messages.common import ChannelWait
from spiceproto.messages.draw import Path as Path_
from spiceproto.messages.draw import PathSegment
from spiceproto.messages.geometry import PointFix, Rect
from spiceproto.schema import common
from spiceproto.walk import Items, Reference, Structure, walk

SPEC = chapters.SPEC
FILES = sorted(SPEC.glob("*.md"))
CHAPTERS = sorted(SPEC.glob("[0-9][0-9]-*.md"))

pytestmark = pytest.mark.skipif(not CHAPTERS, reason="the chapters are in a checkout only")

TEXT = {path.name: path.read_text() for path in FILES}
BY_HAND = {name: re.sub(r"<!-- generated: .*?<!-- end -->", "", text, flags=re.DOTALL) for name, text in TEXT.items()}


def blocks(kind: str) -> set[str]:
    return {name for text in TEXT.values() for name in re.findall(rf"<!-- generated: {kind} (\S+) -->", text)}


def own_messages(channel: str) -> Iterator[Message]:
    for sender in ("server", "client"):
        yield from schema.channel(channel).rows(sender).values()


def printed_messages() -> Iterator[Message]:
    """Every message of a messages block."""
    for name in blocks("messages"):
        if name == "common":
            yield from (*common.SERVER, *common.CLIENT)
        else:
            yield from own_messages(name)


def test_every_body_of_a_layer_has_its_layout() -> None:
    assert blocks("layer")
    for name in blocks("layer"):
        bodies = {row.body.name for row in own_messages(name) if walk(row.body).members}
        assert bodies - blocks("record") == set()


def test_every_body_of_a_message_has_its_layout() -> None:
    bodies = {row.body.name for row in printed_messages() if walk(row.body).members}
    assert bodies - blocks("record") == set()


def test_every_enumeration_and_structure_of_a_layout_is_printed() -> None:
    missing = set()
    for name in blocks("record"):
        record = schema.records()[name]
        kinds = {f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}" for kind in tables.enums_of(record)}
        missing |= kinds - blocks("enum")
        for member in walk(record).members:
            node = member.node
            while isinstance(node, Reference | Items):
                node = node.target if isinstance(node, Reference) else node.element
            if isinstance(node, Structure) and node.name not in blocks("record"):
                missing.add(node.name)
    assert missing == set()


def test_every_message_that_the_text_names_has_its_number() -> None:
    """But for notes, which may tell of programs that send what later chapters are about."""
    everywhere = {row.name for channel in schema.CHANNELS for row in own_messages(channel)}
    everywhere |= {row.name for row in (*common.SERVER, *common.CLIENT)}
    printed = {row.name for row in printed_messages()}
    for name, text in BY_HAND.items():
        plain = "\n".join(line for line in text.splitlines() if not line.startswith(("- Observed", "- Test", "- Tolerated")))
        named = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", plain)) & everywhere
        assert named - printed - PLAIN_WORDS == set(), name


PLAIN_WORDS = {"DATA", "START", "MODE"}
"""What chapter 0 says of sound channels, and names of other things that are names of messages as well."""


def test_a_channel_with_sentences_has_its_messages() -> None:
    """A message of a channel is written ``channel.MESSAGE`` where it is not clear; such a channel is in a block."""
    for text in BY_HAND.values():
        for channel in re.findall(r"`(\w+)\.[A-Z_]+`", text):
            assert channel in blocks("messages"), channel
    inside = {name for name in schema.channels() if schema.channel(name).type is None}
    assert blocks("sizes") - {"all"} == blocks("messages") - inside


def test_the_overview_names_every_channel() -> None:
    rows = re.findall(r"^\| (\w+) \| [^|]+ \| [^|]+ \| [^|]+ \|$", BY_HAND["00-transport.md"], re.MULTILINE)
    assert [name for name in rows if name.upper() in ChannelType.__members__] == [kind.name.lower() for kind in ChannelType]


# -- sentences


@pytest.fixture(scope="module")
def found() -> dict[str, Sentence]:
    return sentences.read(SPEC)


def test_every_id_in_the_text_exists(found: dict[str, Sentence]) -> None:
    for name, text in TEXT.items():
        assert set(re.findall(r"SPICE-[A-Z]+-\d{3}\b", text)) - set(found) - {"SPICE-AREA-000"} == set(), name


@pytest.mark.parametrize("role", ["client", "server"])
def test_a_checklist_has_every_demand(found: dict[str, Sentence], role: str) -> None:
    part = TEXT["checklists.md"].partition(f"\n## {role.capitalize()}\n")[2].partition("\n## ")[0]
    named = re.findall(r"SPICE-[A-Z]+-\d{3}", part)
    binding = {id for id, sentence in found.items() if sentence.role in (role, "both")}
    assert set(named) <= binding
    assert {id for id in binding if found[id].level == "MUST"} - set(named) == set()
    assert len(named) == len(set(named)), "once is enough"


def test_every_line_of_a_checklist_has_its_sentences() -> None:
    for line in re.findall(r"^\* .*(?:\n  .*)*", TEXT["checklists.md"], re.MULTILINE):
        assert re.search(r"SPICE-[A-Z]+-\d{3}\.?$", line), line


def test_sentences_are_short(found: dict[str, Sentence]) -> None:
    assert {id: len(item.text.split()) for id, item in found.items() if len(item.text.split()) > 42} == {}


# -- the pseudo code is code


def code(name: str) -> dict[str, object]:
    scope: dict[str, object] = {}
    for part in re.findall(r"```python\n(.*?)```", TEXT[name], re.DOTALL):
        exec(part, scope)
    return scope


def test_acknowledgement_as_it_is_written() -> None:
    """The client of the text sends the same as that of the library, whatever comes."""
    kind = code("02-framing.md")["Acknowledgement"]
    assert isinstance(kind, type)
    draw = random.Random(5)
    for _ in range(50):
        written, known = kind(), flow.AckReceiver()
        for number in range(60):
            answers: list[tuple[str, int | None]] = [("ACK", None)] if known.received() else []
            if draw.random() < 0.15:
                window = draw.randrange(4)
                known.set_ack(number, window)
                message = {"name": "SET_ACK", "generation": number, "window": window}
                answers.append(("ACK_SYNC", number))
            else:
                message = {"name": "PING"}
            assert written.receive(message) == answers


def test_messages_under_way_as_they_are_written() -> None:
    kind = code("02-framing.md")["UnderWay"]
    assert isinstance(kind, type)
    draw = random.Random(6)
    for _ in range(50):
        written, known = kind(), flow.AckSender()
        for _ in range(80):
            step = draw.choice(("set", "sent", "sent", "sent", "sync", "ack"))
            if step == "set":
                window = draw.randrange(1, 4)
                written.set_ack(window)
                known.set_ack(window)
            elif step == "sent" and not known.blocked:
                written.sent()
                known.sent()
            elif step == "sync" and known.generation:
                generation = max(known.generation - draw.randrange(2), 1)
                written.ack_sync(generation)
                known.ack_sync(generation)
            elif step == "ack":
                written.ack()
                known.ack()
            assert written.may_send() != known.blocked


def test_waiting_as_it_is_written() -> None:
    may_go_on = code("02-framing.md")["may_go_on"]
    assert callable(may_go_on)
    draw = random.Random(7)
    answers = set()
    for _ in range(300):
        handled = {(kind, 0): draw.randrange(5) for kind in (2, 3, 4) if draw.random() < 0.7}
        waits = [(draw.choice((2, 3, 4)), 0, draw.randrange(5)) for _ in range(draw.randrange(3))]
        barrier = flow.Barrier()
        barrier.wait([ChannelWait(*wait) for wait in waits])
        answer = may_go_on(waits, handled)

        def serial(kind: int, id: int, handled: dict[tuple[int, int], int] = handled) -> int | None:
            return handled.get((kind, id))

        assert answer == barrier.check(serial)
        answers.add(answer)
    assert answers == {True, False}


def test_the_list_that_is_shown() -> None:
    """The bytes of a LIST in 2.4 are one."""
    from spiceproto.framing import sub_messages

    shown = TEXT["02-framing.md"].partition("a `LIST` with one `PING`")[2].partition("```text\n")[2].partition("```")[0]
    body = bytes.fromhex("".join(line[2:38].replace(" ", "") for line in shown.splitlines()))
    ((number, content, at),) = sub_messages(body, 0)
    assert (number, len(content), at) == (4, 12, 6)


def test_files_are_found() -> None:
    readme = TEXT["README.md"]
    for path in (*CHAPTERS, Path("checklists.md"), Path("example.md"), Path("untestable.md"), Path("unbound.md")):
        assert f"({path.name})" in readme


# -- drawing as it is written is what the canvas does


def test_raster_operations_as_they_are_written() -> None:
    written = code("07-display.md")["raster_operation"]
    assert callable(written)
    for descriptor in range(1 << 11):
        for first, second in ((Ropd.INVERS_SRC, Ropd.INVERS_DEST), (Ropd.INVERS_BRUSH, Ropd.INVERS_SRC)):
            table = [written(descriptor, a, b, first, second, 1) for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))]
            known = rop.from_descriptor(descriptor, first, second)
            assert sum(bit << place for place, bit in enumerate(table)) == int(known), descriptor


def test_scaling_as_it_is_written() -> None:
    scope = code("07-display.md")
    point, filters = scope["point"], {scale.Filter.NEAREST: scope["nearest"], scale.Filter.BILINEAR: scope["bilinear"]}
    assert callable(point)
    draw = random.Random(8)
    for _ in range(40):
        width, height, wide, high = [draw.randrange(1, 12) for _ in range(4)]
        left, top = draw.randrange(-3, 6), draw.randrange(-3, 6)
        pixels = np.array([[draw.randrange(256) for _ in range(9)] for _ in range(7)], np.uint32)

        def pixel(x: int, y: int, pixels: NDArray[np.uint32] = pixels) -> int:
            return int(pixels[y, x]) if 0 <= x < 9 and 0 <= y < 7 else 0

        map = scale.between(Box(left, top, left + width, top + height), wide, high)
        for kind, written in filters.items():
            assert callable(written)
            known = scale.sample(pixels, map, Box(0, 0, wide, high), kind)
            for row in range(high):
                for column in range(wide):
                    place = point(column, row, left, top, width, height, wide, high)
                    assert written(pixel, *place) == known[row, column]


def test_lines_as_they_are_written() -> None:
    written = code("07-display.md")["line"]
    assert callable(written)
    everywhere = Box(-99, -99, 99, 99)
    for x, y in itertools.product(range(-9, 10), repeat=2):
        columns, rows = stroke.line(paths.Point(2, 3), paths.Point(2 + x, 3 + y), everywhere)
        assert written(2, 3, 2 + x, 3 + y) == list(zip(columns.tolist(), rows.tolist(), strict=True)), (x, y)


def test_curves_as_they_are_written() -> None:
    written = code("07-display.md")["curve"]
    assert callable(written)
    draw = random.Random(9)
    for _ in range(50):
        places = [(draw.randrange(-900, 900), draw.randrange(-900, 900)) for _ in range(3)]
        first = PathSegment(PathFlags.BEGIN, (PointFix(0, 0),))
        controls = PathSegment(PathFlags.BEZIER | PathFlags.END, tuple([PointFix(*place) for place in places]))
        (known,) = paths.polylines(Path_((first, controls)))
        ends = [paths.Point(*map(paths.rounded, place)) for place in written((0, 0), *places)]
        assert known == [paths.Point(0, 0), *ends]


def test_messages_in_bytes_are_what_they_are_said_to_be() -> None:
    def body(text: str) -> bytes:
        return b"".join(bytes.fromhex(line[:49]) for line in text.splitlines())

    fill, copy = map(body, re.findall(r"```hex\n(.*?)```", TEXT["07-display.md"], re.DOTALL))
    filled = dispatch.rows("display", "server")[302].parse(fill)
    assert (filled.base.surface_id, filled.data.brush.color, filled.data.rop_descriptor) == (0, 0x336699, Ropd.OP_PUT)
    assert filled.base.box == Rect(top=10, left=20, bottom=30, right=60)
    copied = dispatch.rows("display", "server")[304].parse(copy)
    assert copied.base.clip.rects.rects == (Rect(top=0, left=0, bottom=8, right=8),)
    assert (copied.data.src_bitmap.descriptor.id, copied.data.src_area.right) == (0x5EED, 16)
    for number, value, found in ((302, filled, fill), (304, copied, copy)):
        assert dispatch.build("display", "server", value) == (number, found)
