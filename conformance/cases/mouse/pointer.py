"""The pointer of a client: what its user does, and what the client says of it on the inputs channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conformance.as_server import BOTH_MODES, SuiteServer
from conformance.expectation import check, differences
from conformance.naming import named
from conformance.outcome import Failure
from conformance.talk import Message, Talk
from spiceproto.enums.main import MouseMode
from spiceproto.messages import inputs, main

__all__ = ["BUNCH", "KIND", "WINDOW", "Pointer", "expect_kind", "how_far_went", "in_mode", "opened", "used"]

KIND: Final = {MouseMode.SERVER: "MOUSE_MOTION", MouseMode.CLIENT: "MOUSE_POSITION"}
"""Mouse mode to the movement that belongs to it."""

BUNCH: Final = 4
"""Movements for one acknowledgement."""

WINDOW: Final = 2 * BUNCH
"""Movements that may be under way without one."""

_MOVEMENTS: Final = tuple(KIND.values())
_TURNS: Final = 12


class Pointer:
    """The inputs channel of a session, and what the client has said of its pointer.

    ``moves``  its movements, in order
    ``open``   how many of them are not acknowledged
    """

    def __init__(self, server: SuiteServer, mouse: Talk) -> None:
        self.server = server
        self.talk = server.main_talk
        self.mouse = mouse
        self.moves: list[Message] = []
        self.open = 0

    def tell_mode(self, mode: int, supported: int = BOTH_MODES) -> None:
        """MOUSE_MODE, and the client has heard it. Raises Failure."""
        self.talk.send(main.MouseModeMessage(supported, mode))
        self.server.alive(self.talk)

    # -- what the user does

    def act(self, mode: int, number: int) -> None:
        """One movement of the user, of the kind that the mode is for."""
        if mode == MouseMode.SERVER:
            self.server.act("motion", dx=3, dy=-2)
        else:
            self.server.act("position", x=10 + number, y=20 + 2 * number, display=0)

    def act_often(self, mode: int, numbers: range) -> None:
        """Movements of the user, one behind the other."""
        for number in numbers:
            self.act(mode, number)

    # -- what the client says of it

    def gather(self, wanted: int = 0, within: float | None = None) -> list[Message]:
        """The movements that the client sends before it answers a ping; first some time for ``wanted`` of them to come."""
        patience = self.server.network.quiet if within is None else within
        self.server.run(lambda: len(self.mouse.unread(*_MOVEMENTS)) >= wanted or self.mouse.closed, patience)
        found = self.server.so_far(self.mouse, *_MOVEMENTS)
        for message in found:
            _ = message.parsed
        self.moves += found
        self.open += len(found)
        return found

    def expect_last(self, name: str, **fields: Any) -> None:
        """Movements come, and the last of them is this one. Raises Failure.

        A window can say several of one, some of them behind the answer to a ping.
        """
        self._check(self._last(name, fields), name, fields)

    def expect_at(self, x: int, y: int) -> None:
        """The user points at a place, and the client says that its pointer is there. Raises Failure.

        A window may not have been where it seemed to be: then the user points at something else, and there once more.
        """
        self.server.act("position", x=x, y=y, display=0)
        last = self._last("MOUSE_POSITION", {"x": x, "y": y})
        if last is None or not _is(last, "MOUSE_POSITION", {"x": x, "y": y}):
            self.server.act("position", x=x + 1, y=y + 1, display=0)
            self.gather(1)
            self.server.act("position", x=x, y=y, display=0)
            last = self._last("MOUSE_POSITION", {"x": x, "y": y})
        self._check(last, "MOUSE_POSITION", {"x": x, "y": y})

    def _last(self, name: str, fields: Mapping[str, Any]) -> Message | None:
        """The last movement: this one, or that behind which none has come for as long as one is waited for."""
        last: Message | None = None
        until = self.server.now + self.server.network.patience
        while last is None or not _is(last, name, fields):
            found = self.gather(1, max(until - self.server.now, 0.0))
            if not found:
                break
            last = found[-1]
            self.acknowledge_all()
        return last

    def _check(self, last: Message | None, name: str, fields: Mapping[str, Any]) -> None:
        if last is None or last.name != name:
            raise Failure(name, "no movement" if last is None else last.name)
        check(name, last.value, **fields)

    def acted(self, mode: int, count: int = 1, *, first: int = 0) -> list[Message]:
        """Movements of the user, each awaited and acknowledged in time; what the client said of them. Raises Failure."""
        found: list[Message] = []
        for number in range(first, first + count):
            self.act(mode, number)
            found += self.gather(1, self.server.network.patience if not found else None)
            self.acknowledge_all()
        if not found:
            raise Failure(f"{KIND[MouseMode(mode)]}, for the pointer was moved in mode {named(MouseMode, mode)}", "no movement")
        return found

    @property
    def place(self) -> tuple[int, int] | None:
        """Where the last movement put the pointer; None if it was no position."""
        if not self.moves or self.moves[-1].name != "MOUSE_POSITION":
            return None
        return self.moves[-1].value.x, self.moves[-1].value.y

    # -- acknowledgements

    def acknowledge(self) -> None:
        """MOUSE_MOTION_ACK for four movements."""
        self.open -= BUNCH
        self.mouse.send(inputs.MouseMotionAck())

    def acknowledge_all(self) -> None:
        """As many acknowledgements as are due."""
        while self.open >= BUNCH:
            self.acknowledge()

    def settle(self) -> None:
        """Acknowledge as a server does until the client has nothing more to say."""
        for _ in range(_TURNS):
            if self.open < BUNCH:
                return
            self.acknowledge_all()
            self.gather(1)


def _is(message: Message, name: str, fields: Mapping[str, Any]) -> bool:
    return message.name == name and not differences(name, message.value, fields)


def how_far_went(moves: list[Message]) -> tuple[int, int]:
    """The sums of dx and of dy of the motions among these."""
    motions = [message.value for message in moves if message.name == "MOUSE_MOTION"]
    return sum(value.dx for value in motions), sum(value.dy for value in motions)


def opened(server: SuiteServer, init: main.Init) -> Pointer:
    """A session with an inputs channel that the client has opened: before that it has nothing to move with."""
    mouse = server.session_on("inputs", init=init)
    server.alive(mouse)
    return Pointer(server, mouse)


def in_mode(server: SuiteServer, mode: int, supported: int = BOTH_MODES) -> Pointer:
    """A session with an inputs channel in a mouse mode that MOUSE_MODE has told."""
    # INIT says something else, so that there is a change to tell.
    other = BOTH_MODES if mode == MouseMode.CLIENT or supported == MouseMode.SERVER else MouseMode.SERVER
    pointer = opened(server, server.init(supported=other, current=MouseMode.SERVER))
    pointer.tell_mode(mode, supported)
    return pointer


def used(server: SuiteServer) -> Pointer:
    """A session in mode SERVER in which the pointer was moved before: windows take the pointer with a click of their own."""
    pointer = in_mode(server, MouseMode.SERVER, MouseMode.SERVER)
    if server.target.meets("act:motion"):
        pointer.acted(MouseMode.SERVER)
        server.wait_quiet()
        pointer.gather()
    return pointer


def expect_kind(server: SuiteServer, moves: list[Message], mode: int, *, fresh: bool) -> None:
    """Movements of the kind that the mode wants; ``fresh`` if the session began in that mode. Raises Failure."""
    kinds = [message.name for message in moves]
    wanted = KIND[MouseMode(mode)]
    wrong = len(kinds) - kinds.count(wanted)
    if fresh and mode == MouseMode.SERVER and wrong == 1 and len(kinds) > 1:
        server.tolerate("one position in mode SERVER", against="SPICE-MOUSE-012")
    elif wrong:
        raise Failure(f"{wanted} and nothing else in mode {named(MouseMode, mode)}", ", ".join(kinds))
