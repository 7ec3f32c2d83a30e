"""Clients: mouse mode, movements, buttons (spec/04-mouse.md)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_server import BOTH_MODES, SuiteServer
from conformance.case import client_case
from conformance.outcome import Failure
from conformance.talk import Talk, named
from spiceproto.enums.inputs import MouseButton, MouseButtonMask
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, inputs, main

_SERVER: Final = MouseMode.SERVER
_CLIENT: Final = MouseMode.CLIENT
_KIND: Final = {_SERVER: "MOUSE_MOTION", _CLIENT: "MOUSE_POSITION"}
_MOVEMENTS: Final = ("MOUSE_MOTION", "MOUSE_POSITION")
_BUNCH: Final = 4
_WINDOW: Final = 2 * _BUNCH
_MANY: Final = 30
_TURNS: Final = 12
_AFTER_MOTIONS: Final = ("SPICE-MOUSE-012/in-server-mode",)
_AFTER_POSITIONS: Final = ("SPICE-MOUSE-013/in-client-mode",)


# -- steps that several cases share


def _mode(mode: int) -> str:
    return {1: "SERVER (1)", 2: "CLIENT (2)"}.get(mode, str(mode))


def _button(event: Any) -> str:
    """A press or release for people."""
    return f"{named(MouseButton, int(event.button))} with buttons_state {int(event.buttons_state):#x}"


class _Pointer:
    """The inputs channel of a session, and what the client has said of its pointer.

    ``moves`` are its movements, in order; ``open`` of them are not acknowledged.
    """

    def __init__(self, server: SuiteServer, talk: Talk, mouse: Talk) -> None:
        self.server = server
        self.talk = talk
        self.mouse = mouse
        self.moves: list[tuple[str, Any]] = []
        self.open = 0
        self._ping = 1000

    def act(self, mode: int, number: int) -> None:
        """One movement of the user, of the kind that the mode is for."""
        if mode == _SERVER:
            self.server.act("motion", dx=3, dy=-2)
        else:
            self.server.act("position", x=10 + number, y=20 + 2 * number, display=0)

    def gather(self, wanted: int = 0, within: float | None = None) -> list[tuple[str, Any]]:
        """The movements that the client sends before it answers a ping; first some time for ``wanted`` of them to come."""
        before = len(self.moves)
        patience = self.server.network.quiet if within is None else within
        self.server.run(lambda: self._waiting() >= wanted or self.mouse.closed, patience)
        self._ping += 1
        self.mouse.send(common.Ping(self._ping, 7, b""), text="PING, behind whose answer there is nothing old")
        while True:
            message = self.mouse.expect_message(*_MOVEMENTS, "PONG", text="movements, then PONG")
            if message.value is None:
                raise Failure(f"a well-formed {message.name}", message.error)
            if message.name == "PONG":
                if message.value.id == self._ping:
                    break
                continue
            self.moves.append((message.name, message.value))
            self.open += 1
        return self.moves[before:]

    def place(self) -> tuple[int, int] | None:
        """Where the last movement put the pointer; None if it was no position."""
        if not self.moves or self.moves[-1][0] != "MOUSE_POSITION":
            return None
        return self.moves[-1][1].x, self.moves[-1][1].y

    def _waiting(self) -> int:
        self.server.settled()
        return sum(message.name in _MOVEMENTS for message in self.mouse.inbox)

    def acknowledge(self) -> None:
        """MOUSE_MOTION_ACK for four movements."""
        self.open -= _BUNCH
        self.mouse.send(inputs.MouseMotionAck())

    def settle(self) -> None:
        """Acknowledge as a server does until the client has nothing more to say."""
        for _ in range(_TURNS):
            if self.open < _BUNCH:
                return
            while self.open >= _BUNCH:
                self.acknowledge()
            self.gather(1)

    def acted(self, mode: int, count: int = 1, *, first: int = 0) -> list[tuple[str, Any]]:
        """Movements of the user, each awaited and acknowledged in time; what the client said of them. Raises Failure."""
        found: list[tuple[str, Any]] = []
        for number in range(first, first + count):
            self.act(mode, number)
            found += self.gather(1, self.server.network.patience if not found else None)
            while self.open >= _BUNCH:
                self.acknowledge()
        if not found:
            raise Failure(f"{_KIND[MouseMode(mode)]}, for the pointer was moved in mode {_mode(mode)}", "no movement")
        return found


def _pointer(server: SuiteServer, mode: int, supported: int = BOTH_MODES) -> _Pointer:
    """A session with an inputs channel in a mouse mode that MOUSE_MODE has told, with INIT before it."""
    # INIT says something else, so that there is a change to tell.
    init = server.init(supported=BOTH_MODES if mode == _CLIENT or supported == _SERVER else _SERVER, current=_SERVER)
    pointer = _opened(server, init)
    pointer.talk.send(main.MouseModeMessage(supported, mode))
    server.alive(pointer.talk)
    return pointer


def _used(server: SuiteServer) -> _Pointer:
    """A session in mode SERVER in which the pointer was moved before: windows take the pointer with a click of their own."""
    pointer = _pointer(server, _SERVER, _SERVER)
    if server.target.meets("act:motion"):
        pointer.acted(_SERVER)
        server.quiet()
        pointer.gather()
    return pointer


def _opened(server: SuiteServer, init: main.Init) -> _Pointer:
    """A session with an inputs channel that the client has opened: before that it has nothing to move with."""
    talk, mouse = server.inputs(init=init)
    server.alive(mouse)
    return _Pointer(server, talk, mouse)


def _all_of(server: SuiteServer, moves: list[tuple[str, Any]], mode: int, *, fresh: bool) -> None:
    """Movements of the kind that the mode wants; ``fresh`` if the session began in that mode."""
    kinds = [name for name, _ in moves]
    wanted = _KIND[MouseMode(mode)]
    wrong = len(kinds) - kinds.count(wanted)
    if fresh and mode == _SERVER and wrong == 1 and len(kinds) > 1:
        server.tolerate("one position in mode SERVER")
    elif wrong:
        raise Failure(f"{wanted} and nothing else in mode {_mode(mode)}", ", ".join(kinds))


# -- 4.1 mode


@client_case("SPICE-MOUSE-002/server-mode", _SERVER.value, _SERVER.value, also=("SPICE-MOUSE-012",), channel="inputs",
             needs=("act:motion",), after=_AFTER_MOTIONS)  # fmt: skip
@client_case("SPICE-MOUSE-002/server-mode-of-two", _SERVER.value, 3, also=("SPICE-MOUSE-012",), channel="inputs",
             needs=("act:motion",), after=_AFTER_MOTIONS)  # fmt: skip
@client_case("SPICE-MOUSE-002/client-mode", _CLIENT.value, 3, also=("SPICE-MOUSE-013",), channel="inputs",
             needs=("act:position",), after=_AFTER_POSITIONS)  # fmt: skip
def mode_of_init(server: SuiteServer, mode: int, supported: int) -> None:
    """INIT says the mode and no MOUSE_MODE ever comes: the client moves in that mode. Mode, supported modes."""
    pointer = _opened(server, server.init(supported=supported, current=mode))
    _all_of(server, pointer.acted(mode, 3), mode, fresh=True)
    server.alive(pointer.talk)


@client_case("SPICE-MOUSE-007/asks-for-a-mode", channel="main", needs=("act:mouse-mode",))
def asks_for_a_mode(server: SuiteServer) -> None:
    """The client is told to ask for one mode and the other: a request each, with one bit."""
    talk = server.session(init=server.init(current=_SERVER))
    for name, mode in (("client", _CLIENT), ("server", _SERVER)):
        server.alive(talk)
        server.act("mouse-mode", mode=name)
        asked = 0
        while asked != mode:
            # The client may have asked of its own accord, too.
            asked = int(talk.expect("MOUSE_MODE_REQUEST", text=f"MOUSE_MODE_REQUEST {_mode(mode)}").mode)
            if asked not in (_SERVER, _CLIENT):
                server.tolerate(f"a request for mode {asked}")
        talk.send(main.MouseModeMessage(BOTH_MODES, mode))


@client_case("SPICE-MOUSE-008/nothing-before-init", channel="main")
def no_request_before_init(server: SuiteServer) -> None:
    """INIT is late: until it comes the client asks for no mouse mode."""
    wire = server.accept()
    wire.link_message()
    talk = server.establish(wire)
    server.quiet()
    if talk.count("MOUSE_MODE_REQUEST"):
        raise Failure("no MOUSE_MODE_REQUEST before INIT", f"{talk.count('MOUSE_MODE_REQUEST')}")
    talk.send(server.init())
    server.alive(talk)


@client_case("SPICE-MOUSE-011/both-supported", also=("SPICE-MOUSE-007",), channel="main")
def asks_for_client(server: SuiteServer) -> None:
    """In mode SERVER with both supported the client may ask for CLIENT; when it has got it, it asks no more."""
    talk = server.session(init=server.init(supported=BOTH_MODES, current=_SERVER))
    server.alive(talk)
    server.quiet()
    asked = talk.count("MOUSE_MODE_REQUEST")
    server.note(f"the client asked {asked} times")
    talk.send(main.MouseModeMessage(BOTH_MODES, _CLIENT))
    talk.drop()
    talk.send(main.MouseModeMessage(BOTH_MODES, _CLIENT))
    talk.send(common.Ping(5, 7, b""))
    while (message := talk.expect_message("PONG", "MOUSE_MODE_REQUEST")).name != "PONG":
        if message.value is not None and int(message.value.mode) == _CLIENT:
            raise Failure("no request for CLIENT, which is the mode", "MOUSE_MODE_REQUEST CLIENT (2)")
    server.alive(talk)


@client_case("SPICE-MOUSE-011/only-server-supported", channel="main", after=("SPICE-MOUSE-008/nothing-before-init",))
def asks_for_nothing(server: SuiteServer) -> None:
    """Where CLIENT is not supported, in INIT or since a MOUSE_MODE, the client does not ask for it of its own accord."""
    talk = server.session(init=server.init(supported=_SERVER, current=_SERVER))
    server.alive(talk)
    talk.send(main.MouseModeMessage(_SERVER, _SERVER))
    server.alive(talk)
    server.quiet()
    if talk.count("MOUSE_MODE_REQUEST"):
        raise Failure("no MOUSE_MODE_REQUEST while nothing but SERVER is supported", f"{talk.count('MOUSE_MODE_REQUEST')}")


@client_case("SPICE-MOUSE-011/supported-later", also=("SPICE-MOUSE-007",), channel="main")
def asks_later(server: SuiteServer) -> None:
    """CLIENT becomes supported: the client may ask for it, and for nothing else."""
    talk = server.session(init=server.init(supported=_SERVER, current=_SERVER))
    server.alive(talk)
    talk.send(main.MouseModeMessage(BOTH_MODES, _SERVER))
    talk.send(common.Ping(5, 7, b""))
    asked = 0
    while (message := talk.expect_message("PONG", "MOUSE_MODE_REQUEST")).name != "PONG":
        asked += 1
        if message.value is None or int(message.value.mode) != _CLIENT:
            raise Failure("MOUSE_MODE_REQUEST CLIENT (2), or none", f"MOUSE_MODE_REQUEST {message.body.hex()}")
    server.note(f"the client asked {asked} times")
    server.alive(talk)


# -- 4.2 movements


@client_case("SPICE-MOUSE-012/in-server-mode", _SERVER.value, channel="inputs", needs=("act:motion",))
@client_case("SPICE-MOUSE-013/in-client-mode", _CLIENT.value, channel="inputs", needs=("act:position",))
def one_kind(server: SuiteServer, mode: int) -> None:
    """Movements between buttons, with each the kind of the mode."""
    pointer = _pointer(server, mode)
    found: list[tuple[str, Any]] = []
    buttons = server.target.meets("act:press") and server.target.meets("act:release")
    for turn in range(3):
        found += pointer.acted(mode, 3, first=3 * turn)
        if buttons:
            server.act("press" if turn != 1 else "release", button=MouseButton.LEFT.value)
    found += pointer.gather()
    _all_of(server, found, mode, fresh=True)


@client_case("SPICE-MOUSE-013/where-it-is", channel="inputs", needs=("act:position",))
def where_it_is(server: SuiteServer) -> None:
    """A position is that of the pointer, in pixels from the top left corner."""
    pointer = _pointer(server, _CLIENT)
    for x, y in ((5, 9), (1, 2), (638, 477), (300, 3)):
        server.act("position", x=x, y=y, display=0)
        found = pointer.gather(1, server.network.patience)
        if not found or found[-1][0] != "MOUSE_POSITION" or (found[-1][1].x, found[-1][1].y) != (x, y):
            said = ", ".join([f"{name} {value}" for name, value in found]) or "no movement"
            raise Failure(f"MOUSE_POSITION with x {x}, y {y}", said)
        while pointer.open >= _BUNCH:
            pointer.acknowledge()


@client_case("SPICE-MOUSE-012/how-far", channel="inputs", needs=("act:motion",))
def how_far(server: SuiteServer) -> None:
    """Each movement says how far the mouse went, right and down, and left and up."""
    pointer = _used(server)
    for dx, dy in ((5, 0), (0, 7), (-3, -4), (120, -90)):
        server.act("motion", dx=dx, dy=dy)
        found = [value for name, value in pointer.gather(1, server.network.patience) if name == "MOUSE_MOTION"]
        if (sum(value.dx for value in found), sum(value.dy for value in found)) != (dx, dy):
            said = ", ".join([f"dx {value.dx}, dy {value.dy}" for value in found]) or "no MOUSE_MOTION"
            raise Failure(f"MOUSE_MOTION with dx {dx}, dy {dy}", said)
        while pointer.open >= _BUNCH:
            pointer.acknowledge()


@client_case("SPICE-MOUSE-015/server-to-client", _SERVER.value, _CLIENT.value, also=("SPICE-MOUSE-013",), channel="inputs",
             needs=("act:motion", "act:position"))  # fmt: skip
@client_case("SPICE-MOUSE-015/client-to-server", _CLIENT.value, _SERVER.value, also=("SPICE-MOUSE-012",), channel="inputs",
             needs=("act:motion", "act:position"))  # fmt: skip
def one_change(server: SuiteServer, before: int, behind: int) -> None:
    """The mode changes between movements: before, behind. What the client sends when it has heard of it is of the new kind."""
    pointer = _pointer(server, before)
    found = pointer.acted(before, 3)
    # What the client has still to say in the old mode must not count for the new one.
    server.quiet()
    _all_of(server, found + pointer.gather(), before, fresh=True)
    pointer.talk.send(main.MouseModeMessage(BOTH_MODES, behind))
    server.alive(pointer.talk)
    _all_of(server, pointer.acted(behind, 6, first=3) + pointer.gather(), behind, fresh=False)


@client_case("SPICE-MOUSE-015/full-window", channel="inputs", needs=("act:motion", "act:position"))
def change_with_full_window(server: SuiteServer) -> None:
    """The mode changes to CLIENT while movements wait for an acknowledgement: once a position has come, no motion follows."""
    pointer = _pointer(server, _SERVER)
    for number in range(12):
        pointer.act(_SERVER, number)
    pointer.gather(_WINDOW)
    pointer.talk.send(main.MouseModeMessage(BOTH_MODES, _CLIENT))
    server.alive(pointer.talk)
    pointer.act(_CLIENT, 1)
    pointer.acknowledge()
    pointer.acknowledge()
    found = pointer.gather(1)
    for number in range(2, 6):
        pointer.act(_CLIENT, number)
    found += pointer.gather(1)
    kinds = [name for name, _ in found]
    if "MOUSE_POSITION" not in kinds:
        raise Failure("MOUSE_POSITION, now that the mode is CLIENT", ", ".join(kinds) or "no movement")
    if "MOUSE_MOTION" in kinds[kinds.index("MOUSE_POSITION") :]:
        raise Failure("no MOUSE_MOTION once MOUSE_POSITION has come after the change to CLIENT", ", ".join(kinds))


@client_case("SPICE-MOUSE-016/two-displays", channel="inputs", needs=("act:position",), after=_AFTER_POSITIONS)
def two_displays(server: SuiteServer) -> None:
    """The pointer on one display and the other: display_id is that of the channel."""
    wanted = ((ChannelType.DISPLAY, 0), (ChannelType.DISPLAY, 1), (ChannelType.INPUTS, 0))
    talk = server.session(*wanted, channels=wanted, init=server.init(hint=2))
    pointer = _Pointer(server, talk, server.talks[ChannelType.INPUTS, 0])
    server.alive(pointer.mouse)
    talk.send(main.MouseModeMessage(BOTH_MODES, _CLIENT))
    server.alive(talk)
    for id in (1, 0, 1):
        server.act("position", x=30 + id, y=40, display=id)
        found = pointer.gather(1)
        if not found or found[-1][0] != "MOUSE_POSITION":
            raise Failure(f"MOUSE_POSITION on display {id}", ", ".join([name for name, _ in found]) or "no movement")
        if found[-1][1].display_id != id:
            raise Failure(f"display_id {id} in MOUSE_POSITION", f"{found[-1][1].display_id}")


# -- 4.3 acknowledgement of movements


@client_case("SPICE-MOUSE-020/motions", _SERVER.value, channel="inputs", needs=("act:motion",))
@client_case("SPICE-MOUSE-020/positions", _CLIENT.value, channel="inputs", needs=("act:position",))
def eight_at_most(server: SuiteServer, mode: int) -> None:
    """Thirty movements without an acknowledgement, then one acknowledgement and thirty more: eight come, then four. Mode."""
    pointer = _pointer(server, mode)
    for number in range(_MANY):
        pointer.act(mode, number)
    pointer.gather(_WINDOW)
    if not pointer.moves:
        raise Failure(f"{_KIND[MouseMode(mode)]}, for the pointer was moved", "no movement")
    if pointer.open > _WINDOW:
        raise Failure(f"at most {_WINDOW} movements without an acknowledgement", f"{pointer.open}")
    if pointer.open < _BUNCH:
        # It adds up of its own accord; there is nothing to acknowledge yet.
        return
    pointer.acknowledge()
    for number in range(_MANY, 2 * _MANY):
        pointer.act(mode, number)
    pointer.gather(_BUNCH)
    if pointer.open > _WINDOW:
        raise Failure(f"at most {_WINDOW} movements without an acknowledgement, after one for four of the first",
                      f"{pointer.open}")  # fmt: skip


@client_case("SPICE-MOUSE-020/mixed", channel="inputs", needs=("act:motion", "act:position"))
def eight_of_both(server: SuiteServer) -> None:
    """Five movements in each mode without an acknowledgement: both kinds count together."""
    pointer = _pointer(server, _SERVER)
    for number in range(5):
        pointer.act(_SERVER, number)
    pointer.gather(5)
    pointer.talk.send(main.MouseModeMessage(BOTH_MODES, _CLIENT))
    server.alive(pointer.talk)
    for number in range(_MANY):
        pointer.act(_CLIENT, number)
    pointer.gather(_WINDOW - pointer.open)
    if pointer.open > _WINDOW:
        motions = sum(name == "MOUSE_MOTION" for name, _ in pointer.moves)
        raise Failure(f"at most {_WINDOW} movements without an acknowledgement",
                      f"{motions} MOUSE_MOTION and {len(pointer.moves) - motions} MOUSE_POSITION")  # fmt: skip


@client_case("SPICE-MOUSE-021/sums", channel="inputs", needs=("act:motion",), after=_AFTER_MOTIONS)
def sums(server: SuiteServer) -> None:
    """Thirty motions, acknowledged late: what came adds up to what the mouse did."""
    pointer = _pointer(server, _SERVER, _SERVER)
    for number in range(_MANY):
        pointer.act(_SERVER, number)
    pointer.gather(_WINDOW)
    pointer.settle()
    found = [value for name, value in pointer.moves if name == "MOUSE_MOTION"]
    total = sum(value.dx for value in found), sum(value.dy for value in found)
    wanted = 3 * _MANY, -2 * _MANY
    if total != wanted:
        raise Failure(f"MOUSE_MOTIONs that add up to {wanted[0]}, {wanted[1]}",
                      f"{len(found)}, which add up to {total[0]}, {total[1]}")  # fmt: skip


@client_case("SPICE-MOUSE-021/newest-position", channel="inputs", needs=("act:position",), after=_AFTER_POSITIONS)
def newest(server: SuiteServer) -> None:
    """Thirty positions, acknowledged late: the last that came is where the pointer is."""
    pointer = _pointer(server, _CLIENT)
    for number in range(_MANY):
        pointer.act(_CLIENT, number)
    pointer.gather(_WINDOW)
    pointer.settle()
    wanted = 10 + _MANY - 1, 20 + 2 * (_MANY - 1)
    end = server.now + server.network.patience
    # A client with a window hears of its own pointer a little later.
    while pointer.place() != wanted and server.now < end:
        pointer.gather(1)
        pointer.settle()
    if pointer.place() != wanted:
        last = pointer.moves[-1] if pointer.moves else "no movement"
        raise Failure(f"MOUSE_POSITION {wanted[0]}, {wanted[1]} as the last of all", f"{last}")


# -- 4.4 buttons


@client_case("SPICE-MOUSE-022/one-step-up", 1, MouseButton.UP.value, channel="inputs", needs=("act:wheel",))
@client_case("SPICE-MOUSE-022/one-step-down", -1, MouseButton.DOWN.value, channel="inputs", needs=("act:wheel",))
@client_case("SPICE-MOUSE-022/three-steps-down", -3, MouseButton.DOWN.value, channel="inputs", needs=("act:wheel",))
def wheel(server: SuiteServer, steps: int, button: int) -> None:
    """The wheel: a press and a release for each step, of UP (4) away from the user, else of DOWN (5). Steps, button."""
    mouse = _used(server).mouse
    before = mouse.count("MOUSE_PRESS"), mouse.count("MOUSE_RELEASE")
    server.act("wheel", steps=steps)
    for step in range(1, abs(steps) + 1):
        for name in ("MOUSE_PRESS", "MOUSE_RELEASE"):
            wanted = f"{name} of {named(MouseButton, button)} for step {step} of the wheel"
            found = mouse.expect_message("MOUSE_PRESS", "MOUSE_RELEASE", text=wanted)
            if found.name != name or found.value is None or int(found.value.button) != button:
                said = found.body.hex() if found.value is None else named(MouseButton, int(found.value.button))
                raise Failure(wanted, f"{found.name} of {said}")
    server.alive(mouse)
    found_presses, found_releases = mouse.count("MOUSE_PRESS") - before[0], mouse.count("MOUSE_RELEASE") - before[1]
    if (found_presses, found_releases) != (abs(steps), abs(steps)):
        raise Failure(f"{abs(steps)} MOUSE_PRESS and {abs(steps)} MOUSE_RELEASE", f"{found_presses} and {found_releases}")


_LEFT, _RIGHT, _MIDDLE = MouseButtonMask.LEFT, MouseButtonMask.RIGHT, MouseButtonMask.MIDDLE
_IN_TURN: Final = (
    ("press", MouseButton.LEFT, _LEFT),
    ("press", MouseButton.RIGHT, _LEFT | _RIGHT),
    ("release", MouseButton.LEFT, _RIGHT),
    ("press", MouseButton.MIDDLE, _RIGHT | _MIDDLE),
    ("release", MouseButton.RIGHT, _MIDDLE),
    ("release", MouseButton.MIDDLE, MouseButtonMask(0)),
)
"""What is done, to which button, and what is down after it."""


@client_case("SPICE-MOUSE-023/in-turn", channel="inputs", needs=("act:press", "act:release"))
def buttons(server: SuiteServer) -> None:
    """Buttons pressed and released in turn: each message names those that are down after it."""
    mouse = _used(server).mouse
    for verb, button, down in _IN_TURN:
        server.act(verb, button=button.value)
        name = f"MOUSE_{verb.upper()}"
        found = mouse.expect("MOUSE_PRESS", "MOUSE_RELEASE", text=f"{name} {button.name}")
        if int(found.button) != button or int(found.buttons_state) != down:
            raise Failure(f"{name} of {named(MouseButton, button)} with buttons_state {int(down):#x}", _button(found))


@client_case("SPICE-MOUSE-023/side-buttons", channel="inputs", needs=("act:press", "act:release"))
def side_buttons(server: SuiteServer) -> None:
    """The two buttons at the side, whose bits are 0x20 and 0x40."""
    mouse = _used(server).mouse
    for button, mask in ((MouseButton.SIDE, MouseButtonMask.SIDE), (MouseButton.EXTRA, MouseButtonMask.EXTRA)):
        for verb, down in (("press", mask), ("release", MouseButtonMask(0))):
            server.act(verb, button=button.value)
            found = mouse.expect(f"MOUSE_{verb.upper()}")
            if int(found.button) != button or int(found.buttons_state) != down:
                raise Failure(f"{verb} of {named(MouseButton, button)} with buttons_state {int(down):#x}", _button(found))


@client_case("SPICE-MOUSE-023/in-motions", _SERVER.value, channel="inputs",
             needs=("act:motion", "act:press", "act:release"))  # fmt: skip
@client_case("SPICE-MOUSE-023/in-positions", _CLIENT.value, channel="inputs",
             needs=("act:position", "act:press", "act:release"))  # fmt: skip
def buttons_in_movements(server: SuiteServer, mode: int) -> None:
    """Movements while buttons are down name them: mode."""
    pointer = _pointer(server, mode)
    for number, (verb, button, down) in enumerate(_IN_TURN):
        server.act(verb, button=button.value)
        moved = pointer.acted(mode, first=number)
        if moved[-1][1].buttons_state != down:
            # That may have been one from before the button, and the answer to a ping may overtake the next.
            moved += pointer.gather(1)
        state = int(moved[-1][1].buttons_state)
        if state != down:
            raise Failure(f"buttons_state {int(down):#x} in {moved[-1][0]}, after a {verb} of {button.name}", f"{state:#x}")
