"""The guest that plays an agent: clipboards, files, monitors, volume, and its screen."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from reference_server.guest import Button, Disk, Guest, Pasted, Position, Wheel
from reference_server.guest.disk import plain_name
from reference_server.guests.agent import PlayedAgent
from reference_server.tests.agent_client import ALL, AgentClient, session
from reference_server.tests.memory import Wire, serve, small
from spiceproto.agent.terms import bits_of
from spiceproto.enums.agent import (
    AgentCapability,
    AgentMessageType,
    AgentReplyError,
    ClipboardType,
    DisplayConfigFlags,
    FileXferStatus,
    MonitorsConfigFlags,
)
from spiceproto.enums.inputs import MouseButton
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import agent, display, inputs, main

TEXT, PNG = ClipboardType.UTF8_TEXT, ClipboardType.IMAGE_PNG
LARGE = bytes(range(256)) * (1 << 16)
"""16 MiB."""


def hear(wire: Wire, client: AgentClient) -> list[Any]:
    """What the agent says; what is long goes out in turns."""
    found = client.hear()
    while wire.server.deadline == wire.now:
        wire.server.tick(wire.now)
        found += client.hear()
    return found


def played(**options: Any) -> tuple[Wire, AgentClient]:
    """An agent that plays alone: nothing that it is given is copied again."""
    guest = small()
    wire = serve(guest, **options)
    PlayedAgent(guest, wire.server.listing.displays)
    line, _ = wire.main()
    client = AgentClient(line)
    line.read()
    client.greet()
    return wire, client


# -- announcements


@pytest.mark.parametrize(
    ("program", "ends"), (("agent", AgentCapability.GUEST_LINEEND_LF), ("agent-crlf", AgentCapability.GUEST_LINEEND_CRLF))
)
def test_what_it_can_do(program: str, ends: AgentCapability) -> None:
    _, client = session(program)
    both = 1 << AgentCapability.GUEST_LINEEND_LF | 1 << AgentCapability.GUEST_LINEEND_CRLF
    assert client.terms.peer & both == 1 << ends
    client.say(client.terms.announce())
    (answer,) = client.hear()
    assert answer.request == 0 and bits_of(answer.caps) == client.terms.peer


def test_a_client_that_announces_nothing_gets_no_clipboard() -> None:
    wire, client = session(capabilities=())
    wire.server.guest.clipboard.copy({TEXT: b"text"})
    assert client.hear() == []


def test_unknown_and_broken_messages_are_ignored() -> None:
    _, client = session()
    for type in (0, 3, 13, 17, 0xFFFFFFFF):
        client.put(type, b"anything")
    for type in (AgentMessageType.CLIPBOARD, AgentMessageType.FILE_XFER_DATA, AgentMessageType.DISPLAY_CONFIG):
        client.put(type, b"")
    client.put(AgentMessageType.MONITORS_CONFIG, b"\xff\xff\xff\xff" + bytes(40))
    assert client.hear() == [agent.Reply(AgentMessageType.MONITORS_CONFIG, AgentReplyError.ERROR)]


def test_a_size_that_nobody_has_makes_it_start_anew() -> None:
    wire, client = session()
    client.line.send(main.AgentData(b"\1\0\0\0\4" + bytes(11) + b"\xff" * 4))
    client.hear()
    assert [type(value).__name__ for value in client.others if "Agent" in type(value).__name__] == [
        "AgentDisconnected",
        "AgentConnectedTokens",
    ]
    client.terms.reset()
    assert client.greet() and wire.server.guest.agent.present


# -- clipboards


def test_what_the_guest_copies_is_pasted_by_the_client() -> None:
    wire, client = session()
    wire.server.guest.clipboard.copy({TEXT: b"text", PNG: b"picture"}, selection=1)
    assert client.hear() == [agent.ClipboardGrabSelectedSerial(selection=1, reserved=bytes(3), serial=0, types=(TEXT, PNG))]
    for kind, data in ((PNG, b"picture"), (TEXT, b"text")):
        client.say(agent.ClipboardRequestSelected(1, bytes(3), kind))
        assert client.hear() == [agent.ClipboardSelected(selection=1, reserved=bytes(3), type=kind, data=data)]
    client.say(agent.ClipboardRequestSelected(1, bytes(3), ClipboardType.IMAGE_BMP))
    assert client.hear() == [agent.ClipboardSelected(selection=1, reserved=bytes(3), type=ClipboardType.NONE, data=b"")]
    wire.server.guest.clipboard.clear(1)
    assert client.hear() == [agent.ClipboardReleaseSelected(1, bytes(3))]


def test_what_the_client_copies_is_pasted_by_the_guest() -> None:
    wire, client = played()
    clipboard = wire.server.guest.clipboard
    got: list[Pasted] = []
    clipboard.watch(got.append, Pasted)
    client.grab(TEXT)
    assert clipboard.owner() == "client" and clipboard.types() == (TEXT,)
    clipboard.paste(TEXT)
    assert client.hear() == [agent.ClipboardRequestSelected(0, bytes(3), TEXT)]
    client.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=TEXT, data=b"text"))
    assert got == [Pasted(0, TEXT, b"text")]
    clipboard.paste(PNG)
    assert got.pop() == Pasted(0, 0, b""), "the client has no picture"
    client.say(agent.ClipboardReleaseSelected(0, bytes(3)))
    assert clipboard.owner() == "nobody"


def test_what_comes_is_copied_again_so_that_it_can_be_pasted() -> None:
    """Text and a picture of 16 MiB, in a guest whose manager of clipboards keeps what is copied."""
    wire, client = session()
    client.grab(TEXT, PNG)
    assert client.hear() == [agent.ClipboardRequestSelected(0, bytes(3), TEXT)]
    client.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=TEXT, data=b"text"))
    assert client.hear() == [agent.ClipboardRequestSelected(0, bytes(3), PNG)]
    client.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=PNG, data=LARGE))
    assert client.hear() == [agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=1, types=(TEXT, PNG))]
    client.say(agent.ClipboardRequestSelected(0, bytes(3), PNG))
    (content,) = hear(wire, client)
    assert content.type == PNG and content.data == LARGE


def test_a_client_that_copies_twice_before_it_is_asked() -> None:
    _, client = session()
    client.grab(TEXT, serial=0)
    client.grab(PNG, serial=1)
    assert [message.type for message in client.hear()] == [TEXT, PNG]
    client.say(
        agent.ClipboardSelected(selection=0, reserved=bytes(3), type=TEXT, data=b"old"),
        agent.ClipboardSelected(selection=0, reserved=bytes(3), type=PNG, data=b"new"),
    )
    assert client.hear() == [agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=2, types=(PNG,))]


def test_no_more_than_the_client_allows() -> None:
    wire, client = session()
    client.say(agent.MaxClipboard(4))
    clipboard = wire.server.guest.clipboard
    clipboard.copy({TEXT: b"12345", PNG: b"1234"})
    client.say(*[agent.ClipboardRequestSelected(0, bytes(3), kind) for kind in (TEXT, PNG)])
    _, text, picture = client.hear()
    assert (text.type, text.data) == (ClipboardType.NONE, b"") and picture.data == b"1234"


def test_what_the_guest_owns_is_told_a_client_that_comes() -> None:
    wire, client = session()
    wire.server.guest.clipboard.copy({TEXT: b"text"})
    client.line.hang_up()
    line, _ = wire.main()
    other = AgentClient(line)
    other.start()
    other.say(other.terms.announce())
    assert other.hear()[1:] == [agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=0, types=(TEXT,))]


def test_typing_copying_and_pasting() -> None:
    """By the keyboard of the guest: Ctrl+C and Ctrl+V."""
    wire, _ = session()
    keys = wire.link(ChannelType.INPUTS)

    def press(*codes: int) -> None:
        keys.send(*[inputs.KeyDown(code) for code in codes], *[inputs.KeyUp(code | 0x80) for code in codes])

    press(0x23)  # H
    press(0x17)  # I
    press(0x1D, 0x2E)
    assert wire.server.guest.clipboard.contents()[TEXT] == b"hi"
    press(0x1D, 0x2F)
    press(0x0E)
    press(0x39)
    press(0x1D, 0x2E)
    assert wire.server.guest.clipboard.contents()[TEXT] == b"hih "


def test_a_client_that_asks_again_and_again_and_takes_nothing() -> None:
    wire, client = session()
    wire.server.guest.clipboard.copy({TEXT: bytes(1 << 20)})
    client.hear()
    client.start(0)
    tracemalloc.start()
    for _ in range(200):
        client.say(agent.ClipboardRequestSelected(0, bytes(3), TEXT))
        client.line.read()
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()
    client.start()
    answers = hear(wire, client)
    assert len(answers) == 200
    # No more than 64 requests wait; the first was answered before there were so many.
    assert 64 <= sum(len(message.data) == 1 << 20 for message in answers) <= 66


def test_a_client_that_only_asks_is_not_listened_to() -> None:
    wire, client = session()
    client.start(0)
    for _ in range(20_000):
        client.say(agent.ClipboardRequestSelected(0, bytes(3), TEXT))
        client.line.read()
        if client.line.closed:
            break
    assert client.line.closed
    assert wire.main()[1].agent_connected


# -- files


def test_a_file_in_a_folder(tmp_path: Path) -> None:
    guest = small()
    guest.disk = Disk(tmp_path)
    _, client = session(guest=guest)
    for number in (7, 8):
        client.offer(number, "a letter.txt", 100_000)
        assert client.hear() == [agent.FileXferStatusMessage(number, FileXferStatus.CAN_SEND_DATA, b"")]
        client.send(number, bytes(60_000))
        assert client.hear() == []
        client.send(number, b"x" * 40_000)
        assert client.hear() == [agent.FileXferStatusMessage(number, FileXferStatus.SUCCESS, b"")]
    expected = bytes(60_000) + b"x" * 40_000
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "a letter.txt": expected,
        "a letter (1).txt": expected,
    }


def test_an_empty_file() -> None:
    wire, client = session()
    client.offer(1, "empty", 0)
    client.send(1, b"")
    assert [message.result for message in client.hear()] == [FileXferStatus.CAN_SEND_DATA, FileXferStatus.SUCCESS]
    assert wire.server.guest.disk.files == {"empty": b""}


@pytest.mark.parametrize("end", ("cancelled", "too much", "client gone", "agent gone"))
def test_a_file_that_does_not_become_whole_is_removed(tmp_path: Path, end: str) -> None:
    guest = small()
    guest.disk = Disk(tmp_path)
    _, client = session(guest=guest)
    client.offer(1, "file", 100)
    client.send(1, bytes(50))
    client.hear()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    if end == "cancelled":
        client.say(agent.FileXferStatusMessage(1, FileXferStatus.CANCELLED, b""))
        assert client.hear() == []
    elif end == "too much":
        client.send(1, bytes(51))
        (status,) = client.hear()
        assert status.result == FileXferStatus.ERROR
    elif end == "client gone":
        client.line.hang_up()
    else:
        guest.agent.set_present(False)
    assert list(tmp_path.iterdir()) == [] and not guest.disk.log[-1].whole


def test_there_is_no_room() -> None:
    _, client = session()
    client.offer(1, "file", 1 << 40)
    (status,) = client.hear()
    assert status.result == FileXferStatus.NOT_ENOUGH_SPACE and len(status.data) == 8
    _, plain = session(capabilities=[each for each in ALL if each != AgentCapability.FILE_XFER_DETAILED_ERRORS])
    plain.offer(1, "file", 1 << 40)
    assert plain.hear() == [agent.FileXferStatusMessage(1, FileXferStatus.ERROR, b"")]


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    guest = small()
    folder = tmp_path / "folder"
    folder.mkdir()
    guest.disk = Disk(folder)
    _, client = session(guest=guest)
    client.offer(1, "file", 10)
    client.hear()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    client.send(1, bytes(10))
    client.offer(2, "file", 10)
    assert [message.result for message in client.hear()] == [FileXferStatus.SUCCESS, FileXferStatus.ERROR]


def test_a_name_is_no_path(tmp_path: Path) -> None:
    guest = small()
    guest.disk = Disk(tmp_path / "in")
    (tmp_path / "in").mkdir()
    _, client = session(guest=guest)
    for number, name in enumerate(("../a", "/etc/b", "c\\d", "..", "e/..", "\0f")):
        client.offer(number, name, 1)
        client.send(number, b"x")
    assert {path.name for path in tmp_path.iterdir()} == {"in"}
    assert all(message.result in (FileXferStatus.CAN_SEND_DATA, FileXferStatus.SUCCESS) for message in client.hear())
    assert {path.name for path in (tmp_path / "in").iterdir()} >= {"a", "b", "d", "f"}


@pytest.mark.parametrize("name", ("", ".", "..", "a/b", "a\\b", "a\0", "a\n", "x" * 256))
def test_names_of_no_file(name: str) -> None:
    assert plain_name(name) is None
    with pytest.raises(ValueError, match="not the name of a file"):
        Disk().create(name, 1)


@pytest.mark.parametrize("whole", (True, False))
def test_a_name_of_which_there_are_too_many(tmp_path: Path, whole: bool) -> None:
    for number in range(10_000):
        (tmp_path / (f"a ({number}).txt" if number else "a.txt")).touch()
    guest = small()
    guest.disk = Disk(tmp_path)
    _, client = session(guest=guest)
    client.offer(1, "a.txt", 2)
    client.send(1, b"xx" if whole else b"x")
    assert [message.result for message in client.hear()] == [FileXferStatus.ERROR]
    client.line.hang_up()
    found = list(tmp_path.iterdir())
    assert len(found) == 10_000 and not any(path.stat().st_size for path in found)


def test_ten_thousand_files_of_one_name() -> None:
    disk = Disk()
    for _ in range(10_000):
        disk.create("a", 0).end(whole=True)
    assert len(disk.files) == 10_000 and "a (9999)" in disk.files
    for name in ("a", "b"):
        with pytest.raises(OSError, match=r"No space|of this name"):
            disk.create(name, 0)


@pytest.mark.parametrize("name", ("\u00e9" * 127, "x" * 255, "x" * 251 + ".txt", "." + "x" * 254, "x." + "y" * 253))
def test_a_long_name_twice(tmp_path: Path, name: str) -> None:
    disk = Disk(tmp_path)
    for _ in range(12):
        disk.create(name, 0).end(whole=True)
    found = [path.name for path in tmp_path.iterdir()]
    assert len(found) == 12 and name in found and all(plain_name(each) for each in found)


# -- monitors


def monitors(*sizes: tuple[int, int], flags: int = 0, at: tuple[tuple[int, int], ...] = ()) -> agent.MonitorsConfig:
    places = at or ((0, 0),) * len(sizes)
    mm = tuple([agent.MonitorMM(height=h // 4, width=w // 4) for w, h in sizes])
    return agent.MonitorsConfig(
        flags=flags,
        monitors=tuple(
            [agent.MonConfig(height=h, width=w, depth=32, x=x, y=y) for (w, h), (x, y) in zip(sizes, places, strict=True)]
        ),
        physical_sizes=mm if flags & MonitorsConfigFlags.PHYSICAL_SIZE else None,
    )


def heads(guest: Guest, number: int = 0) -> list[tuple[int, int, int, int, int]]:
    return [(head.monitor_id, head.width, head.height, head.x, head.y) for head in guest.screens[number].heads]


@pytest.mark.parametrize("flags", (0, MonitorsConfigFlags.PHYSICAL_SIZE))
def test_monitors_are_heads_of_one_display(flags: int) -> None:
    wire, client = session()
    screen = wire.display()
    while screen.read():
        pass
    client.say(monitors((100, 80), (0, 0), (60, 90), flags=flags))
    assert client.hear() == [agent.Reply(AgentMessageType.MONITORS_CONFIG, AgentReplyError.SUCCESS)]
    guest = wire.server.guest
    assert guest.screens[0].size == (160, 90) and heads(guest) == [(0, 100, 80, 0, 0), (2, 60, 90, 100, 0)]
    while screen.read():
        pass
    created = [value for value in screen.values if isinstance(value, display.SurfaceCreate)][-1]
    told = [value for value in screen.values if isinstance(value, display.MonitorsConfig)][-1]
    assert (created.width, created.height) == (160, 90) and [head.width for head in told.heads] == [100, 60]


def test_monitors_where_the_client_wants_them() -> None:
    wire, client = session()
    client.say(monitors((100, 80), (60, 90), flags=MonitorsConfigFlags.USE_POS, at=((50, -10), (-10, 0))))
    assert heads(wire.server.guest) == [(0, 100, 80, 60, 0), (1, 60, 90, 0, 10)]
    assert wire.server.guest.screens[0].size == (160, 100)


def test_monitors_are_displays() -> None:
    wire, client = session(displays=2)
    client.say(monitors((100, 80), (60, 90), (50, 50)))
    guest = wire.server.guest
    assert [guest.screens[number].size for number in (0, 1)] == [(100, 80), (60, 90)]
    assert client.hear() == [agent.Reply(AgentMessageType.MONITORS_CONFIG, AgentReplyError.SUCCESS)]


@pytest.mark.parametrize(
    "sizes", ([], [(0, 0)], [(20_000, 10)], [(16_000, 16_000)], [(10, 10)] * 257, [(0xFFFFFFFF, 0xFFFFFFFF)])
)
def test_monitors_that_can_not_be(sizes: list[tuple[int, int]]) -> None:
    wire, client = session()
    client.say(monitors(*sizes))
    assert client.hear() == [agent.Reply(AgentMessageType.MONITORS_CONFIG, AgentReplyError.ERROR)]
    assert wire.server.guest.screens[0].size == (64, 48)


# -- settings, and the pointer


def test_volume() -> None:
    wire, client = session()
    guest = wire.server.guest
    client.say(agent.AudioVolumeSync(is_playback=1, mute=1, volume=(100, 200)))
    client.say(agent.AudioVolumeSync(is_playback=0, mute=0, volume=(300,)))
    client.say(agent.AudioVolumeSync(is_playback=0, mute=0, volume=()))
    assert (guest.speaker.volume, guest.speaker.muted) == ((100, 200), True)
    assert (guest.microphone.volume, guest.microphone.muted) == ((300, 300), False)


def test_a_plain_desktop() -> None:
    wire, client = session()
    before = wire.server.guest.screens[0].picture.copy()
    client.say(agent.DisplayConfig(DisplayConfigFlags.DISABLE_WALLPAPER, 0))
    assert client.hear() == [agent.Reply(AgentMessageType.DISPLAY_CONFIG, AgentReplyError.SUCCESS)]
    assert (wire.server.guest.screens[0].picture[-1, -1] != before[-1, -1]).any()


def test_it_moves_the_pointer() -> None:
    wire, client = session()
    told: list[Any] = []
    wire.server.guest.pointer.watch(told.append)
    mouse = wire.link(ChannelType.INPUTS)
    client.line.send(main.MouseModeRequest(MouseMode.CLIENT))
    mouse.send(
        inputs.MousePosition(x=11, y=12, buttons_state=0, display_id=0),
        inputs.MousePress(button=1, buttons_state=1),
        inputs.MousePress(button=5, buttons_state=1),
        inputs.MouseRelease(button=5, buttons_state=1),
    )
    mouse.hang_up()
    assert told[0] == Position(x=11, y=12, display=0, buttons=0)
    events = [each for each in told if not isinstance(each, Position)]
    assert events == [Button(MouseButton.LEFT, True), Wheel(1), Button(MouseButton.LEFT, False)]


def test_it_lets_go_of_buttons_when_it_goes() -> None:
    wire, client = session()
    told: list[Any] = []
    wire.server.guest.pointer.watch(told.append, Button)
    mouse = wire.link(ChannelType.INPUTS)
    client.line.send(main.MouseModeRequest(MouseMode.CLIENT))
    mouse.send(inputs.MousePress(button=3, buttons_state=4))
    assert wire.server.guest.program is not None
    wire.server.guest.program.stop()
    assert told == [Button(MouseButton.RIGHT, True), Button(MouseButton.RIGHT, False)]
    assert not wire.server.guest.agent.present
