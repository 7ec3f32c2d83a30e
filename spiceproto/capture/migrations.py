"""Sessions that go from one server to another: from which, to which, in which way, and what became of it.

A main channel that names a session in its link message is at a destination. What the client does there, and what the source has
said, tells the kind: *seamless* (every channel goes on where it was), *semi-seamless* (it is the same session, and everything
begins anew), *switch host* (another session). The source announces the first two, and may end either by the third.

A capture may have one of the two servers only, or begin in the middle, or end there. Nothing is concluded from what it does not
have: :class:`Moved` says what was not seen. States of channels that the source has handed to the client and that the client has
brought to the destination are compared where the capture has both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol

import msgspec

from spiceproto import channel_state, dispatch
from spiceproto.capture.consumer import Consumer
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.limits import OUTCOMES
from spiceproto.capture.outcomes import enumerated
from spiceproto.capture.sessions import Sessions
from spiceproto.errors import RemoteError

__all__ = ["Carrier", "Instant", "Kind", "Migrations", "Moved", "Outcome"]

Kind = Literal["", "switch-host", "semi-seamless", "seamless"]
"""In which way; "" while nobody knows."""

Outcome = Literal["arrived", "left", "cancelled", "refused", "unfinished", "nobody"]
"""What became of it:

* ``arrived``: the session, or its successor, is at the destination
* ``left``: the source has given it up, and the capture does not have the rest
* ``cancelled``: the source has called it off
* ``refused``: the client could not connect, and the session stays
* ``unfinished``: the capture does not have its end
* ``nobody``: the client was sent to another host and was not seen there
"""

_MAIN: Final = "main:0"
_CHANNELS: Final = 256
"""Channels of one migration of which is kept what went over."""

_UNSEEN: Final = "whose main channel is not in this capture"

Address = tuple[str, int]
Hook = Callable[[bytes, At], None]


class Carrier(Protocol):
    """A connection that goes on at another server: what it has read so far of what its messages carry in pieces."""

    conversation: Conversation

    @property
    def agent_table(self) -> str:
        """That of the messages which client and agent exchange there."""

    def go_on(self, source: Any) -> None:
        """It goes on where ``source``, one of the same kind, has stopped; None where that was not seen."""


class Instant(msgspec.Struct, frozen=True):
    """When something was said: nanoseconds since the epoch, and the packet."""

    time_ns: int
    frame: int


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """One migration of a session, as far as the capture has it.

    * ``session``: which one
    * ``kind``, ``outcome``: in which way, and what became of it
    * ``source``, ``destination``: addresses of main; "" for a server of which the capture has nothing
    * ``told``: host and ports that the source has named, "" if that was not seen
    * ``announced``, ``answered``, ``ended``: when the source has begun it, when the client has answered, and when it was over
    * ``answer``: what the client has said
    * ``linked``: channels that were linked at the destination
    * ``same``: channels whose state came to the destination as the source has sent it, and ``size``: bytes of these together
    * ``changed``: those of which another one came
    * ``lost``: those of which none came, though the capture has the channel at the destination
    * ``unseen``: those of which the capture has the state at one of the two servers only
    * ``successor``: the session that the client has begun at the other host, 0 for none
    * ``lossy``: connections of which bytes are missing, so that something may have been said that is not here
    """

    session: int
    kind: Kind
    outcome: Outcome
    source: str = ""
    destination: str = ""
    told: str = ""
    announced: Instant | None = None
    answered: Instant | None = None
    ended: Instant | None = None
    answer: str = ""
    linked: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    size: int = 0
    changed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    successor: int = 0
    lossy: tuple[int, ...] = ()

    def text(self, clock: Callable[[int], str] | None = None) -> str:
        """In a line; ``clock`` prints a time."""
        parts = [self._head(clock)]
        if self.announced is not None and self.announced != self.ended:
            parts.append(f"announced{_when(self.announced, clock)}")
        if self.answered is not None:
            parts.append(f"{self.answer} of the client{_when(self.answered, clock)}")
        if self.linked and self.kind != "switch-host":
            parts.append(f"linked there: {enumerated(self.linked, most=16)}")
        if self.same:
            parts.append(f"the state of {enumerated(self.same, most=16)} came as it was sent ({self.size} bytes)")
        if self.changed:
            parts.append(f"another state of {enumerated(self.changed, most=16)} came than was sent")
        if self.lost:
            parts.append(f"no state of {enumerated(self.lost, most=16)} came")
        if self.unseen:
            parts.append(f"the state of {enumerated(self.unseen, most=16)} was not compared: the capture has one server only")
        if self.lossy:
            parts.append(f"bytes of connection{'s'[: len(self.lossy) != 1]} {enumerated(self.lossy)} are missing")
        return "; ".join(parts)

    def __str__(self) -> str:
        return self.text()

    def _head(self, clock: Callable[[int], str] | None) -> str:
        kind = {"switch-host": "switch host", "": "in a way that was not seen"}.get(self.kind, self.kind)
        source = f"from {self.source or f'a server {_UNSEEN}'}"
        there = self.destination or (f"{self.told}, {_UNSEEN}" if self.told else f"a server {_UNSEEN}")
        way, at, session = f"({kind}) {source} to {there}", _when(self.ended, clock), f"session {self.session}"
        match self.outcome:
            case "arrived" if self.kind == "switch-host":
                return f"{session}: sent away {way}{at}, where it is session {self.successor}"
            case "arrived":
                return f"{session}: migrated {way}{at}"
            case "left":
                return f"{session}: given up by its server {way}{at}; not seen to go on there"
            case "cancelled":
                return f"{session}: not migrated {way}: called off by its server{at}"
            case "refused":
                return f"{session}: not migrated {way}: the client could not connect there"
            case "nobody":
                return f"{session}: sent away {way}{at}; its client was not seen there as a new one"
        return f"{session}: on its way {way}; the capture does not have the end of that"


def _when(instant: Instant | None, clock: Callable[[int], str] | None) -> str:
    if instant is None:
        return ""
    return f" at {clock(instant.time_ns)} (frame {instant.frame})" if clock is not None else f" (frame {instant.frame})"


class _State:
    """The state of one channel: its size and its digest, at each of the two servers where it was seen."""

    __slots__ = ("brought", "sent", "size")

    def __init__(self) -> None:
        self.sent: bytes | None = None
        self.brought: bytes | None = None
        self.size = 0


class _Course:
    """One migration.

    * ``session``: its number
    * ``came``: the migration with which it came to the source, None for where it has begun
    * ``source``, ``destination``: main at each of the servers
    * ``kind``, ``seamless``: in which way it ends, and how it was announced
    * ``offer``: what the source has named
    * ``asked``, ``agreed``: whether the client has asked the destination about a seamless one, and what that has said
    * ``links``: the other channels at the destination
    * ``states``: what went over, or should
    """

    def __init__(self, session: int, came: _Course | None, source: Conversation | None) -> None:
        self.session = session
        self.came = came
        self.source = source
        self.destination: Conversation | None = None
        self.kind: Kind = ""
        self.seamless = False
        self.offer: Any = None
        self.asked = False
        self.agreed: bool | None = None
        self.announced: Instant | None = None
        self.answered: Instant | None = None
        self.answer = ""
        self.left: Instant | None = None
        self.arrived: Instant | None = None
        self.cancelled: Instant | None = None
        self.links: dict[str, Conversation] = {}
        self.states: dict[str, _State] = {}

    @property
    def over(self) -> bool:
        """Nothing more of it will come but what is under way."""
        return self.arrived is not None or self.cancelled is not None or self.kind == "switch-host"

    @property
    def ports(self) -> tuple[int, ...]:
        """Of the destination, as the source has named them."""
        offer = self.offer
        return tuple([port for port in (offer.port, offer.sport) if 0 < port < 0xFFFF]) if offer is not None else ()

    @property
    def lossy(self) -> tuple[int, ...]:
        """Numbers of its connections of which bytes are missing."""
        known = [item for item in (self.source, self.destination, *self.links.values()) if item is not None]
        return tuple([item.connection.number for item in known if item.connection.missing])

    @property
    def sure(self) -> bool:
        """Whether the destination is the one that the source has named: there might be another one between."""
        named = self.destination is not None and self.destination.connection.server[1] in self.ports
        return named or not self.lossy

    def is_there(self, server: Address) -> bool:
        """Whether a connection to this address is one to the destination."""
        if self.destination is None:
            return False
        if self.source is None:
            return True
        there, here = self.destination.connection.server, self.source.connection.server
        return server == there or (server != here and server[0] == there[0] and server[1] in self.ports)

    def state(self, place: str) -> _State:
        """Of a channel; of one too many it is forgotten."""
        found = self.states.get(place) or _State()
        if len(self.states) < _CHANNELS:
            self.states[place] = found
        return found


class Migrations:
    """Keeps what it takes to say that, of the first :data:`~spiceproto.capture.limits.OUTCOMES` migrations and connections.

    ``consumer`` is told the states of channels, and what is wrong with them; ``sessions`` where a session will be.
    """

    def __init__(self, consumer: Consumer, sessions: Sessions) -> None:
        self._consumer = consumer
        self._sessions = sessions
        self._courses: list[_Course] = []
        self._of: dict[int, list[_Course]] = {}
        self._came: dict[Conversation, _Course] = {}
        self._mains: dict[int, Conversation] = {}
        self._begun: list[tuple[Conversation, int]] = []
        self._carriers: dict[tuple[int, str], Carrier] = {}
        self._coming: dict[tuple[int, str], Carrier] = {}

    # -- connections

    def expects(self, session: int) -> bool:
        """Whether a session is to go to another server, so that main may name it there."""
        courses = self._of.get(session)
        return courses is not None and courses[-1].destination is None

    def explains(self, conversation: Conversation) -> bool:
        """Whether it is known by now that the session which main names was to come: by what was said here, or at the source."""
        course = self._came.get(conversation)
        return course is not None and (course.asked or course.announced is not None or course.arrived is not None)

    def linked(self, carrier: Carrier, time_ns: int) -> None:
        """A connection was linked."""
        conversation = carrier.conversation
        session, there = _session(conversation), None
        if conversation.channel == "main" and not conversation.connection_id:
            self._mains[session] = conversation
            if len(self._begun) < OUTCOMES:
                self._begun.append((conversation, time_ns))
        elif conversation.channel == "main":
            there = self._come(session, conversation)
        elif session in self._of:
            there = next((item for item in reversed(self._of[session]) if item.is_there(conversation.connection.server)), None)
            if there is not None:
                there.links[conversation.place] = conversation
        if there is not None:
            self._came[conversation] = there
        if len(self._carriers) < OUTCOMES:
            waits = there is not None and not there.over
            (self._coming if waits else self._carriers)[session, conversation.place] = carrier

    def joined(self, carrier: Carrier) -> None:
        """A connection whose link stage the capture does not have."""
        conversation = carrier.conversation
        session = _session(conversation)
        if conversation.channel == "main":
            self._mains.setdefault(session, conversation)
        if len(self._carriers) < OUTCOMES:
            self._carriers.setdefault((session, conversation.place), carrier)

    def _come(self, session: int, main: Conversation) -> _Course | None:
        """Main names a session: it is at the destination, perhaps not for the first time.

        It may be linked only after the source has thought better of it.
        """
        courses = self._of.get(session)
        course = courses[-1] if courses else None
        before = course.destination if course is not None else None
        elsewhere = before is not None and before.connection.server != main.connection.server
        if course is None or (before is not None and (course.over or elsewhere)):
            if before is not None and elsewhere and course is not None and course.cancelled is None:
                self._mains[session] = before  # it is there, and the rest of how it came was not seen
            source = self._mains.get(session)
            course = self._new(session, source, source)
        if course is not None:
            course.destination = main
            course.links.clear()
            course.agreed = None
        return course

    def _new(self, session: int, here: Conversation | None, source: Conversation | None) -> _Course | None:
        """A session leaves the server to which the connection ``here`` goes."""
        if len(self._courses) >= OUTCOMES:
            return None
        course = _Course(session, self._came.get(here) if here is not None else None, source)
        self._courses.append(course)
        self._of.setdefault(session, []).append(course)
        return course

    def _arrive(self, course: _Course, at: At) -> None:
        if course.arrived is None and course.destination is not None:
            course.arrived = Instant(at.time_ns, at.frame)
            self._mains[course.session] = course.destination

    def _take_over(self, course: _Course, place: str, *, anew: bool) -> None:
        """A channel of the destination is the one that counts; unless ``anew`` with what was under way at the source."""
        key = course.session, place
        carrier = self._coming.pop(key, None)
        if carrier is not None:
            if not anew:
                carrier.go_on(self._carriers.get(key))
            self._carriers[key] = carrier

    # -- what is said

    def hooks(self, conversation: Conversation, sender: str) -> Mapping[int, Hook]:
        """Message number to what has to be noted about it."""
        if conversation.table == dispatch.COMMON or conversation.copy_of is not None:
            return {}
        heard = _SERVER if sender == "server" else _CLIENT
        found: dict[int, Hook] = {}
        for row in dispatch.rows(conversation.table, sender).values():
            if row.name in heard and (conversation.channel == "main" or row.name in _EVERYWHERE):
                found[row.number] = self._hook(conversation, row)
        return found

    def _hook(self, conversation: Conversation, row: dispatch.Row) -> Hook:
        def note(body: bytes, at: At) -> None:
            try:
                value = row.parse(body)
            except RemoteError:  # whoever prints it says so
                value = None
            heard = (_SERVER if at.sender == "server" else _CLIENT)[row.name]
            heard(self, conversation, row.name, value, at)

        return note

    def _leaving(self, conversation: Conversation) -> _Course | None:
        """The last migration with which a session leaves this server."""
        came = self._came.get(conversation)
        courses = self._of.get(_session(conversation), ())
        return next((course for course in reversed(courses) if course.came is came), None)

    def _going(self, conversation: Conversation) -> _Course | None:
        """The same; it may have begun unseen."""
        course = self._leaving(conversation)
        if course is not None and course.cancelled is None:
            return course
        session = _session(conversation)
        main = conversation if conversation.channel == "main" else self._mains.get(session)
        return self._new(session, conversation, main)

    def _offered(self, conversation: Conversation, name: str, value: Any, at: At) -> None:
        course, switch = self._leaving(conversation), name == "MIGRATE_SWITCH_HOST"
        if course is None or course.over or not switch:
            course = self._new(_session(conversation), conversation, conversation)
        if course is None:
            return
        if value is not None:
            course.offer = value if switch else value.dst_info
            if conversation.session is not None:
                self._sessions.announce(conversation.session, conversation.connection.client[0], course.ports)
        course.announced = course.announced or Instant(at.time_ns, at.frame)
        if switch:
            course.kind, course.left = "switch-host", Instant(at.time_ns, at.frame)
        else:
            course.seamless = name == "MIGRATE_BEGIN_SEAMLESS"

    def _cancelled(self, conversation: Conversation, name: str, value: Any, at: At) -> None:
        course = self._leaving(conversation)
        if course is not None and not course.over and course.left is None:
            course.cancelled = Instant(at.time_ns, at.frame)

    def _ended(self, conversation: Conversation, name: str, value: Any, at: At) -> None:
        course = self._going(conversation)
        if course is not None and course.kind != "switch-host":
            course.kind, course.left = "semi-seamless", Instant(at.time_ns, at.frame)

    def _left(self, conversation: Conversation, name: str, value: Any, at: At) -> None:
        course = self._going(conversation)
        if course is not None:
            course.kind, course.left = "seamless", course.left or Instant(at.time_ns, at.frame)

    def _answered(self, conversation: Conversation, name: str, value: Any, at: At) -> None:
        course = self._leaving(conversation)
        if course is not None and not course.answer and course.cancelled is None:
            course.answer, course.answered = name, Instant(at.time_ns, at.frame)

    def _asked(self, conversation: Conversation, name: str, value: Any, at: At) -> None:
        course = self._came.get(conversation)
        if course is not None:
            course.asked = True

    def _agreed(self, conversation: Conversation, name: str, value: Any, at: At) -> None:
        course = self._came.get(conversation)
        if course is not None:
            course.agreed = name == "MIGRATE_DST_SEAMLESS_ACK"

    def _ended_there(self, conversation: Conversation, name: str, value: Any, at: At) -> None:
        course = self._came.get(conversation)
        if course is not None and course.arrived is None:
            course.kind = course.kind or "semi-seamless"
            self._arrive(course, at)
            for place in (_MAIN, *course.links):
                self._take_over(course, place, anew=True)

    def _sent(self, conversation: Conversation, name: str, value: Any, at: At) -> None:
        course = self._going(conversation)
        if course is None or value is None:
            return
        self._tell(conversation, bytes(value.data), at)
        state = course.state(conversation.place)
        state.sent, state.size = _digest(value.data), len(value.data)

    def _brought(self, conversation: Conversation, name: str, value: Any, at: At) -> None:
        course = self._came.get(conversation)
        if value is None:
            return
        if course is not None:
            self._take_over(course, conversation.place, anew=False)
        self._tell(conversation, bytes(value.data), at)
        if course is None or (state := course.state(conversation.place)).brought is not None:
            return
        state.brought, course.kind = _digest(value.data), "seamless"
        if state.sent not in (None, state.brought) and course.sure:
            sent, found = f"{state.size} bytes", f"{len(value.data)} bytes"
            problem = Diagnostic.of("migration-state-changed", conversation, at, expected=sent, actual=found)
            self._consumer.problem(problem)
        if conversation.channel == "main":
            self._arrive(course, at)

    def _tell(self, conversation: Conversation, data: bytes, at: At) -> None:
        """The state of a channel, and what is wrong with it."""
        carrier = self._carriers.get((_session(conversation), conversation.place))
        state = channel_state.read(conversation.table, data, carrier.agent_table if carrier is not None else "agent")
        if not state.name:
            letters = data[:4].decode("ascii", "backslashreplace") or "nothing"
            self._consumer.problem(Diagnostic.of("migration-state-unknown", conversation, at, actual=letters))
        elif not state.fits:
            wanted = channel_state.FORMS.get(conversation.table, "none")
            problem = Diagnostic.of("migration-state-foreign", conversation, at, expected=wanted, actual=state.name)
            self._consumer.problem(problem)
        if state.error is not None:
            self._consumer.problem(Diagnostic.malformed(f"state {state.name}", state.error, conversation, at))
        self._consumer.state(conversation, at, state)

    # -- at the end

    def moved(self) -> list[Moved]:
        """All of them, in the order in which they began."""
        return [self._moved(course) for course in self._courses]

    def _moved(self, course: _Course) -> Moved:
        source, destination = course.source, course.destination
        successor = self._successor(course) if course.kind == "switch-host" else None
        outcome: Outcome = "unfinished"
        if course.kind == "switch-host":
            outcome = "nobody" if successor is None else "arrived"
            destination = successor or destination
        elif course.arrived is not None:
            outcome = "arrived"
        elif course.cancelled is not None:
            outcome = "cancelled"
        elif course.left is not None:
            outcome = "left"
        elif course.answer == "MIGRATE_CONNECT_ERROR":
            outcome = "refused"
        states = {place: state for place, state in course.states.items() if outcome in ("arrived", "left")}
        there = {_MAIN, *course.links} if course.destination is not None else set()
        same = [place for place, state in states.items() if state.sent is not None and state.sent == state.brought]
        both = [place for place, state in states.items() if None not in (state.sent, state.brought) and place not in same]
        lost = [place for place, state in states.items() if state.brought is None and place in there]
        return Moved(
            session=course.session,
            kind=course.kind or _announced(course),
            outcome=outcome,
            source=_address(source),
            destination=_address(destination),
            told=_told(course.offer),
            announced=course.announced,
            answered=course.answered,
            ended=course.cancelled or course.arrived or course.left,
            answer=course.answer,
            linked=tuple(sorted(there)),
            same=tuple(same),
            size=sum(states[place].size for place in same),
            changed=tuple(both) if course.sure else (),
            lost=tuple(lost) if outcome == "arrived" else (),
            unseen=tuple([place for place in states if place not in (*same, *lost, *(both if course.sure else ()))]),
            successor=successor.session.number if successor is not None and successor.session is not None else 0,
            lossy=course.lossy,
        )

    def _successor(self, course: _Course) -> Conversation | None:
        """Main of the session that the client has begun at the other host."""
        source, left = course.source, course.left
        if source is None or left is None:
            return None
        for main, time_ns in self._begun:
            server, client = main.connection.server, main.connection.client
            if time_ns >= left.time_ns and client[0] == source.connection.client[0] and server[1] in course.ports:
                return main
        return None


def _announced(course: _Course) -> Kind:
    """The kind that it would have become."""
    if course.offer is None and not course.answer:
        return ""
    said = {"MIGRATE_CONNECTED_SEAMLESS": True, "MIGRATE_CONNECTED": False}.get(course.answer, course.seamless)
    return "seamless" if said and course.agreed is not False else "semi-seamless"


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _address(main: Conversation | None) -> str:
    return written(main.connection.server) if main is not None else ""


def _told(offer: Any) -> str:
    if offer is None:
        return ""
    host = bytes(offer.host_data or b"").rstrip(b"\0").decode("utf-8", "backslashreplace")
    ports = [str(offer.port)] if 0 < offer.port < 0xFFFF else []
    ports += [f"{offer.sport} (TLS)"] if 0 < offer.sport < 0xFFFF else []
    return f"{f'[{host}]' if ':' in host else host}:{' or '.join(ports)}"


def written(end: Address) -> str:
    """``127.0.0.1:5900``, ``[::1]:5900``."""
    host, port = end
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _session(conversation: Conversation) -> int:
    return conversation.session.number if conversation.session is not None else 0


_Heard = Callable[[Migrations, Conversation, str, Any, At], None]

_SERVER: Final[Mapping[str, _Heard]] = {
    "MIGRATE_BEGIN": Migrations._offered,
    "MIGRATE_BEGIN_SEAMLESS": Migrations._offered,
    "MIGRATE_SWITCH_HOST": Migrations._offered,
    "MIGRATE_CANCEL": Migrations._cancelled,
    "MIGRATE_END": Migrations._ended,
    "MIGRATE": Migrations._left,
    "MIGRATE_DATA": Migrations._sent,
    "MIGRATE_DST_SEAMLESS_ACK": Migrations._agreed,
    "MIGRATE_DST_SEAMLESS_NACK": Migrations._agreed,
}
_CLIENT: Final[Mapping[str, _Heard]] = {
    "MIGRATE_CONNECTED": Migrations._answered,
    "MIGRATE_CONNECTED_SEAMLESS": Migrations._answered,
    "MIGRATE_CONNECT_ERROR": Migrations._answered,
    "MIGRATE_DST_DO_SEAMLESS": Migrations._asked,
    "MIGRATE_END": Migrations._ended_there,
    "MIGRATE_DATA": Migrations._brought,
}
_EVERYWHERE: Final = frozenset({"MIGRATE", "MIGRATE_DATA"})
"""Messages that every channel has."""
