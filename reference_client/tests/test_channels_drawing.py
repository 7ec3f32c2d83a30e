"""What a display channel waits for before it draws: images of another channel, a wait list, kernels that are compiled."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_client import Client, Options, shell
from reference_client.channels import display as channels_display
from reference_client.channels import drawing
from reference_client.channels.display import Damaged, DisplayChannel, Marked
from reference_client.events import ChannelClosed, NotDrawn
from reference_client.kernels import Kernels
from reference_client.shell import Shell
from reference_client.tests.scripted import CHANNELS, COMMON, ScriptedServer, session
from spiceproto.address import Address
from spiceproto.codecs import glz, lz, machine_code, tier
from spiceproto.codecs.lz import LzImageType
from spiceproto.codecs.machine_code import Kind
from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.messages import common, display
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor
from spiceproto.tests.canvas_messages import bitmap, cached, copy, fill, rect, solid
from spiceproto.way import Way

W, H = 16, 8
BOX = rect(0, 0, W, H)
WORDS = np.random.default_rng(5).integers(0, 1 << 24, (H, W)).astype(np.uint32)
TWO = {(ChannelType.DISPLAY, number): COMMON for number in (0, 1)}
FILLED = fill(BOX, solid(0x010203))
KEPT = copy(BOX, bitmap(WORDS, id=7, flags=ImageFlags.CACHE_ME), BOX)
SHOWN = copy(BOX, cached(7), BOX)


def two(**options: Any) -> ScriptedServer:
    """Two displays of one client that draws."""
    server = session(Client(Options(canvas=True, **options)), channels={**CHANNELS, **TWO})
    server.listing(*TWO)
    for number in (0, 1):
        say(server, number, display.SurfaceCreate(surface_id=0, width=W, height=H, format=32, flags=1))
    return server


def say(server: ScriptedServer, number: int, *values: Any) -> None:
    server.line(ChannelType.DISPLAY, number).send(*values)


def shows(server: ScriptedServer, number: int = 0) -> bool:
    """Whether a display shows the words."""
    picture: NDArray[Any] = server.client.displays[number].picture().astype(np.uint32)
    return np.array_equal(picture[..., 0] << 16 | picture[..., 1] << 8 | picture[..., 2], WORDS)


def coded(stream: bytes, type: ImageType, id: int = 50) -> Image:
    return Image(
        descriptor=ImageDescriptor(id=id, type=type, flags=ImageFlags(0), width=W, height=H), lz_rgb=BinaryData(stream)
    )


def dictionary_of(count: int) -> list[Any]:
    """Commands with images of one GLZ dictionary."""
    with tier.forced("interpreted"):
        made = glz.Dictionary()
        streams = [glz.encode(WORDS, LzImageType.RGB32, made) for _ in range(count)]
    return [copy(BOX, coded(stream, ImageType.GLZ_RGB, 50 + n), BOX) for n, stream in enumerate(streams)]


# -- images of another channel


def test_an_image_of_the_cache_comes_on_another_channel() -> None:
    server = two()
    say(server, 0, SHOWN, FILLED, SHOWN, common.Ping(1, 2, b""))
    first = server.line(ChannelType.DISPLAY, 0)
    assert first.take()[1:] == [] and not server.client.displays[0].picture().any()
    assert server.client.paused(first.connection)
    say(server, 1, common.Ping(3, 4, b""))
    assert server.line(ChannelType.DISPLAY, 1).take()[1:] == [common.Pong(3, 4)]  # the other one goes on
    say(server, 1, KEPT)
    assert shows(server, 0) and first.take() == [common.Pong(1, 2)]
    assert server.told(NotDrawn) == [] and server.client.displays[0].deadline is None


def test_an_image_of_the_dictionary_comes_on_another_channel() -> None:
    server = two()
    commands = dictionary_of(2)
    say(server, 0, commands[1])
    assert not shows(server, 0)
    say(server, 1, commands[0])
    assert shows(server, 0) and shows(server, 1) and server.told(NotDrawn) == []


def test_swapped_delivery_of_two_channels() -> None:
    server = two()
    commands = dictionary_of(4)
    for number, command in ((1, 1), (0, 0), (1, 3), (0, 2)):
        say(server, number, commands[command])
    assert shows(server, 0) and shows(server, 1) and server.told(NotDrawn) == []


def test_what_never_comes_is_told_when_its_time_is_over() -> None:
    server = two(reference_timeout=3.0)
    say(server, 0, SHOWN, FILLED)
    assert server.client.deadline == server.now + 3.0
    server.wait(2.9)
    assert server.told(NotDrawn) == []
    server.wait(0.1)
    [told] = server.told(NotDrawn)
    assert (told.display, told.code) == (0, "missing-pixmap")
    assert server.client.displays[0].picture().any()  # what stood behind it is drawn
    assert not server.client.paused(server.line(ChannelType.DISPLAY, 0).connection)


def test_nothing_is_waited_for_that_nobody_can_bring() -> None:
    server = two()
    say(server, 0, SHOWN)
    server.line(ChannelType.DISPLAY, 1).close()
    assert [told.code for told in server.told(NotDrawn)] == ["missing-pixmap"]


def test_two_that_wait_for_each_other_do_not() -> None:
    server = two()
    say(server, 0, SHOWN)
    say(server, 1, copy(BOX, cached(8), BOX), KEPT)
    assert [(told.display, told.code) for told in server.told(NotDrawn)] == [(1, "missing-pixmap")]
    assert shows(server, 0)


def test_what_waits_is_bounded() -> None:
    server = two()
    line = server.line(ChannelType.DISPLAY, 0)
    say(server, 0, SHOWN)
    for _ in range(9):
        line.send_raw(999, bytes(1 << 20))
    assert [event.channel for event in server.told(ChannelClosed)] == ["display"]


def test_who_waits_for_a_channel_waits_for_what_that_has_drawn() -> None:
    """WAIT_FOR_CHANNELS names a message that was taken and not drawn."""
    server = two()
    say(server, 0, SHOWN)
    serial = server.client.lines[ChannelType.DISPLAY, 0].serial
    waits = common.WaitForChannels((common.ChannelWait(ChannelType.DISPLAY, 0, serial),))
    say(server, 1, KEPT, waits, display.InvalAllPixmaps(()))
    assert shows(server, 0)
    say(server, 0, SHOWN)  # dropped by now; nobody brings it
    server.wait(10)
    assert [told.code for told in server.told(NotDrawn)] == ["missing-pixmap"]


def test_the_cache_is_emptied_when_the_wait_list_was_handled() -> None:
    server = two()
    say(server, 1, KEPT)
    later = server.client.lines[ChannelType.DISPLAY, 0].serial + 1
    say(server, 1, display.InvalAllPixmaps((display.WaitForChannel(ChannelType.DISPLAY, 0, later),)), FILLED)
    assert shows(server, 1)
    say(server, 0, SHOWN)
    assert shows(server, 0) and not shows(server, 1)
    assert server.told(NotDrawn) == []


def test_a_wait_list_skips_channels_that_are_not_there() -> None:
    server = two()
    say(server, 0, KEPT, display.InvalAllPixmaps((display.WaitForChannel(ChannelType.DISPLAY, 9, 1 << 60),)), FILLED)
    assert not shows(server, 0) and server.client.displays[0].behind is None


# -- damage


def test_damage_is_told_once_until_it_is_taken() -> None:
    server = two(damage=True)
    shown = server.client.displays[0]
    assert server.told(Damaged) == [Damaged(0, 0), Damaged(1, 0)]
    assert shown.take_damage() == ((0, 0, W, H),)
    say(server, 0, fill(rect(1, 1, 3, 3), solid(1)), fill(rect(2, 4, 5, 6), solid(1)))
    assert len(server.told(Damaged)) == 3
    assert shown.take_damage() == ((1, 1, 3, 3), (2, 4, 5, 6))
    assert shown.take_damage() == () == shown.take_damage(9)


def test_who_did_not_watch_has_no_damage() -> None:
    with pytest.raises(LocalError, match="nobody has watched"):
        two().client.displays[0].take_damage()


# -- kernels


@pytest.fixture
def _cold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "_kinds", set())
    monkeypatch.setattr(machine_code, "is_cold", lambda kind, pixels: True)


def lz_command() -> Any:
    with tier.forced("interpreted"):
        return copy(BOX, coded(lz.encode(WORDS, LzImageType.RGB32), ImageType.LZ_RGB), BOX)


@pytest.mark.usefixtures("_cold")
def test_pings_are_answered_while_kernels_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling lasts until the test lets it end; what comes meanwhile is answered, and drawn behind it in its order."""
    go_on, compiled = threading.Event(), []

    def slow(kind: Kind) -> None:
        assert go_on.wait(60)
        compiled.append((kind, threading.current_thread() is threading.main_thread()))

    monkeypatch.setattr(shell, "compile_kernels", slow)
    server = two()
    driver = Shell(server.client, Way(address=Address(host="localhost", port="1")))
    shown = server.client.displays[0]
    pongs = [server.line(kind) for kind in (ChannelType.MAIN, ChannelType.DISPLAY)]

    async def body() -> None:
        say(server, 0, lz_command(), display.Mark())
        driver.pump()
        for line in pongs:
            line.take()
            line.send(common.Ping(5, 6, b""))
            assert line.take() == [common.Pong(5, 6)]
        await asyncio.sleep(0)
        assert shown.unfinished and not shown.picture().any() and shown.settled and server.told(Marked) == []
        go_on.set()
        async with asyncio.timeout(60):
            while shown.unfinished:
                await asyncio.sleep(0.001)

    asyncio.run(body())
    assert compiled == [(Kind("lz", LzImageType.RGB32), False)]
    assert shows(server) and shown.shown and server.told(NotDrawn) == []


