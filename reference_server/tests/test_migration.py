"""A session goes from one server to another one: both in memory, and a client that looks."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from reference_server import GUESTS, Guest, moved
from reference_server.departure import Destination
from reference_server.guest import AttachedReader, Browser, CardAnswered, CardReader, UsbPlugged, UsbUnplugged
from reference_server.guest.image import put
from reference_server.guests.gallery.pictures import photo, words
from reference_server.migration import PATIENCE, Outcome
from reference_server.tests.memory import BOTH, OWN, Line, Wire, error, serve
from reference_server.tests.viewer import ALL, Caches, Viewer, differs
from spiceproto import byte_channel, dispatch, vsc
from spiceproto.agent.pieces import chunks
from spiceproto.capabilities import NONE
from spiceproto.enums.agent import AgentMessageType
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.display import SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import ImageType
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.errors import LocalError, RemoteError
from spiceproto.messages import common, cursor, display, inputs, main, migration, port, spicevmc
from spiceproto.messages.smartcard import Data as SmartcardData
from spiceproto.messages.smartcard import VscApdu, VscAtr, VscReaderAdd, VscReaderRemove
from spiceproto.mux import multiplex
from spiceproto.tests.test_usbredir_device import Small
from spiceproto.usbredir_device import DeviceSide

ELSEWHERE = Destination("127.0.0.1", 5930, 0, "")
SEMI = OWN[ChannelType.MAIN].with_(MainCapability.SEMI_SEAMLESS_MIGRATE)
SEAMLESS = SEMI.with_(MainCapability.SEAMLESS_MIGRATE)
KINDS = ("seamless", "semi-seamless", "switch-host")
BOTH_FLAGS = MigrateFlags.NEED_FLUSH | MigrateFlags.NEED_DATA_TRANSFER


class Pair:
    """Two servers, the guest at the first one."""

    def __init__(self, program: str = "desktop", **options: Any) -> None:
        size = options.pop("size", (320, 240))
        guests = [Guest(size=size, usb=options.get("usb", 0), readers=options.get("readers", 0)) for _ in range(2)]
        for name in ("usb", "readers"):
            options.pop(name, None)
        for name in options.pop("ports", ()):
            guests[0].ports.add(name)
        GUESTS[program](guests[0], options.get("displays", 1))
        self.source, self.there = (serve(guest, **options) for guest in guests)
        self.there.server.await_guest()

    def begin(self, kind: Any = "seamless") -> None:
        self.source.server.migrate_begin(ELSEWHERE, kind)
        self.source.collect()
        for session in self.source.server.sessions:
            self.there.server.expect_migration(session)

    def hand_over(self) -> tuple[Outcome, ...]:
        self.source.server.late = self.there.server.take_late
        self.there.server.load(self.source.server.save())
        found = self.source.server.migrate_finish()
        self.source.collect()
        return found


def ahead(pair: Pair, *kinds: int, seamless: bool = True) -> dict[int, Line]:
    """Links to the destination, made ahead."""
    there = pair.there
    there.session_id = pair.source.session_id
    found = {int(ChannelType.MAIN): there.link(connection_id=pair.source.session_id, own=SEAMLESS)}
    if seamless:
        found[ChannelType.MAIN].send(main.MigrateDstDoSeamless(1))
        assert found[ChannelType.MAIN].names() == ["MigrateDstSeamlessAck"]
    for kind in kinds:
        found[kind] = there.link(kind, connection_id=there.session_id, own=ALL if kind == ChannelType.DISPLAY else None)
        assert found[kind].refused is None, found[kind].refused
        assert found[kind].read() == []
    return found


def carry(source: Line, there: Line) -> common.MigrateData:
    """MIGRATE, FLUSH_MARK, MIGRATE_DATA from one to the other."""
    said = source.read()
    assert said[-1] == common.Migrate(BOTH_FLAGS), said
    source.send(common.MigrateFlushMark())
    (data,) = source.read()
    assert isinstance(data, common.MigrateData)
    there.send(data)
    return data


def body(data: common.MigrateData) -> Any:
    found = bytes(data.data)
    return dispatch.parse("migration", "server", int.from_bytes(found[:4], "little"), found)


def follow(viewer: Viewer, wire: Wire, line: Line) -> None:
    """The same picture goes on with what another server draws."""
    assert viewer.line.channel is not None and line.channel is not None
    line.channel.handled_serial = viewer.line.channel.handled_serial - 1
    for reader in line.channel.readers.values():
        reader.serial = viewer.line.channel.handled_serial - 1
    viewer.line = line


@pytest.mark.parametrize("text", ("x" * 65536, "h\ud800", "a\0b"))
@pytest.mark.parametrize("subject", (False, True))
def test_a_destination_that_clients_can_not_be_told_is_refused_and_nobody_is_lost(text: str, subject: bool) -> None:
    pair = Pair()
    line, _ = pair.source.main(own=SEAMLESS)
    there = Destination("127.0.0.1", 5930, 0, text) if subject else Destination(text, 5930)
    with pytest.raises(LocalError):
        pair.source.server.migrate_begin(there)
    assert pair.source.server.migration is None and line.read() == []
    pair.begin()
    assert [type(each) for each in line.read()] == [main.MigrateBeginSeamless]


def test_seamless() -> None:
    pair = Pair()
    line, _ = pair.source.main(own=SEAMLESS)
    viewer = Viewer(pair.source)
    keys = pair.source.link(ChannelType.INPUTS)
    pointer = pair.source.link(ChannelType.CURSOR)
    keys.send(inputs.KeyDown(0x1E), inputs.KeyUp(0x9E), inputs.KeyDown(0x30), inputs.MouseMotion(3, 4, 0))
    viewer.look()
    line.read()
    pair.begin()
    assert line.read() == [main.MigrateBeginSeamless(main.DstInfo(port=5930, sport=0, host_data=b"127.0.0.1\0"), 1)]
    assert pair.source.server.migration is not None and pair.source.server.migration.waits(pair.source.now)
    links = ahead(pair, ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR)
    line.send(main.MigrateConnectedSeamless())
    assert not pair.source.server.migration.waits(pair.source.now)
    keys.send(inputs.KeyDown(0x20), inputs.KeyUp(0xA0))
    assert pair.hand_over() == (Outcome(pair.source.session_id, "seamless"),)

    carry(line, links[ChannelType.MAIN])
    before = viewer.line
    viewer.look()
    before.send(common.MigrateFlushMark())
    (data,) = before.read()
    assert body(data).surfaces_at_client_ptr == migration.SurfacesAtClient(1, bytes(4))
    links[ChannelType.DISPLAY].send(data)
    assert before.channel is not None and body(data).message_serial == before.channel.handled_serial
    keys.send(inputs.KeyDown(0x31), inputs.KeyUp(0xB1))  # before it has heard that the guest has gone
    assert body(carry(keys, links[ChannelType.INPUTS])).motion_count == 1
    assert pointer.read()[-1] == common.Migrate(MigrateFlags(0))

    assert "Init" not in links[ChannelType.MAIN].names()
    assert links[ChannelType.CURSOR].names() == ["SetAck", "InvalAll", "Trail", "Set"]
    assert links[ChannelType.INPUTS].names() == ["Init"]
    follow(viewer, pair.there, links[ChannelType.DISPLAY])
    names = [type(value).__name__ for value in viewer.look()]
    assert names == ["SetAck", "InvalAllPixmaps", "InvalAllPalettes", "DrawText"], "the letter that came late"
    screens = [wire.server.guest.screens[0] for wire in (pair.source, pair.there)]

    # What was typed before is there, and typing goes on behind it; the key that was down comes up.
    seen: list[Any] = []
    pair.there.server.guest.keyboard.watch(seen.append)
    links[ChannelType.INPUTS].send(inputs.KeyDown(0x2E), inputs.KeyUp(0xAE), *[inputs.MouseMotion(1, 1, 0)] * 3)
    assert "MouseMotionAck" in links[ChannelType.INPUTS].names()
    links[ChannelType.INPUTS].hang_up()
    assert [(event.code, event.down) for event in seen] == [("2e", True), ("2e", False), ("30", False)]
    assert (viewer.picture() == screens[1].picture[..., 2::-1]).all()
    assert not (screens[0].picture == screens[1].picture).all()


@pytest.mark.parametrize("compression", ("glz", "auto_lz"))
def test_what_two_displays_share(compression: str) -> None:
    """Images that clients keep, and the dictionary, go on: nothing is named that the client does not have."""
    pair = Pair("chart", displays=2, image_compression=compression, zlib_glz=True)
    line, _ = pair.source.main(own=SEAMLESS)
    caches = Caches()
    viewers = [Viewer(pair.source, number, caches=caches) for number in (0, 1)]

    def draw(wire: Wire) -> None:
        for display_, at in ((0, 10), (1, 20), (0, 30), (1, 10)):
            for key in (1, 2, 3):
                wire.server.guest.screens[display_].push(put(words(photo(40, 40, key), key), at * key, at))
        wire.collect()

    def look() -> None:
        for viewer, other in (viewers, viewers[::-1]):
            viewer.look(other)

    draw(pair.source)
    look()
    assert sum(viewer.types[ImageType.FROM_CACHE] for viewer in viewers) > 0
    pair.begin()
    links = ahead(pair)
    screens = [pair.there.link(ChannelType.DISPLAY, number, own=ALL) for number in (0, 1)]
    line.send(main.MigrateConnectedSeamless())
    assert [outcome.kind for outcome in pair.hand_over()] == ["seamless"]
    carry(line, links[ChannelType.MAIN])
    look()
    # The second is there before the first: nobody keeps anything until the first has emptied the cache.
    data = []
    for viewer in viewers:
        viewer.line.send(common.MigrateFlushMark())
        data += viewer.line.read()
    assert [body(each).pixmap_cache_freezer for each in data] == [1, 0]
    for number in (1, 0):
        screens[number].send(data[number])
        follow(viewers[number], pair.there, screens[number])
    for viewer in viewers:
        viewer.types.clear()
    draw(pair.there)
    draw(pair.there)
    look()
    assert sum(viewer.types[ImageType.FROM_CACHE] for viewer in viewers) > 0
    for number, viewer in enumerate(viewers):
        assert not differs(viewer, pair.there.server.guest.screens[number], viewers[1 - number])


@pytest.mark.parametrize("seamless", (False, True))
def test_semi_seamless(seamless: bool) -> None:
    pair = Pair()
    line, first = pair.source.main(own=SEMI)
    line.read()
    pair.begin()
    assert line.read() == [main.MigrateBegin(main.DstInfo(port=5930, sport=0, host_data=b"127.0.0.1\0"))]
    links = ahead(pair, ChannelType.DISPLAY, seamless=seamless)
    line.send(main.MigrateConnectedSeamless() if seamless else main.MigrateConnected())
    assert pair.hand_over() == (Outcome(pair.source.session_id, "semi-seamless"),)
    assert line.read() == [main.MigrateEnd()]
    # What the client says on a channel before the destination has heard of the end on main waits.
    links[ChannelType.DISPLAY].send(
        display.Init(pixmap_cache_id=1, pixmap_cache_size=1, glz_dictionary_id=1, glz_dictionary_window_size=0)
    )
    assert links[ChannelType.DISPLAY].read() == []
    links[ChannelType.MAIN].send(main.MigrateEnd())
    init = links[ChannelType.MAIN].read()[0]
    assert isinstance(init, main.Init) and init.session_id == first.session_id
    assert "SurfaceCreate" in links[ChannelType.DISPLAY].names()
    links[ChannelType.MAIN].send(main.AttachChannels())
    assert "ChannelsList" in links[ChannelType.MAIN].names()


def test_switch_host() -> None:
    pair = Pair()
    line, _ = pair.source.main()
    line.read()
    pair.begin()
    assert line.read() == []
    assert pair.hand_over() == (Outcome(pair.source.session_id, "switch-host"),)
    assert line.read() == [main.MigrateSwitchHost(port=5930, sport=0, host_data=b"127.0.0.1\0")]
    pair.there.main(own=SEAMLESS)
    viewer = Viewer(pair.there)
    assert (viewer.picture() == pair.source.server.guest.screens[0].picture[..., 2::-1]).all()
    assert error(pair.source.link()) == LinkErr.ERROR, "the guest is not there any more"
    pair.source.wait(PATIENCE + 1)
    assert line.closed


@pytest.mark.parametrize("answer", (None, main.MigrateConnectError()))
def test_who_does_not_come_switches_hosts(answer: Any) -> None:
    pair = Pair()
    line, _ = pair.source.main(own=SEAMLESS)
    line.read()
    pair.begin()
    if answer is not None:
        line.send(answer)
    waits = pair.source.server.migration
    assert waits is not None and waits.waits(pair.source.now) == (answer is None)
    pair.source.wait(PATIENCE + 1)
    assert not waits.waits(pair.source.now)
    assert [outcome.kind for outcome in pair.hand_over()] == ["switch-host"]
    assert isinstance(line.read()[-1], main.MigrateSwitchHost)


def test_who_does_not_leave_is_left() -> None:
    """A client that links the destination and then does not do what MIGRATE wants."""
    pair = Pair()
    line, _ = pair.source.main(own=SEAMLESS)
    keys = pair.source.link(ChannelType.INPUTS)
    pair.begin()
    ahead(pair, ChannelType.INPUTS)
    line.send(main.MigrateConnectedSeamless())
    pair.hand_over()
    pair.source.wait(PATIENCE - 1)
    keys.send(inputs.KeyDown(0x1E))
    assert not line.closed and not keys.closed
    pair.source.wait(2)
    assert line.closed and keys.closed and not pair.source.server.sessions


def test_several_clients_keep_no_more_than_links() -> None:
    pair = Pair(multi_client=True)
    lines = [pair.source.main(own=own)[0] for own in (SEAMLESS, NONE)]
    for line in lines:
        line.read()
    pair.begin()
    assert lines[0].names() == ["MigrateBegin"] and lines[1].names() == []
    lines[0].send(main.MigrateConnected())
    assert sorted(outcome.kind for outcome in pair.hand_over()) == ["semi-seamless", "switch-host"]
    assert lines[0].names() == ["MigrateEnd"] and lines[1].names() == ["MigrateSwitchHost"]


def test_cancel_and_begin_again() -> None:
    pair = Pair()
    line, _ = pair.source.main(own=SEAMLESS)
    viewer = Viewer(pair.source)
    keys = pair.source.link(ChannelType.INPUTS)
    line.read()
    with pytest.raises(LocalError):
        pair.source.server.migrate_cancel()
    pair.begin()
    with pytest.raises(LocalError):
        pair.begin()
    line.send(main.MigrateConnectedSeamless())
    pair.source.server.save()
    keys.send(inputs.KeyDown(0x1E), inputs.KeyUp(0x9E))
    still = pair.source.server.guest.screens[0].picture.copy()
    assert (pair.source.server.guest.screens[0].picture == still).all(), "it stands still"
    pair.source.server.migrate_cancel()
    pair.source.collect()
    assert line.names() == ["MigrateBeginSeamless", "MigrateCancel"]
    assert not (pair.source.server.guest.screens[0].picture == still).all(), "what was typed meanwhile"
    assert (viewer.picture() == pair.source.server.guest.screens[0].picture[..., 2::-1]).all()
    pair.begin()
    assert line.names() == ["MigrateBeginSeamless"]


def test_what_is_said_of_no_migration_does_no_harm() -> None:
    pair = Pair()
    line, _ = pair.source.main(own=SEAMLESS)
    keys = pair.source.link(ChannelType.INPUTS)
    line.read()
    line.send(main.MigrateConnected(), main.MigrateConnectedSeamless(), main.MigrateConnectError(), main.MigrateEnd())
    line.send(main.MigrateDstDoSeamless(1), common.MigrateFlushMark(), common.MigrateData(b"nothing"))
    keys.send(common.MigrateFlushMark(), common.MigrateData(b"nothing"))
    assert line.read() == [main.MigrateCancel()] * 2 and not line.closed and not keys.closed


def test_a_destination_without_its_guest() -> None:
    pair = Pair()
    assert error(pair.there.link()) == LinkErr.ERROR
    pair.there.server.expect_migration(5)
    pair.source.session_id = 5
    links = ahead(pair, ChannelType.DISPLAY)
    assert error(pair.there.link(connection_id=5)) == LinkErr.BAD_CONNECTION_ID, "it is linked"
    links[ChannelType.MAIN].send(main.MigrateEnd())
    assert all(line.closed for line in links.values()), "nobody ends what has not come"
    pair.there.server.expect_migration(6)
    pair.source.session_id = 6
    links = ahead(pair, ChannelType.DISPLAY)
    pair.there.server.forget_migrations("the guest does not come")
    pair.there.collect()
    assert all(line.closed for line in links.values())


@pytest.mark.parametrize(
    "data",
    (b"", b"MNM", b"MNMD\2\0\0\0", b"DCMD\1\0\0\0" + bytes(60), b"MNMD\1\0\0\0" + bytes(9), b"MNMD\1\0\0\0\2" + bytes(80)),
)
def test_data_that_are_none_end_the_session(data: bytes) -> None:
    pair = Pair()
    pair.source.main(own=SEAMLESS)
    pair.begin()
    links = ahead(pair, ChannelType.DISPLAY)
    pair.hand_over()
    links[ChannelType.MAIN].send(common.MigrateData(data))
    assert all(line.closed for line in links.values())
    pair.there.main()


def test_display_data_that_are_none_end_the_session() -> None:
    pair = Pair()
    line, _ = pair.source.main(own=SEAMLESS)
    viewer = Viewer(pair.source)
    viewer.look()
    pair.begin()
    links = ahead(pair, ChannelType.DISPLAY)
    line.send(main.MigrateConnectedSeamless())
    pair.hand_over()
    carry(line, links[ChannelType.MAIN])
    viewer.look()
    viewer.line.send(common.MigrateFlushMark())
    (data,) = viewer.line.read()
    links[ChannelType.DISPLAY].send(common.MigrateData(bytes(data.data)[:-1]))
    assert links[ChannelType.DISPLAY].closed and links[ChannelType.MAIN].closed


def test_a_port_goes_on() -> None:
    pair = Pair(ports=("org.example.port",))
    line, _ = pair.source.main(own=SEAMLESS)
    there = pair.source.link(ChannelType.PORT)
    there.read()
    line.read()
    pair.begin()
    pair.there.server.guest.ports.add("org.example.port")
    links = ahead(pair, ChannelType.PORT)
    line.send(main.MigrateConnectedSeamless())
    pair.source.server.guest.ports[10, 0].set_open(False)
    pair.source.server.guest.ports[10, 0].set_open(True)
    got: list[Any] = []
    pair.there.server.guest.ports[10, 0].watch(got.append)
    pair.hand_over()
    carry(line, links[ChannelType.MAIN])
    there.send(spicevmc.Data(b"late "))
    carry(there, links[ChannelType.PORT])
    links[ChannelType.PORT].send(spicevmc.Data(b"and in time"))
    assert b"".join(event.data for event in got if hasattr(event, "data")) == b"late and in time"
    assert links[ChannelType.PORT].names() == ["Init"]


def test_mouse_mode_and_lock_keys_go_along() -> None:
    pair = Pair()
    guest = pair.source.server.guest
    guest.pointer.set_kind("absolute")
    line, _ = pair.source.main(own=SEAMLESS)
    line.send(main.MouseModeRequest(MouseMode.CLIENT))
    guest.keyboard.key(b"\x3a", True)
    line.read()
    pair.begin()
    links = ahead(pair)
    line.send(main.MigrateConnectedSeamless())
    pair.hand_over()
    carry(line, links[ChannelType.MAIN])
    there = pair.there.server
    assert there.modes.mode == MouseMode.CLIENT and there.guest.keyboard.locks == guest.keyboard.locks != 0
    assert "MouseModeMessage" not in links[ChannelType.MAIN].names()


@pytest.mark.parametrize("program", GUESTS)
def test_every_program_goes_on(program: str) -> None:
    pair = Pair(program)
    pair.source.wait(0.1)
    data = pair.source.server.save()
    pair.there.server.load(data)
    had, has = moved.parse(data), moved.parse(pair.there.server.save())
    assert has.program == had.program and has.program is not None and has.program[0] == program
    assert has.guest.screens == had.guest.screens and has.guest.listens == had.guest.listens
    assert has.guest.cursors.get(0) == had.guest.cursors.get(0, has.guest.cursors.get(0))
    there, back = pair.there.server.guest, pair.source.server.guest
    assert (there.speaker.source is None) == (back.speaker.source is None)
    assert (there.agent.player is None) == (back.agent.player is None)


def test_what_is_outside_of_the_guest_keeps_it_here() -> None:
    for outside in ("agent", "reader"):
        pair = Pair("chart")
        guest = pair.source.server.guest
        if outside == "agent":
            guest.agent.outside = True
        else:
            guest.readers.append(AttachedReader())
        pair.begin()
        with pytest.raises(LocalError, match="can not move"):
            pair.hand_over()
        pair.source.server.migrate_cancel()
        assert pair.source.server.here


@pytest.mark.parametrize("cut", (0, 3, 15, 16, 400, -1))
def test_a_guest_that_is_cut_off_is_refused(cut: int) -> None:
    pair = Pair()
    data = pair.source.server.save()
    with pytest.raises(RemoteError):
        pair.there.server.load(data[:cut])
    assert error(pair.there.link()) == LinkErr.ERROR


@pytest.mark.parametrize(
    ("program", "memory"),
    (
        ("desktop", {"place": "x"}),
        ("desktop", {"mouse": [0, 1]}),
        ("desktop", {"page": {"top": 1}}),
        ("meter", {"heights": 5}),
        ("agent", {"lines": [1]}),
        ("video", {"films": [[1]]}),
    ),
)
def test_a_program_that_remembers_nonsense_is_refused(program: str, memory: dict[str, Any]) -> None:
    had = moved.parse(Pair(program).source.server.save())
    assert had.program is not None
    data = moved.build(msgspec.structs.replace(had, program=(program, had.program[1] | memory)))
    there = Pair().there
    with pytest.raises(RemoteError):
        there.server.load(data)
    assert not there.server.here
    there.server.load(moved.build(had))


def test_a_guest_of_another_kind_is_refused() -> None:
    data = Pair().source.server.save()
    for changed in (b"XXXX" + data[4:], data[:4] + b"\2" + data[5:], data[:16] + b"\xc0" * (len(data) - 16)):
        with pytest.raises(RemoteError):
            Pair().there.server.load(changed)
    with pytest.raises(RemoteError):
        serve(displays=2).server.load(data)


def leaving(pair: Pair, *kinds: int) -> tuple[dict[int, Line], Callable[[], dict[int, Line]]]:
    """A session with these channels: its links, and what lets it leave, which gives those at the destination."""
    line, _ = pair.source.main(own=SEAMLESS)
    lines = {int(kind): pair.source.link(kind) for kind in kinds}

    def go() -> dict[int, Line]:
        line.read()
        pair.begin()
        links = ahead(pair, *kinds)
        line.send(main.MigrateConnectedSeamless())
        assert [outcome.kind for outcome in pair.hand_over()] == ["seamless"]
        carry(line, links[ChannelType.MAIN])
        return links

    return lines, go


@pytest.mark.parametrize("cut", (0, 5, 13))
def test_a_usb_device_goes_on(cut: int) -> None:
    """The guest knows the device, and looks at it once more; ``cut`` bytes of what it says come before the guest has gone."""
    pair = Pair("chart", usb=1)
    lines, go = leaving(pair, ChannelType.USBREDIR)
    line = lines[ChannelType.USBREDIR]
    side = DeviceSide(Small(), "a program")

    def talk(line: Line, data: bytes) -> None:
        while data:
            line.send(spicevmc.Data(data))
            found = [byte_channel.unpack(value) for value in line.read() if isinstance(value, spicevmc.Data)]
            data = b"".join([side.receive(part) for part in found])

    talk(line, side.begin())
    told: list[Any] = []
    pair.there.server.guest.usb[0].watch(told.append)
    rest = side.unplug() if cut else b""
    if cut:
        line.send(spicevmc.Data(rest[:cut]))
    links = go()
    line.send(spicevmc.Data(rest[cut:])) if cut else None
    carry(line, links[ChannelType.USBREDIR])
    there = links[ChannelType.USBREDIR]
    answers = b"".join([byte_channel.unpack(value) for value in there.read() if isinstance(value, spicevmc.Data)])
    talk(there, side.receive(answers))
    if not cut:
        assert told == [UsbPlugged(0, 0x1234, 0x5678, ("", "", ""), "")]
        talk(there, side.unplug())
    assert isinstance(told[-1], UsbUnplugged) and not side.leaving and not there.closed


def test_a_smart_card_goes_on() -> None:
    """The card is in the guest's reader, and a command that waits is answered at the destination."""
    pair = Pair("chart", readers=1)
    lines, go = leaving(pair, ChannelType.SMARTCARD)
    line = lines[ChannelType.SMARTCARD]
    line.send(vsc.message(VscReaderAdd(b"mine")), vsc.message(VscAtr(bytes.fromhex("3b055350494345")), 0))
    reader = pair.source.server.guest.readers[0]
    assert isinstance(reader, CardReader)
    reader.transmit(b"first")
    reader.transmit(b"second")
    line.read()
    links = go()
    line.send(vsc.message(VscApdu(b"late\x90\0"), 0))
    there = links[ChannelType.SMARTCARD]
    answered: list[Any] = []
    moved_reader = pair.there.server.guest.readers[0]
    moved_reader.watch(answered.append, CardAnswered)
    assert body(carry(line, there)).reader_added == 1
    assert [vsc.inside(item) for item in there.read() if isinstance(item, SmartcardData)] == [VscApdu(b"second")]
    there.send(vsc.message(VscApdu(b"in time\x90\0"), 0))
    assert answered == [CardAnswered(b"first", b"late\x90\0"), CardAnswered(b"second", b"in time\x90\0")]
    there.send(vsc.message(VscReaderRemove(), 0))
    assert isinstance(moved_reader, CardReader) and not moved_reader.present


