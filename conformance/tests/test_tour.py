"""The tours: what is heard in them, that everything the suite says in them is legal, and what they bring to light."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from conformance.cases.from_rules import TOURS
from conformance.cases.tour.client import SHOWN
from conformance.cases.tour.client_display import show
from conformance.cases.tour.images import images, photograph
from conformance.cases.tour.server import VISITS
from conformance.faults import held_against
from conformance.results import CaseResult
from conformance.run import Options, Run
from conformance.tests.programs import reference_server, settings, spiceconf
from conformance.transcript import Line, Transcript
from spiceproto.canvas.display import Display
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.channels import NAMES
from spiceproto.codecs import glz
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.display import ClipType, StreamFlags, SurfaceFlags, SurfaceFmt, VideoCodecType
from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.enums.link import ChannelType
from spiceproto.finding import Finding
from spiceproto.messages import cursor, display, playback, port
from spiceproto.messages.draw import Clip
from spiceproto.messages.geometry import Point16, Rect
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor
from spiceproto.tests.peers import need

OBSERVED = "*/observed*"
INIT = display.Init(pixmap_cache_id=1, pixmap_cache_size=1 << 20, glz_dictionary_id=1, glz_dictionary_window_size=1 << 20)
ALL = NONE.with_(*DisplayCapability)


def toured(role: str) -> dict[str, CaseResult]:
    found, _ = held_against(role, select=OBSERVED)
    assert {case.outcome for case in found.values()} == {"pass"}
    return found


# -- what is heard, and said


@pytest.mark.parametrize("role", TOURS)
def test_one_case_brings_what_was_heard(role: str) -> None:
    assert sum(bool(case.heard) for case in toured(role).values()) == 1


def test_a_server_is_heard_on_each_channel() -> None:
    heard = next(case.heard for case in toured("server").values() if case.heard)
    there = {"main:0", "display:0", "cursor:0", "inputs:0", "playback:0", "record:0", "smartcard:0", "usbredir:0"}
    assert set(heard) == there
    assert heard["display:0"]["DRAW_COPY"] > heard["display:0"]["MARK"] == 2, "it was made to draw"
    assert heard["inputs:0"]["KEY_MODIFIERS"] and heard["inputs:0"]["MOUSE_MOTION_ACK"] > 2
    assert {"AGENT_CONNECTED_TOKENS", "AGENT_TOKEN", "AGENT_DISCONNECTED", "MOUSE_MODE"} <= set(heard["main:0"])


def test_a_client_is_heard_on_each_channel_that_it_links() -> None:
    heard = next(case.heard for case in toured("client").values() if case.heard)
    assert heard["display:0"]["PONG"] and heard["cursor:0"]["PONG"]
    assert heard["inputs:0"]["MOUSE_MOTION"] and heard["inputs:0"]["MOUSE_POSITION"]
    assert heard["playback:0"]["PONG"]


@pytest.mark.parametrize("role", TOURS)
def test_the_suite_keeps_every_rule_in_a_tour(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the suite breaks would spoil the view of a channel without a word."""
    broken: list[Finding] = []
    notes: list[str] = []
    found = Line._finding

    def finding(line: Line, item: Finding) -> Finding | None:
        if item.sender != role:
            broken.append(item)
        return found(line, item)

    monkeypatch.setattr(Line, "_finding", finding)
    monkeypatch.setattr(Transcript, "note", lambda self, text, now, connection=0: notes.append(text))
    toured(role)
    assert broken == []
    assert notes == [], "nothing was left early"


def said_by(address: str) -> set[str]:
    """What is heard in the tour of a server that is reached over sockets: channel and message, or channel alone."""
    run = Run(Options(address, select=OBSERVED))
    run.start()
    result = run.runner.run(run.cases[0])
    run.stop()
    assert (result.outcome, result.reason) == ("pass", "")
    return {f"{channel} {name}".rstrip() for channel, names in result.heard.items() for name in [*names, ""]}