@pytest.mark.usefixtures("_cold")
def test_what_is_kept_meanwhile_is_bounded_and_drawn_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_MESSAGES", 3)
    server = two()
    kernels = server.client.shared(Kernels)
    kernels.elsewhere = True
    line = server.line(ChannelType.DISPLAY, 0)
    say(server, 0, lz_command(), *[FILLED] * 9, lz_command(), common.Ping(1, 2, b""))
    assert server.client.paused(line.connection) and len(server.client.displays[0].drawing.kept) == 4  # type: ignore[union-attr]
    assert server.client.deadline is None and line.take()[1:] == []
    kernels.compiled(*kernels.wanted)
    server.wait(0)
    assert line.take() == [common.Pong(1, 2)] and shows(server)


def test_of_much_that_comes_at_once_a_part_is_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels_display, "_AT_ONCE", 2 * drawing.EACH)
    monkeypatch.setattr(channels_display, "SLICE", 1)
    server = two()
    server.wait(1.0)
    colours = [copy(BOX, bitmap(np.full((H, W), step, np.uint32)), BOX) for step in range(7)]
    say(server, 0, *colours, KEPT, common.Ping(1, 2, b""))
    channel = server.client.displays[0]
    assert channel.drawing is not None and len(channel.drawing.kept) == 7 and channel.unfinished
    assert server.line(ChannelType.DISPLAY, 0).take()[-1] == common.Pong(1, 2)  # others get their answers
    assert server.client.deadline == server.now and channel.canvas is not None
    for left in range(6, -1, -1):
        assert left == 0 or int(channel.canvas.picture()[0, 0, 2]) == 7 - left
        server.wait(0.0)
        assert len(channel.drawing.kept) == left
    assert shows(server) and channel.deadline is None