def test_a_file_goes_on() -> None:
    """One half comes to the source, the other to the destination."""
    pair = Pair("agent")
    guests = [wire.server.guest for wire in (pair.source, pair.there)]
    line, _ = pair.source.main(own=SEAMLESS)
    line.send(main.AgentStart(100))
    name = b"[vdagent-file-xfer]\nname=a.txt\nsize=10\n\0"
    said = [(AgentMessageType.FILE_XFER_START, struct.pack("<L", 7) + name)]
    said += [(AgentMessageType.FILE_XFER_DATA, struct.pack("<LQ", 7, 5) + part) for part in (b"12345", b"67890")]
    start, first, second = [b"".join(chunks(type, data)) for type, data in said]
    line.send(main.AgentData(start), main.AgentData(first))
    line.read()
    pair.begin()
    links = ahead(pair)
    line.send(main.MigrateConnectedSeamless())
    pair.hand_over()
    assert line.names()[-1] == "Migrate"
    # The header of the second half reaches the source, which the guest has left.
    line.send(main.AgentData(second[:30]), common.MigrateFlushMark())
    (data,) = line.read()
    links[ChannelType.MAIN].send(data)
    links[ChannelType.MAIN].send(main.AgentData(second[30:]))
    assert guests[1].disk.content("a.txt") == b"1234567890" and "a.txt" not in guests[0].disk.files


