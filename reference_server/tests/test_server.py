"""The server without sockets, and a client of the library's."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_server import Options, RecordingGuest, Server
from reference_server.guest import Button, Key, Motion, Position, Wheel
from reference_server.tests.memory import COMMON, Line, Wire, serve, ticket_key
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, DisplayCapability
from spiceproto.enums.common import NotifySeverity
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton, MouseButtonMask
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.link import mechanisms
from spiceproto.messages import common, cursor, display, inputs, main

BOTH = MouseMode.SERVER | MouseMode.CLIENT
PIECES = pytest.mark.parametrize("piece", (0, 1), ids=("at-once", "byte-by-byte"))


def small(**options: object) -> RecordingGuest:
    return RecordingGuest(size=(64, 48), **options)


def error(line: Line) -> object:
    assert line.refused is not None
    assert line.closed
    return line.refused.error


# -- the beginning of a session


@PIECES
def test_main(piece: int) -> None:
    wire = serve(small(), piece=piece, name="guest", uuid=b"u" * 16)
    line, init = wire.main()
    assert init.session_id and init.display_channels_hint == 1
    assert (init.supported_mouse_modes, init.current_mouse_mode) == (MouseMode.SERVER, MouseMode.SERVER)
    assert line.values[1:3] == [main.Name(b"guest\0"), main.Uuid(b"u" * 16)]
    assert isinstance(line.values[3], common.Ping) and len(line.values) == 4
    line.send(main.AttachChannels(), main.AttachChannels())
    channels = [(ChannelType.INPUTS, 0), (ChannelType.DISPLAY, 0), (ChannelType.CURSOR, 0)]
    lists = line.read()
    assert len(lists) == 2 and lists[0] == lists[1]
    assert [(item.type, item.id) for item in lists[0].channels] == channels


@PIECES
def test_display_and_cursor(piece: int) -> None:
    guest = small()
    wire = serve(guest, piece=piece, displays=2)
    wire.main()
    line = wire.link(ChannelType.DISPLAY, 1)
    assert line.read() == [], "nothing before the client's INIT"
    line.send(display.Init(1, 1 << 20, 1, 1 << 20))
    ack, palettes, surface, copy, monitors, mark = line.read()
    assert ack == common.SetAck(1, 20) and palettes == display.InvalAllPalettes() and mark == display.Mark()
    assert (surface.surface_id, surface.width, surface.height) == (0, 64, 48)
    assert copy.data.src_bitmap.bitmap.data == guest.screen(1).tobytes()
    assert [(head.width, head.height) for head in monitors.heads] == [(64, 48)]
    pointer = wire.link(ChannelType.CURSOR, 1)
    assert [type(value) for value in pointer.read()] == [common.SetAck, cursor.Init]


def test_without_capabilities() -> None:
    wire = serve(small())
    line = wire.link(common=NONE, own=NONE)
    init, ping = line.read()
    assert isinstance(init, main.Init)
    assert isinstance(ping, common.Ping)
    wire.session_id = init.session_id
    assert "MonitorsConfig" not in wire.display(common=NONE, own=NONE).names()


@PIECES
def test_full_headers(piece: int) -> None:
    wire = serve(small(), piece=piece)
    line, _ = wire.main(common=COMMON.without(CommonCapability.MINI_HEADER))
    line.send(main.AttachChannels())
    assert line.names() == ["ChannelsList"]


# -- links


@pytest.mark.parametrize("password", ("", "wrong", "sesame ", "x" * 60))
def test_wrong_password(password: str) -> None:
    assert error(serve(password=b"sesame").link(password=password)) == LinkErr.PERMISSION_DENIED


def test_password_expires_for_each_channel_and_changes() -> None:
    wire = serve(small(), password=b"sesame", password_expires=5.0)
    line, _ = wire.main(password="sesame")
    wire.wait(6)
    assert error(wire.link(ChannelType.INPUTS, password="sesame")) == LinkErr.PERMISSION_DENIED
    wire.server.set_password("other")
    assert wire.link(ChannelType.INPUTS, password="other").refused is None
    line.send(main.AttachChannels())
    assert "ChannelsList" in line.names() and not line.closed


@pytest.mark.parametrize(
    ("kind", "id", "connection_id", "expected"),
    (
        (ChannelType.DISPLAY, 77, None, LinkErr.CHANNEL_NOT_AVAILABLE),
        (ChannelType.TUNNEL, 0, None, LinkErr.CHANNEL_NOT_AVAILABLE),
        (200, 0, None, LinkErr.CHANNEL_NOT_AVAILABLE),
        (ChannelType.DISPLAY, 0, 0, LinkErr.BAD_CONNECTION_ID),
        (ChannelType.DISPLAY, 0, 0x5EED, LinkErr.BAD_CONNECTION_ID),
        (ChannelType.MAIN, 0, 0x5EED, LinkErr.BAD_CONNECTION_ID),
    ),
)
def test_refused(kind: int, id: int, connection_id: int | None, expected: LinkErr) -> None:
    wire = serve(small())
    line, _ = wire.main()
    assert error(wire.link(kind, id, connection_id)) == expected
    assert not line.closed


def test_a_channel_is_linked_once() -> None:
    wire = serve(small())
    wire.main()
    first = wire.link(ChannelType.INPUTS)
    assert error(wire.link(ChannelType.INPUTS)) == LinkErr.CHANNEL_NOT_AVAILABLE
    assert not first.closed
    first.hang_up()
    assert wire.link(ChannelType.INPUTS).refused is None


def test_secured_channels() -> None:
    wire = serve(small(), secured=("inputs",), unsecured=("display",))
    line, _ = wire.main()
    assert error(wire.link(ChannelType.INPUTS)) == LinkErr.NEED_SECURED
    assert error(wire.link(ChannelType.DISPLAY, secure=True)) == LinkErr.NEED_UNSECURED
    assert wire.link(ChannelType.INPUTS, secure=True).refused is None
    assert "Notify" not in line.names()


@pytest.mark.parametrize("mechanism", mechanisms.MECHANISMS)
@pytest.mark.parametrize(("password", "good"), (("sesame", True), ("wrong", False)))
def test_sasl(mechanism: str, password: str, good: bool) -> None:
    wire = serve(small(), sasl=True, ticket=False, sasl_users={"user": "sesame"})
    common_bits = COMMON.with_(CommonCapability.AUTH_SASL)
    line = wire.link(common=common_bits, sasl=mechanisms.client("user", password, (mechanism,)))
    assert (line.refused is None) == good
    if good:
        assert isinstance(line.read()[0], main.Init)
    assert error(wire.link(common=NONE)) == LinkErr.VERSION_MISMATCH


def test_silent_links_are_given_up() -> None:
    wire = serve(small(), link_timeout=60.0)
    silent = wire.connect()
    slow = wire.connect()
    for _ in range(7):
        wire.wait(40)
        if not slow.closed:
            slow.write(b"R" if wire.now < 80 else b"")
        assert silent.closed == (wire.now >= 60)
    assert slow.closed


def test_a_byte_now_and_then_does_not_hold_a_link_for_ever() -> None:
    wire = serve(small(), link_timeout=60.0)
    slow = wire.connect()
    message = b"REDQ\2\0\0\0\2\0\0\0\0\1\0\0" + bytes(200)
    for byte in message:
        if slow.closed:
            break
        slow.write(bytes([byte]))
        wire.wait(30)
    assert slow.closed and wire.now <= 300


def test_many_links_are_open_and_another_one_is_served() -> None:
    wire = serve(small(), unfinished_links=20)
    crowd = [wire.connect() for _ in range(50)]
    for line in crowd:
        if not line.closed:
            line.write(b"REDQ")
    assert sum(not line.closed for line in crowd) == 20
    line, _ = wire.main()
    assert not line.closed


# -- sessions


def test_a_second_client_takes_over_once_it_has_logged_in() -> None:
    wire = serve(small(), password=b"sesame")
    first, _ = wire.main(password="sesame")
    keys = wire.link(ChannelType.INPUTS, password="sesame")
    first.read()
    wire.link(password="wrong")
    assert not first.closed
    _, init = wire.main(password="sesame")
    assert first.closed and keys.closed and list(wire.server.sessions) == [init.session_id]
    assert first.read() == [common.Disconnecting(0, LinkErr.ERROR)]


def test_many_sessions() -> None:
    wire = serve(small(), multi_client=True)
    lines = [wire.main() for _ in range(5)]
    assert len({init.session_id for _, init in lines}) == 5
    assert not any(line.closed for line, _ in lines)
    lines[2][0].hang_up()
    assert lines[2][1].session_id not in wire.server.sessions and len(wire.server.sessions) == 4


def test_losing_main_ends_all_and_losing_another_does_not() -> None:
    wire = serve(small())
    line, _ = wire.main()
    pointer, screen = wire.link(ChannelType.CURSOR), wire.display()
    pointer.hang_up()
    line.send(main.AttachChannels())
    assert "ChannelsList" in line.names() and not screen.closed
    line.hang_up()
    assert screen.closed and not wire.server.sessions


def test_shutdown() -> None:
    wire = serve(small())
    line, _ = wire.main()
    keys, half = wire.link(ChannelType.INPUTS), wire.connect()
    wire.server.shutdown()
    assert line.read()[-1] == common.Disconnecting(0, LinkErr.OK)
    assert line.closed and keys.closed and half.closed and wire.server.deadline is None


def test_a_channel_is_added() -> None:
    guest = small(pointer="absolute")
    wire = serve(guest)
    line, init = wire.main()
    assert init.supported_mouse_modes == BOTH
    line.read()
    wire.server.add_channel(ChannelType.CURSOR, 1)
    assert line.read() == [], "no list before ATTACH_CHANNELS"
    line.send(main.AttachChannels(), main.MouseModeRequest(MouseMode.CLIENT))
    line.read()
    wire.server.add_channel(ChannelType.DISPLAY, 1)
    # With two displays a tablet does not know which one it points at.
    expected = [main.ChannelsList((main.ChannelId(2, 1),)), main.MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER)]
    assert line.read() == expected
    with pytest.raises(ValueError, match="type 7"):
        wire.server.add_channel(7, 0)


def test_notify_and_the_warning_about_inputs() -> None:
    wire = serve(small())
    line, _ = wire.main()
    line.read()
    wire.link(ChannelType.INPUTS)
    wire.server.notify("hello", NotifySeverity.ERROR)
    warning, notice = line.read()
    assert warning.severity == NotifySeverity.WARN
    assert (notice.severity, notice.message, notice.terminator) == (NotifySeverity.ERROR, b"hello", b"\0")


@pytest.mark.parametrize(("seamless", "answer"), ((False, main.MigrateDstSeamlessNack()), (True, main.MigrateDstSeamlessAck())))
def test_the_destination_of_a_migration(seamless: bool, answer: object) -> None:
    wire = serve(small(), seamless=seamless)
    wire.server.expect_migration(77)
    line = wire.link(connection_id=77)
    assert line.refused is None and line.read() == []
    line.send(main.MigrateDstDoSeamless(1), main.MigrateDstDoSeamless(1), main.AttachChannels())
    assert line.read() == [answer]
    wire.session_id = 77
    screen = wire.link(ChannelType.DISPLAY)
    wire.wait(40)
    assert not screen.closed
    line.send(common.MigrateData(b"state") if seamless else main.MigrateEnd())
    first = line.read()[0]
    assert type(first).__name__ == ("Ping" if seamless else "Init")
    assert seamless or first.session_id == 77
    line.send(main.MigrateDstDoSeamless(1), main.AttachChannels())
    assert line.names() == ["ChannelsList"]
    assert error(wire.link(connection_id=77)) == LinkErr.BAD_CONNECTION_ID, "a migration is over once"


def test_the_agent() -> None:
    guest = small()
    wire = serve(guest, multi_client=True)
    knows, _ = wire.main()
    does_not, _ = wire.main(own=NONE)
    for line in (knows, does_not):
        line.read()
    knows.send(main.AgentStart(10), main.AgentData(b"lost"))
    assert knows.read() == []
    guest.set_agent(True)
    mode = main.MouseModeMessage(BOTH, MouseMode.SERVER)
    assert knows.read() == [main.AgentConnectedTokens(10), mode]
    assert does_not.read() == [main.AgentConnected(), mode]
    knows.send(main.AgentData(b"data"))
    assert knows.read() == [main.AgentToken(1)]
    guest.set_agent(False)
    assert knows.names() == ["AgentDisconnected", "MouseModeMessage"]


# -- time


def test_a_client_that_answers_pings_stays_and_one_that_does_not_goes() -> None:
    wire = serve(small(), ping_interval=10.0, silence=30.0)
    line, _ = wire.main()
    keys = wire.link(ChannelType.INPUTS)
    for _ in range(30):
        wire.wait(10)
        assert "Ping" in line.names()
    assert not line.closed
    for _ in range(10):
        # No PONG, but a movement now and then: alive.
        wire.wait(10)
        keys.send(inputs.MouseMotion(1, 1, 0))
    assert not line.closed
    wire.wait(29)
    assert not line.closed
    wire.wait(2)
    assert line.closed and keys.closed


def test_padding_of_the_first_ping() -> None:
    wire = serve(small(), ping_padding=256_000)
    line, _ = wire.main()
    wire.wait(10)
    line.read()
    assert [len(ping.data) for ping in line.values if isinstance(ping, common.Ping)] == [256_000, 0]


def test_display_init_does_not_come() -> None:
    wire = serve(small(), ping_interval=None)
    line, _ = wire.main()
    screen = wire.link(ChannelType.DISPLAY)
    wire.wait(29.5)
    assert not screen.closed
    wire.wait(1)
    assert screen.closed and not line.closed


# -- mouse and keys


def test_mouse_modes() -> None:
    guest = small()
    wire = serve(guest)
    line, _ = wire.main()
    line.read()
    for mode in (MouseMode.CLIENT, 0, 3, 65535, MouseMode.SERVER):
        line.send(main.MouseModeRequest(mode))
    assert line.read() == []
    guest.set_pointer("absolute")
    assert line.read() == [main.MouseModeMessage(BOTH, MouseMode.SERVER)]
    line.send(main.MouseModeRequest(3), main.MouseModeRequest(MouseMode.CLIENT), main.MouseModeRequest(MouseMode.CLIENT))
    assert line.read() == [main.MouseModeMessage(BOTH, MouseMode.CLIENT)]
    guest.set_pointer("relative")
    assert line.read() == [main.MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER)]


@PIECES
def test_movements(piece: int) -> None:
    guest = small(pointer="absolute")
    wire = serve(guest, piece=piece)
    line, _ = wire.main()
    keys = wire.link(ChannelType.INPUTS)
    keys.read()
    keys.send(*[inputs.MouseMotion(-1, 2, MouseButtonMask.LEFT)] * 3)
    assert keys.read() == []
    keys.send(inputs.MousePosition(5, 6, 0, 0))
    assert keys.read() == [inputs.MouseMotionAck()]
    assert guest.events == [Motion(-1, 2, 1)] * 3
    line.send(main.MouseModeRequest(MouseMode.CLIENT))
    keys.send(*[inputs.MousePosition(7, 8, 0, 0), inputs.MouseMotion(9, 9, 0)] * 4)
    assert keys.read() == [inputs.MouseMotionAck()] * 2
    assert guest.events[3:] == [Position(7, 8, 0, 0)] * 4


def test_buttons_and_wheel_and_what_is_held_goes_up() -> None:
    guest = small()
    wire = serve(guest)
    wire.main()
    keys = wire.link(ChannelType.INPUTS)
    for button in (MouseButton.LEFT, MouseButton.UP, MouseButton.EXTRA, MouseButton.INVALID, 99):
        keys.send(inputs.MousePress(button, 0))
    keys.send(inputs.MouseRelease(MouseButton.UP, 0), inputs.MouseRelease(MouseButton.LEFT, 0), inputs.MouseRelease(99, 0))
    keys.send(inputs.KeyDown(0x1E), inputs.KeyDown(0x48E0), inputs.KeyUp(0x9E))
    down = [Button(1, True), Wheel(-1), Button(7, True), Button(1, False), Key("1e", True), Key("e048", True), Key("1e", False)]
    assert guest.events == down
    keys.hang_up()
    assert guest.events[len(down) :] == [Key("e048", False), Button(7, False)]


@given(cuts=st.lists(st.integers(0, 12), max_size=4))
def test_scan_codes_in_any_pieces(cuts: list[int]) -> None:
    guest = small()
    wire = serve(guest)
    wire.main()
    keys = wire.link(ChannelType.INPUTS)
    data = bytes.fromhex("1e e048 e11d45 9e e0c8 e11dc5")
    for start, stop in itertools.pairwise([0, *sorted(cuts), len(data)]):
        keys.send(inputs.KeyScancode(data[start:stop]))
    codes = ("1e", "e048", "e11d45")
    assert guest.events == [Key(code, down) for down in (True, False) for code in codes]


def test_lock_keys() -> None:
    guest = small()
    guest.set_locks(KeyboardModifierFlags.NUM_LOCK)
    wire = serve(guest)
    wire.main()
    keys = wire.link(ChannelType.INPUTS)
    assert keys.read() == [inputs.Init(KeyboardModifierFlags.NUM_LOCK)]
    keys.send(inputs.KeyModifiers(KeyboardModifierFlags.CAPS_LOCK))
    assert keys.read() == [inputs.KeyModifiers(KeyboardModifierFlags.CAPS_LOCK)]
    keys.send(inputs.KeyDown(0x3A), inputs.KeyDown(0x3A), inputs.KeyUp(0xBA))
    assert keys.read() == [inputs.KeyModifiers(KeyboardModifierFlags(0))], "a repetition of the press is not another one"


# -- the window


def test_the_window_is_respected_and_nothing_is_lost() -> None:
    guest = small()
    wire = serve(guest)
    wire.main()
    screen = wire.display()
    wire.collect()
    received = screen.data
    guest.animate(200)
    wire.collect()
    # 5 messages of the beginning are under way, and as many as make 41 may follow.
    member = wire.server.sessions[wire.session_id].members[ChannelType.DISPLAY, 0]
    assert len(screen.data) > len(received) and member.waiting == 200 - 36
    for _ in range(20):
        screen.read()
    assert sum(isinstance(value, display.DrawCopy) for value in screen.values) == 201
    assert member.waiting == 0


def test_a_client_that_does_not_acknowledge_is_given_up() -> None:
    guest = RecordingGuest(size=(256, 256))
    wire = serve(guest, queue=1 << 20)
    line, _ = wire.main()
    screen = wire.display()
    for _ in range(100):
        guest.paint(guest.screen() + 1)
    wire.collect()
    assert screen.closed and not line.closed


def test_another_size() -> None:
    guest = small()
    wire = serve(guest)
    wire.main()
    screen = wire.display()
    screen.read()
    guest.paint(guest.screen()[:20, :30])
    assert screen.names() == ["SurfaceDestroy", "SurfaceCreate", "DrawCopy", "MonitorsConfig", "Mark"]
    assert screen.values[-4].width == 30


# -- what clients should not send


@pytest.mark.parametrize("kind", (ChannelType.MAIN, ChannelType.INPUTS, ChannelType.CURSOR, ChannelType.DISPLAY))
@pytest.mark.parametrize("message", ((250, b""), (200, bytes(10)), (4, b"x" * 1025), (3, b"short")), ids=str)
def test_messages_that_close_a_channel(kind: ChannelType, message: tuple[int, bytes]) -> None:
    wire = serve(small())
    line, _ = wire.main()
    victim = line if kind == ChannelType.MAIN else wire.link(kind)
    other = wire.link(ChannelType.CURSOR if kind != ChannelType.CURSOR else ChannelType.INPUTS)
    assert victim.channel is not None
    victim.write(victim.channel.send_raw(*message))
    assert victim.closed
    assert line.closed == other.closed == (kind == ChannelType.MAIN)


_garbage = st.one_of(
    st.binary(max_size=300),
    st.tuples(st.integers(0, 300), st.binary(max_size=40)).map(
        lambda pair: pair[0].to_bytes(2, "little") + len(pair[1]).to_bytes(4, "little") + pair[1]
    ),
)


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from([ChannelType.MAIN, ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR]),
    pieces=st.lists(_garbage, max_size=8),
    full=st.booleans(),
)
def test_garbage_in_messages_raises_nothing(kind: ChannelType, pieces: list[bytes], full: bool) -> None:
    wire = serve(small(pointer="absolute"))
    bits = COMMON.without(CommonCapability.MINI_HEADER) if full else COMMON
    line, _ = wire.main(common=bits)
    victim = line if kind == ChannelType.MAIN else wire.link(kind, common=bits)
    for piece in pieces:
        victim.write(piece)
    wire.wait(100)
    another, _ = wire.main()
    another.send(main.AttachChannels())
    assert "ChannelsList" in another.names()


@settings(max_examples=150, deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=400).map(lambda rest: b"REDQ\2\0\0\0\2\0\0\0" + rest),
        st.binary(min_size=18, max_size=60).map(lambda body: b"REDQ\2\0\0\0\2\0\0\0" + len(body).to_bytes(4, "little") + body),
    )
)
def test_garbage_in_links_raises_nothing(data: bytes) -> None:
    whole, pieces = serve(small()), serve(small(), piece=1)
    lines = [wire.connect() for wire in (whole, pieces)]
    for line in lines:
        line.write(data)
    assert lines[0].closed == lines[1].closed
    # A good beginning is answered with a key, which is another one each time.
    assert len(lines[0].data) == len(lines[1].data)
    if lines[0].closed:
        assert lines[0].data == lines[1].data
    for wire in (whole, pieces):
        wire.wait(300)
    assert all(line.closed for line in lines)


def test_announced_capabilities_can_be_chosen() -> None:
    only: dict[int, Capabilities] = {ChannelType.DISPLAY: NONE.with_(DisplayCapability.COMPOSITE)}
    options = Options(capabilities=only, ticket_key=ticket_key)
    assert options.announced(ChannelType.DISPLAY) == Capabilities(0, 1 << DisplayCapability.COMPOSITE)
    assert options.announced(ChannelType.MAIN).has(CommonCapability.AUTH_SPICE)
    assert Wire(Server(options, small())).main()[1].session_id