def test_over_sockets(tmp_path: Path) -> None:
    """Nothing is told the server from outside, so its picture stands still, and the tour ends all the same."""
    with reference_server(tmp_path) as said:
        code, output = spiceconf(
            "run", f"tcp:127.0.0.1:{said['port']}", "--config", str(settings(tmp_path)), "--select", OBSERVED, "-v"
        )
    assert code == 0, output
    assert "the tour saw display:0: DRAW_COPY 2, " in output
    assert re.search(r"the tour saw inputs:0: INIT 2, KEY_MODIFIERS 2, MOUSE_MOTION_ACK 2$", output, re.M)


def test_every_channel_of_qemu_speaks() -> None:
    need("qemu-system-x86_64")
    said = said_by("qemu:?guest=pointer")
    assert {"playback:0 START", "playback:0 DATA", "record:0 START", "port:0 INIT", "usbredir:0 DATA"} <= said
    assert {"main:0 MOUSE_MODE", "display:0 DRAW_COPY", "cursor:0 INIT"} <= said


def test_an_agent_of_qemu_answers() -> None:
    need("qemu-system-x86_64")
    assert {"main:0 AGENT_DATA", "main:0 INIT"} <= said_by("qemu:?agent=1&sound=0")


def test_channels_of_qemu_are_left_out() -> None:
    need("qemu-system-x86_64")
    said = said_by("qemu:?sound=0&port=0&usbredir=0&smartcard=0")
    assert {name.partition(":")[0] for name in said} == {"main", "display", "inputs", "cursor"}


def test_rows_are_channels() -> None:
    assert set(VISITS) | set(SHOWN) <= set(NAMES)


# -- what a client is shown


class Talk:
    """As much of a channel as a display needs."""

    name = "display:0"

    def __init__(self, client: Capabilities, init: display.Init) -> None:
        self.client = client
        self.sent: list[Any] = []
        self._init = init

    def wait_count(self, name: str, *, within: float) -> bool:
        return name == "INIT"

    def unread(self, name: str) -> list[Any]:
        return [msgspec.defstruct("Message", ["parsed"])(self._init)]

    def send(self, *values: Any, text: str = "") -> None:
        self.sent += values


class Server:
    """As much of the suite as it needs."""

    class network:
        patience = 0.0

    class main_talk:
        @staticmethod
        def send(value: Any) -> None:
            """The time of the multimedia clock."""

    def alive(self, talk: Any, why: str = "") -> None:
        pass

    def init(self) -> Any:
        return msgspec.defstruct("Init", ["multi_media_time"])(0)


def shown(client: Capabilities, init: display.Init = INIT) -> list[Any]:
    talk: Any = Talk(client, init)
    server: Any = Server()
    show(server, talk)
    return list(talk.sent)


def test_every_picture_can_be_drawn() -> None:
    canvas = Display(window=glz.Window(1 << 20))
    canvas.draw(
        display.SurfaceCreate(surface_id=0, width=640, height=480, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY)
    )
    for value in shown(ALL):
        canvas.draw(value)
    assert canvas.problems == []


def test_every_kind_of_image_is_among_them() -> None:
    kinds = {image.descriptor.type for _, image in images(ALL, INIT)}
    assert kinds == set(ImageType) - {ImageType.RESERVED, ImageType.FROM_CACHE_LOSSLESS, ImageType.SURFACE}


def test_pictures_without_loss_are_the_same() -> None:
    canvas = Display(window=glz.Window(1 << 20))
    canvas.draw(
        display.SurfaceCreate(surface_id=0, width=640, height=480, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY)
    )
    alike = 0
    for value in shown(ALL):
        canvas.draw(value)
        if isinstance(value, display.DrawCopy):
            box = value.base.box
            assert canvas.primary is not None
            part = canvas.primary.pixels[box.top : box.bottom, box.left : box.right]
            alike += np.array_equal(part & 0xFFFFFF, photograph() & 0xFFFFFF)
    assert alike == 13, "of 24, 16, 8, 4 and 1 bits, JPEG and a surface only 24 bits are the same"