def test_connections_to_a_folder_end() -> None:
    pair = Pair("chart", ports=("org.spice-space.webdav.0",))
    pair.there.server.guest.ports.add("org.spice-space.webdav.0")
    lines, go = leaving(pair, ChannelType.WEBDAV)
    line = lines[ChannelType.WEBDAV]
    browsers = [Browser(wire.server.guest.ports[11, 0]) for wire in (pair.source, pair.there)]
    assert [browsers[0].get("/a"), browsers[0].connect()] == [1, 2]
    line.read()
    browsers[0].close(2)
    links = go()
    carry(line, links[ChannelType.WEBDAV])
    there = links[ChannelType.WEBDAV]
    init, end = there.read()
    assert init == port.Init(b"org.spice-space.webdav.0\0", 1) and end == spicevmc.Data(multiplex(1, b""))
    assert browsers[1].connect() == 3


def test_on_to_a_third_server() -> None:
    """The destination of one migration is the source of the next."""
    pair = Pair()
    line, _ = pair.source.main(own=SEAMLESS)
    keys = pair.source.link(ChannelType.INPUTS)
    session = pair.source.session_id
    for letter in (0x1E, 0x30):
        keys.send(inputs.KeyDown(letter), inputs.KeyUp(letter | 0x80))
        line.read()
        keys.read()
        pair.begin()
        links = ahead(pair, ChannelType.INPUTS)
        line.send(main.MigrateConnectedSeamless())
        assert pair.hand_over() == (Outcome(session, "seamless"),)
        carry(line, links[ChannelType.MAIN])
        carry(keys, links[ChannelType.INPUTS])
        line, keys = links[ChannelType.MAIN], links[ChannelType.INPUTS]
        pair.source, pair.there = pair.there, serve(Guest(size=(320, 240)))
        pair.source.session_id = session
        pair.there.server.await_guest()
    assert pair.source.server.guest.program is not None
    assert pair.source.server.guest.program.pack()["place"] == (2, 0)