def test_who_asks_for_a_picture_gets_all_that_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels_display, "_AT_ONCE", 0)
    server = two()
    server.wait(1.0)
    say(server, 0, FILLED, FILLED, FILLED, KEPT)
    channel = server.client.displays[0]
    assert channel.unfinished and shows(server) and not channel.unfinished and channel.deadline is None


def test_a_picture_that_has_no_bytes_does_not_keep_others_waiting() -> None:
    server = two()
    server.wait(1.0)
    large = ImageDescriptor(id=9, type=ImageType.LZ_RGB, flags=ImageFlags(0), width=1 << 16, height=1 << 15)
    say(server, 0, copy(BOX, Image(descriptor=large, lz_rgb=BinaryData(b"nothing")), BOX), KEPT)
    channel = server.client.displays[0]
    assert not channel.unfinished and len(server.told(NotDrawn)) == 1 and shows(server)


@pytest.mark.usefixtures("_cold")
def test_a_picture_of_a_session_that_has_ended_is_whole() -> None:
    server = two()
    server.client.shared(Kernels).elsewhere = True
    say(server, 0, lz_command())
    server.main.close()
    assert server.client.ended is not None and shows(server)


@pytest.mark.usefixtures("_cold")
def test_of_much_that_was_kept_at_the_end_a_part_is_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels_display, "_FOR_A_PICTURE", 2 * drawing.EACH)
    server = two()
    server.client.shared(Kernels).elsewhere = True
    say(server, 0, lz_command(), *[FILLED] * 9, lz_command())
    server.main.close()
    channel = server.client.displays[0]
    assert channel.drawing is not None
    left = [len(channel.drawing.kept)]
    while channel.finish():
        left.append(len(channel.drawing.kept))
    assert left == sorted(set(left), reverse=True) and len(left) > 4
    assert shows(server) and not channel.drawing.kept


def test_where_nobody_compiles_elsewhere_it_is_drawn_at_once() -> None:
    server = two()
    say(server, 0, lz_command())
    assert shows(server) and not server.client.shared(Kernels).wanted


def test_a_failure_of_the_thread_ends_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(kind: Kind) -> None:
        raise ValueError("no compiler")

    monkeypatch.setattr(shell, "compile_kernels", broken)
    client = Client(Options(canvas=True))
    driver = Shell(client, Way(address=Address(host="localhost", port="1")))
    client.shared(Kernels).wanted.add(Kind("lz", 8))

    async def body() -> None:
        driver.pump()
        async with asyncio.timeout(60):
            await driver.ended.wait()

    asyncio.run(body())
    assert str(driver.failure) == "no compiler"


def test_a_channel_without_a_canvas_waits_for_nothing() -> None:
    client = Client()
    server = session(client, channels={**CHANNELS, **TWO})
    say(server, 0, SHOWN, common.Ping(1, 2, b""))
    channel = client.channel(DisplayChannel)
    assert (channel.waits, channel.behind, channel.unfinished) == (False, None, False)
    assert server.line(ChannelType.DISPLAY).got[-1] == common.Pong(1, 2)