def test_a_client_gets_what_it_can_have_only() -> None:
    """No LZ4, no sized frame, nothing of a cache or window that it does not have."""
    init = msgspec.structs.replace(INIT, pixmap_cache_size=0, glz_dictionary_window_size=0)
    found = shown(NONE, init)
    drawn = [value.data.src_bitmap for value in found if isinstance(value, display.DrawCopy)]
    kinds = {image.descriptor.type for image in drawn if image is not None}
    assert not kinds & {ImageType.LZ4, ImageType.GLZ_RGB, ImageType.ZLIB_GLZ_RGB, ImageType.FROM_CACHE}
    names = {type(value).__name__ for value in found}
    assert "StreamCreate" in names and not names & {"StreamDataSized", "MonitorsConfig"}
    assert "StreamCreate" not in {type(value).__name__ for value in shown(NONE.with_(DisplayCapability.MULTI_CODEC))}


# -- what comes to light: mistakes of a server about which the specification has no chapter yet

Change = Callable[[Any], Any]


def _copy(**fields: Any) -> Change:
    return lambda value: msgspec.structs.replace(value, data=msgspec.structs.replace(value.data, **fields))


def _turned_over(value: display.DrawCopy) -> display.DrawCopy:
    box = value.base.box
    wrong = Rect(top=box.bottom, left=box.left, bottom=box.top, right=box.right)
    return msgspec.structs.replace(value, base=msgspec.structs.replace(value.base, box=wrong))


def _bitmap(**fields: Any) -> Change:
    def change(value: display.DrawCopy) -> display.DrawCopy:
        image = value.data.src_bitmap
        if image is None or image.bitmap is None:
            return value  # in another compression
        size = fields.get("stride", image.bitmap.stride) * image.bitmap.y
        body = msgspec.structs.replace(image.bitmap, data=image.bitmap.data[:size], **fields)
        return msgspec.structs.replace(
            value, data=msgspec.structs.replace(value.data, src_bitmap=msgspec.structs.replace(image, bitmap=body))
        )

    return change


def _image(kind: int, **body: Any) -> Change:
    head = ImageDescriptor(id=1, type=kind, flags=ImageFlags(0), width=640, height=480)
    return _copy(src_bitmap=Image(descriptor=head, **body))


def _stream(number: int, codec: int) -> display.StreamCreate:
    return display.StreamCreate(
        surface_id=0,
        id=number,
        flags=StreamFlags.TOP_DOWN,
        codec_type=codec,
        stamp=0,
        stream_width=8,
        stream_height=8,
        src_width=8,
        src_height=8,
        dest=Rect(top=0, left=0, bottom=8, right=8),
        clip=Clip(ClipType.NONE),
    )


def _shape(kind: int, size: int) -> cursor.Set:
    head = cursor.CursorHeader(unique=1, type=kind, width=32, height=32, hot_spot_x=0, hot_spot_y=0)
    return cursor.Set(Point16(0, 0), 1, cursor.Cursor(CursorFlags(0), head, bytes(size)))


def _behind(*more: Any) -> Change:
    return lambda value: (value, *more)