def test_who_brings_no_data_for_a_channel_begins_anew() -> None:
    """And data that come twice, or for a channel that has begun, mean nothing."""
    pair = Pair()
    line, viewer = watched(pair)
    links = ahead(pair, ChannelType.DISPLAY)
    line.send(main.MigrateConnectedSeamless())
    pair.hand_over()
    data = carry(line, links[ChannelType.MAIN])
    there = links[ChannelType.DISPLAY]
    there.send(display.Init(pixmap_cache_id=1, pixmap_cache_size=1, glz_dictionary_id=1, glz_dictionary_window_size=0))
    assert "SurfaceCreate" in there.names()
    viewer.line.send(common.MigrateFlushMark())
    there.send(viewer.line.read()[-1])
    links[ChannelType.MAIN].send(data, main.MigrateEnd())
    assert there.read() == [] and not there.closed
    assert "Init" not in links[ChannelType.MAIN].names() and not links[ChannelType.MAIN].closed


def test_a_channel_that_is_linked_behind_the_migration_begins_as_any_other() -> None:
    pair = Pair()
    line, _ = pair.source.main(own=SEAMLESS)
    line.read()
    pair.begin()
    links = ahead(pair)
    line.send(main.MigrateConnectedSeamless())
    pair.hand_over()
    carry(line, links[ChannelType.MAIN])
    late = pair.there.link(ChannelType.CURSOR)
    assert "Init" in late.names()


def watched(pair: Pair) -> tuple[Line, Viewer]:
    """A session whose guest is about to go: main's link, and who looks at the display."""
    line, _ = pair.source.main(own=SEAMLESS)
    viewer = Viewer(pair.source)
    viewer.look()
    line.read()
    pair.begin()
    return line, viewer


def early(pair: Pair, *kinds: int) -> tuple[dict[int, Line], dict[int, Line], Viewer]:
    """A session whose guest is at the destination, and of whose channels none is: its links here and there, and who looks."""
    line, _ = pair.source.main(own=SEAMLESS)
    viewer = Viewer(pair.source)
    here = {int(ChannelType.MAIN): line, int(ChannelType.DISPLAY): viewer.line}
    here.update({int(kind): pair.source.link(kind) for kind in kinds})
    viewer.look()
    for each in here.values():
        each.read()
    pair.begin()
    there = ahead(pair, ChannelType.DISPLAY, *kinds)
    line.send(main.MigrateConnectedSeamless())
    line.read()
    pair.hand_over()
    return here, there, viewer


def take_picture_along(pair: Pair, viewer: Viewer, there: Line) -> list[str]:
    """The display channel goes on: what comes there."""
    viewer.look()
    viewer.line.send(common.MigrateFlushMark())
    (data,) = viewer.line.read()
    there.send(data)
    follow(viewer, pair.there, there)
    return [type(value).__name__ for value in viewer.look()]