MISTAKES: dict[str, tuple[type, Change, str]] = {
    "a scale mode that is none": (display.DrawCopy, _copy(scale_mode=7), "SPICE-FRAME-040"),
    "a box that is turned over": (display.DrawCopy, _turned_over, "SPICE-FRAME-040"),
    "a bitmap of no format": (display.DrawCopy, _bitmap(format=0), "SPICE-FRAME-040"),
    "rows shorter than their pixels": (display.DrawCopy, _bitmap(stride=4), "SPICE-FRAME-040"),
    "an image of an unknown type": (display.DrawCopy, _image(110), "SPICE-FRAME-040"),
    "an image that nobody announced": (display.DrawCopy, _image(ImageType.LZ4, lz4=BinaryData(b"\1\x08")), "SPICE-FRAME-045"),
    "a surface without columns": (
        display.SurfaceCreate,
        lambda value: msgspec.structs.replace(value, width=0),
        "SPICE-FRAME-040",
    ),
    "a surface of an unknown format": (
        display.SurfaceCreate,
        lambda value: msgspec.structs.replace(value, format=33),
        "SPICE-FRAME-040",
    ),
    "more heads than there may be": (
        display.MonitorsConfig,
        lambda value: msgspec.structs.replace(value, max_allowed=0),
        "SPICE-MONITOR-001",
    ),
    "a stream beyond the last number": (display.Mark, _behind(_stream(64, VideoCodecType.MJPEG)), "SPICE-FRAME-040"),
    "a codec that is none": (display.Mark, _behind(_stream(40, 9)), "SPICE-FRAME-040"),
    "an unknown kind of shape": (cursor.Init, _behind(_shape(9, 32 * 32 * 4)), "SPICE-FRAME-040"),
    "a shape with too few pixels": (cursor.Init, _behind(_shape(CursorType.ALPHA, 32)), "SPICE-FRAME-040"),
}
"""Mistake to the message it is made in, what becomes of it, and the sentence that notices."""

ELSEWHERE: dict[str, tuple[int, tuple[Any, ...], str]] = {
    "an unknown mode of sound": (ChannelType.PLAYBACK, (playback.Mode(0, 9, b""),), "SPICE-FRAME-040"),
    "sound of no channels": (
        ChannelType.PLAYBACK,
        (playback.Mode(0, AudioDataMode.RAW, b""), playback.Start(channels=0, format=AudioFmt.S16, frequency=48000, time=0)),
        "SPICE-FRAME-040",
    ),
    "an unknown event of a port": (ChannelType.PORT, (port.Init(b"a\0", 1), port.Event(9)), "SPICE-FRAME-040"),
    "a port that is open twice": (ChannelType.PORT, (port.Init(b"a\0", 2),), "SPICE-FRAME-040"),
}
"""Mistake on a channel that the reference does not have yet to what it says there."""


def observed() -> set[str]:
    found, _ = held_against("server", select=OBSERVED)
    assert {case.outcome for case in found.values()} <= {"pass", "fail"}
    return {case.requirement for case in found.values() if case.outcome == "fail"}


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[type, Change], None]]:
    """Has the reference server say something else in place of a message."""
    line: Any = import_module("reference_server.line").Line
    send = line.send

    def change_it(kind: type, change: Change) -> None:
        def changed(self: Any, *values: Any) -> None:
            for value in values:
                found = change(value) if type(value) is kind else value
                send(self, *(found if isinstance(found, tuple) else (found,)))

        monkeypatch.setattr(line, "send", changed)

    yield change_it


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_comes_to_light(mistake: str, say: Callable[[type, Change], None]) -> None:
    kind, change, sentence = MISTAKES[mistake]
    say(kind, change)
    assert observed() == {sentence}


@pytest.mark.parametrize("mistake", ELSEWHERE)
def test_a_mistake_on_another_channel_comes_to_light(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tour links whatever a list names."""
    kind, values, sentence = ELSEWHERE[mistake]
    server: Any = import_module("reference_server.server").Server
    base: Any = import_module("reference_server.channels.base").ServerChannel
    begin = server.__init__
    channel = type("Speaking", (base,), {"start": lambda self, now: self.send(*values)})

    def begun(self: Any, *arguments: Any, **more: Any) -> None:
        begin(self, *arguments, **more)
        self.add_channel(kind, 0)

    monkeypatch.setattr(server, "channels", {**server.channels, kind: channel})
    monkeypatch.setattr(server, "__init__", begun)
    assert observed() == {sentence}


def test_what_only_a_drawing_guest_says_comes_to_light(say: Callable[[type, Change], None]) -> None:
    """The first picture of each session is right, and all that are drawn later are wrong."""
    number = 0

    def later(value: display.DrawCopy) -> display.DrawCopy:
        nonlocal number
        box = value.base.box
        number += box.right - box.left < 640
        return _turned_over(value) if number else value

    say(display.DrawCopy, later)
    assert observed() == {"SPICE-FRAME-040"} and number