BEGINNING = ["SetAck", "InvalAllPixmaps", "InvalAllPalettes"]


@pytest.mark.parametrize("when", ("before main", "behind main", "both"))
def test_what_is_drawn_before_the_display_has_come(when: str) -> None:
    """As by a key that is typed at once: it is said when the display channel goes on, and nothing else is."""
    pair = Pair()
    here, there, viewer = early(pair)
    screen = pair.there.server.guest.screens[0]
    if when != "behind main":
        screen.draw(10, 20, np.full((8, 12, 4), 77, np.uint8))
    carry(here[ChannelType.MAIN], there[ChannelType.MAIN])
    if when != "before main":
        pair.there.server.guest.keyboard.key(b"\x1e", True)
    pair.there.collect()
    assert there[ChannelType.DISPLAY].read() == []
    assert take_picture_along(pair, viewer, there[ChannelType.DISPLAY]) == [*BEGINNING, "DrawCopy"]
    assert (viewer.picture() == screen.picture[..., 2::-1]).all()
    assert not (pair.source.server.guest.screens[0].picture == screen.picture).all()
    screen.draw(1, 1, np.full((8, 12, 4), 7, np.uint8))
    viewer.look()
    assert (viewer.picture() == screen.picture[..., 2::-1]).all()


def test_surfaces_and_monitors_that_are_others_before_the_display_has_come() -> None:
    """One goes, one comes, one has another size; one is drawn on, and one is as it was."""
    pair = Pair("chart")

    def surface(number: int, width: int) -> display.SurfaceCreate:
        return display.SurfaceCreate(
            surface_id=number, width=width, height=20, format=SurfaceFmt._32_ARGB, flags=SurfaceFlags(0)
        )

    for number in (1, 2, 3, 4):
        pair.source.server.guest.screens[0].push(surface(number, 20))
        pair.source.server.guest.screens[0].push(put(words(photo(20, 20, number)), 0, 0, number))
    here, there, viewer = early(pair)
    screen = pair.there.server.guest.screens[0]
    for number in (1, 2):
        screen.push(display.SurfaceDestroy(number))
    for number, width in ((2, 30), (5, 40)):
        screen.push(surface(number, width))
        screen.push(put(words(photo(20, 20, 9)), 5, 0, number))
    screen.push(put(words(photo(5, 5, 8)), 3, 3, 3))
    screen.set_heads(display.Head(monitor_id=0, surface_id=0, width=100, height=100, x=0, y=0, flags=0))
    carry(here[ChannelType.MAIN], there[ChannelType.MAIN])
    names = take_picture_along(pair, viewer, there[ChannelType.DISPLAY])
    assert names.count("SurfaceDestroy") == 2 and names.count("SurfaceCreate") == 2 and names.count("DrawCopy") == 3
    assert names.count("MonitorsConfig") == 1
    assert not differs(viewer, screen)
    for number in (2, 3, 4, 5):
        (packed,) = [each for each in screen.pack() if each.surface_id == number]
        assert viewer.canvas.surfaces[number].pixels.astype("<u4").tobytes() == packed.pixels, number


def test_another_primary_surface_before_the_display_has_come() -> None:
    pair = Pair()
    here, there, viewer = early(pair)
    screen = pair.there.server.guest.screens[0]
    screen.draw(0, 0, np.full((8, 12, 4), 77, np.uint8))
    screen.resize(200, 100)
    screen.draw(50, 50, np.full((8, 12, 4), 7, np.uint8))
    carry(here[ChannelType.MAIN], there[ChannelType.MAIN])
    names = take_picture_along(pair, viewer, there[ChannelType.DISPLAY])
    assert names == [*BEGINNING, "SurfaceDestroy", "SurfaceCreate", "DrawCopy", "MonitorsConfig", "Mark"]
    assert (viewer.picture() == screen.picture[..., 2::-1]).all()


def test_a_display_that_nobody_has_watched_comes_whole() -> None:
    """Its channel was linked when the guest was there already: nobody knows what the guest has drawn before."""
    pair = Pair()
    line, viewer = watched(pair)
    links = ahead(pair)
    line.send(main.MigrateConnectedSeamless())
    pair.hand_over()
    screen = pair.there.server.guest.screens[0]
    screen.draw(10, 20, np.full((8, 12, 4), 77, np.uint8))
    there = pair.there.link(ChannelType.DISPLAY, connection_id=pair.there.session_id, own=ALL)
    carry(line, links[ChannelType.MAIN])
    names = take_picture_along(pair, viewer, there)
    assert names == [*BEGINNING, "SurfaceDestroy", "SurfaceCreate", "DrawCopy", "MonitorsConfig", "Mark"]
    assert (viewer.picture() == screen.picture[..., 2::-1]).all()


def test_a_guest_that_comes_a_second_time() -> None:
    """What was drawn by one that could not go on is no matter of the one that comes."""
    pair = Pair()
    line, viewer = watched(pair)
    there = ahead(pair, ChannelType.DISPLAY)
    line.send(main.MigrateConnectedSeamless())
    data = pair.source.server.save()
    pair.there.server.load(data)
    pair.there.server.guest.screens[0].draw(10, 20, np.full((8, 12, 4), 77, np.uint8))
    pair.there.server.load(data)
    pair.source.server.migrate_finish()
    carry(line, there[ChannelType.MAIN])
    assert take_picture_along(pair, viewer, there[ChannelType.DISPLAY]) == BEGINNING


def test_the_pointer_as_it_is_when_its_channel_goes_on() -> None:
    pair = Pair()
    here, there, _ = early(pair, ChannelType.CURSOR)
    pointer = pair.there.server.guest.cursors[0]
    assert pointer.shape is not None
    pointer.set(msgspec.structs.replace(pointer.shape, unique=77))
    pointer.move(30, 40)
    pointer.hide()
    carry(here[ChannelType.MAIN], there[ChannelType.MAIN])
    assert there[ChannelType.CURSOR].names() == ["SetAck", "InvalAll", "Trail", "Set", "Hide"]
    shown = next(value for value in there[ChannelType.CURSOR].values if isinstance(value, cursor.Set))
    assert (shown.position.x, shown.position.y) == (30, 40)
    assert shown.cursor.header is not None and shown.cursor.header.unique == 77


@pytest.mark.parametrize("plays", (False, True))
def test_sound_as_it_is_when_its_channel_goes_on(plays: bool) -> None:
    pair = Pair("chart" if plays else "tone")
    here, there, _ = early(pair, ChannelType.PLAYBACK, ChannelType.RECORD)
    guest = pair.there.server.guest
    guest.speaker.play((lambda frame, frames, rate: np.zeros((frames, 2), np.int16)) if plays else None)
    guest.microphone.listen(plays)
    carry(here[ChannelType.MAIN], there[ChannelType.MAIN])
    assert ("Start" in there[ChannelType.PLAYBACK].names()) is plays
    assert ("Start" in there[ChannelType.RECORD].names()) is plays


def test_what_a_port_says_before_its_channel_has_come() -> None:
    pair = Pair(ports=("org.example.port",))
    pair.there.server.guest.ports.add("org.example.port")
    here, there, _ = early(pair, ChannelType.PORT)
    serial = pair.there.server.guest.ports[10, 0]
    serial.write(b"early")
    serial.set_open(False)
    serial.set_open(True)
    serial.write(b" and ")
    carry(here[ChannelType.MAIN], there[ChannelType.MAIN])
    serial.write(b"less early")
    carry(here[ChannelType.PORT], there[ChannelType.PORT])
    serial.write(b", in time")
    said = there[ChannelType.PORT].read()
    assert said[0] == port.Init(b"org.example.port\0", 1)
    assert b"".join(bytes(value.data) for value in said if isinstance(value, spicevmc.Data)) == b"early and less early, in time"
    assert said[2:4] == [port.Event(PortEvent.CLOSED), port.Event(PortEvent.OPENED)]


def test_what_main_says_before_it_has_come() -> None:
    """A channel that is added, something for the user, and another mouse mode."""
    pair = Pair("chart")
    here, there, _ = early(pair)
    server = pair.there.server
    server.add_channel(ChannelType.CURSOR, 1)
    server.notify("hello")
    server.guest.pointer.set_kind("absolute")
    carry(here[ChannelType.MAIN], there[ChannelType.MAIN])
    said = there[ChannelType.MAIN].read()
    assert main.ChannelsList((main.ChannelId(ChannelType.CURSOR, 1),)) in said
    assert [value.message for value in said if isinstance(value, common.Notify)] == [b"hello"]
    assert [value.supported_modes for value in said if isinstance(value, main.MouseModeMessage)] == [BOTH]


@pytest.mark.parametrize("another", (False, True))
def test_what_the_agent_says_before_main_has_come(another: bool) -> None:
    pair = Pair("chart")
    for wire in (pair.source, pair.there):
        wire.server.guest.agent.set_present(True)
    line, _ = pair.source.main(own=SEAMLESS)
    line.send(main.AgentStart(10))
    line.read()
    pair.source.server.guest.agent.outside = False
    pair.begin()
    there = ahead(pair)
    line.send(main.MigrateConnectedSeamless())
    line.read()
    pair.hand_over()
    agent = pair.there.server.guest.agent
    said = chunks(AgentMessageType.CLIPBOARD_RELEASE, b"\0\0\0\0")
    for data in said:
        agent.say(1, data)
    if another:
        agent.set_present(False)
        agent.set_present(True)
    carry(line, there[ChannelType.MAIN])
    values = there[ChannelType.MAIN].read()
    heard = [bytes(value.data) for value in values if isinstance(value, main.AgentData)]
    assert heard == ([] if another else said)
    names = [type(value).__name__ for value in values if type(value).__name__.startswith("Agent")]
    assert names == (["AgentDisconnected", "AgentConnectedTokens"] if another else ["AgentData"])


def test_a_command_for_a_card_before_its_channel_has_come() -> None:
    pair = Pair("chart", readers=1)
    line, _ = pair.source.main(own=SEAMLESS)
    reader = pair.source.link(ChannelType.SMARTCARD)
    reader.send(vsc.message(VscReaderAdd(b"mine")), vsc.message(VscAtr(bytes.fromhex("3b055350494345")), 0))
    reader.read()
    pair.begin()
    there = ahead(pair, ChannelType.SMARTCARD)
    line.send(main.MigrateConnectedSeamless())
    line.read()
    pair.hand_over()
    moved_reader = pair.there.server.guest.readers[0]
    assert isinstance(moved_reader, CardReader)
    moved_reader.transmit(b"early")
    carry(line, there[ChannelType.MAIN])
    carry(reader, there[ChannelType.SMARTCARD])
    moved_reader.transmit(b"second")
    said = there[ChannelType.SMARTCARD].read()
    assert [vsc.inside(item) for item in said if isinstance(item, SmartcardData)] == [VscApdu(b"early")]
