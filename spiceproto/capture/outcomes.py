"""What became of the sessions of a capture: who took them over, and which channels that the server listed were never linked.

Both can be said only at the end: the server hangs up on an old client before or after it answers the new one, and a channel
may be linked late. Nothing is said of what a capture cannot show: a connection that could not be read may be the one that
is missed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec

from spiceproto.capture.conversation import Conversation
from spiceproto.capture.layers import Refusal
from spiceproto.capture.limits import OUTCOMES
from spiceproto.capture.sessions import Gathered

__all__ = ["Outcomes", "Takeover", "Unlinked", "enumerated"]

_SECOND: Final = 1_000_000_000
_NEAR: Final = _SECOND
"""Between the end of a client and the acceptance of the one that takes its place."""


def enumerated(items: Iterable[object], most: int = 8) -> str:
    """``1, 2 and 3``; of many the first."""
    words = [str(item) for item in items]
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} more"]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _connections(numbers: Sequence[int]) -> str:
    return f"connection{'s'[: len(numbers) != 1]} {enumerated(numbers)}"


class Takeover(msgspec.Struct, frozen=True, kw_only=True):
    """Another client was accepted, and the server ended this one.

    * ``session``: the one that ended
    * ``by``: the main connection of the other client
    * ``connections``: those of the session that the server ended
    * ``frame``: of the first of these ends
    """

    session: int
    by: int
    connections: tuple[int, ...]
    frame: int

    def __str__(self) -> str:
        ended = f"the server ended {_connections(self.connections)} (frame {self.frame})"
        return f"session {self.session}: taken over by connection {self.by}; {ended}"


class Unlinked(msgspec.Struct, frozen=True, kw_only=True):
    """Channels that the server listed and that no connection of the session was for.

    * ``session``: which one
    * ``channels``: their names
    * ``whole``: the capture has the end of the session; else ``seconds`` is from the list to the end of the capture
    * ``tried``: connections that asked for one of them and were not accepted
    * ``refused``: attempts of this client to connect, that nobody accepted
    * ``lossy``: bytes of its main channel are missing, so its number may not be known
    * ``strange``: between the same machines there was a connection of which nobody knows what it was
    * ``astray``: connections to this server of which nobody knows the channel, or the session
    """

    session: int
    channels: tuple[str, ...]
    whole: bool
    seconds: float
    tried: tuple[int, ...] = ()
    refused: tuple[Refusal, ...] = ()
    astray: tuple[int, ...] = ()
    strange: bool = False
    lossy: bool = False

    @property
    def all_refused(self) -> bool:
        """There was a refusal for each of them."""
        return len(self.refused) >= len(self.channels)

    def __str__(self) -> str:
        if self.all_refused:
            kind = "listed and refused"
        elif self.astray or self.strange or self.lossy:
            kind = "listed and not seen to be linked"
        elif self.whole:
            kind = "listed and never linked in this capture"
        else:
            kind = f"listed and not linked before the capture ends, {self.seconds:.3f} s later"
        text = f"session {self.session}: {kind}: {enumerated(self.channels, most=16)}"
        if self.refused:
            server, count = self.refused[0].place, len(self.refused)
            how = enumerated(dict.fromkeys(item.how for item in self.refused))
            frames = f"frame{'s'[: count != 1]} {enumerated(item.frame for item in self.refused)}"
            text += f"; {count} connection{'s'[: count != 1]} to {server} {'were' if count != 1 else 'was'} {how} ({frames})"
        if self.tried:
            text += f"; asked for in vain on {_connections(self.tried)}"
        if self.astray:
            text += f"; {_connections(self.astray)} could not be placed and may be for one of them"
        if self.lossy:
            text += "; bytes of its main channel are missing"
        if self.strange:
            text += "; a connection between these machines that was not decoded may be for one of them"
        return text


class _Member:
    """A connection: what is kept of it.

    * ``number``, ``session``, ``channel``, ``place``: which one it is
    * ``client``, ``server``: host of the client; where the server is, by address and by what a proxy was asked for
    * ``opened``, ``linked``: times; ``linked`` is -1 where the link stage did not end well
    * ``failed``: it did end
    * ``named``: the session that its link message names
    * ``migrated``: the client brought the number of a session, as one that is to migrate does for main
    * ``lossy``: bytes of it are missing
    * ``ends``: side to time and frame, in their order
    """

    __slots__ = (
        "channel",
        "client",
        "ends",
        "failed",
        "linked",
        "lossy",
        "migrated",
        "named",
        "number",
        "opened",
        "place",
        "server",
        "session",
    )

    def __init__(self, conversation: Conversation) -> None:
        connection = conversation.connection
        self.number = connection.number
        self.session = conversation.session.number if conversation.session is not None else 0
        self.channel = conversation.channel
        self.place = conversation.place
        self.client = connection.client[0]
        self.server = (*connection.server, connection.target)
        self.opened = connection.time_ns
        self.linked = -1
        self.failed = False
        self.named = conversation.connection_id
        self.migrated = conversation.channel == "main" and conversation.connection_id != 0
        self.lossy = False
        self.ends: dict[str, tuple[int, int]] = {}

    @property
    def ended_by_server(self) -> tuple[int, int] | None:
        """Time and frame, if it was the server that ended it."""
        side, end = next(iter(self.ends.items()), ("", None))
        return end if side == "server" else None


class _Listed:
    """What a server listed in a session.

    * ``session``: the one they belong to
    * ``channels``: their names, in order
    * ``time_ns``: of the first list
    """

    __slots__ = ("channels", "session", "time_ns")

    def __init__(self, session: Gathered, time_ns: int) -> None:
        self.session = session
        self.channels: dict[str, None] = {}
        self.time_ns = time_ns


class Outcomes:
    """Keeps what it takes to say that, of the first :data:`~spiceproto.capture.limits.OUTCOMES` connections."""

    def __init__(self) -> None:
        self._members: dict[int, _Member] = {}
        self._listed: dict[int, _Listed] = {}
        self._full = False

    def _member(self, conversation: Conversation) -> _Member | None:
        number = conversation.connection.number
        found = self._members.get(number)
        if found is None and len(self._members) < OUTCOMES:
            found = self._members[number] = _Member(conversation)
        self._full = self._full or found is None
        return found

    def linked(self, conversation: Conversation, time_ns: int) -> None:
        """The server accepted the link."""
        member = self._member(conversation)
        if member is not None:
            member.linked = time_ns

    def failed(self, conversation: Conversation, session: int) -> None:
        """It did not; ``session`` is the one that the client named, 0 for none."""
        member = self._member(conversation)
        if member is not None:
            member.failed = True
            member.session = session

    def listed(self, conversation: Conversation, channels: Iterable[str], time_ns: int) -> None:
        """The server named channels."""
        if conversation.session is not None and len(self._listed) < OUTCOMES:
            found = self._listed.setdefault(conversation.session.number, _Listed(conversation.session, time_ns))
            found.channels |= dict.fromkeys(channels)

    def closed(self, conversation: Conversation) -> None:
        """The connection is over, or the capture is."""
        member = self._member(conversation)
        if member is not None:
            member.lossy = bool(conversation.connection.missing)
            member.ends = {side: (end.time_ns, end.frame) for side, end in conversation.connection.ends.items()}

    # -- at the end

    def takeovers(self) -> list[Takeover]:
        """Sessions that ended because another client came."""
        mains = [member for member in self._members.values() if member.channel == "main" and member.linked >= 0]
        found = []
        for main in mains:
            end = main.ended_by_server
            if end is None:
                continue
            others = [
                other
                for other in mains
                if other.session != main.session
                and other.server == main.server
                and other.opened < end[0]
                and main.linked < other.linked
                and not main.migrated
                and abs(other.linked - end[0]) <= _NEAR
            ]
            if others:
                other = min(others, key=lambda other: abs(other.linked - end[0]))
                ended = [member for member in self._members.values() if self._ended_for(member, main.session, other.linked)]
                frame = min(member.ends["server"][1] for member in ended)
                numbers = tuple(sorted(member.number for member in ended))
                found.append(Takeover(session=main.session, by=other.number, connections=numbers, frame=frame))
        return found

    @staticmethod
    def _ended_for(member: _Member, session: int, time_ns: int) -> bool:
        end = member.ended_by_server
        return member.session == session and member.linked >= 0 and end is not None and abs(end[0] - time_ns) <= _NEAR

    def _is_astray(self, member: _Member) -> bool:
        """It was not read; or its session is one that only its link message names, for that one's beginning is missing."""
        if member.linked < 0:
            return not member.failed
        return member.channel != "main" and member.session not in self._listed

    def unlinked(self, refusals: Sequence[Refusal], strange: Collection[tuple[str, str]], last_ns: int) -> list[Unlinked]:
        """Channels that were listed and not linked.

        ``strange`` are clients and servers between which there was something that nobody knows, ``last_ns`` is the end of the
        capture.
        """
        if self._full:
            return []
        members = list(self._members.values())
        found = []
        for session, listed in self._listed.items():
            mine = [member for member in members if member.session == session]
            id = listed.session.id
            linked = {
                member.place
                for member in members
                if member.linked >= 0 and (member.session == session or (id is not None and member.named == id))
            }
            mains = [member for member in mine if member.channel == "main"]
            channels = tuple(place for place in listed.channels if place not in linked)
            if not channels or not mains:
                continue
            main = mains[-1]
            until = next(iter(main.ends.values()), (last_ns, 0))[0]
            found.append(
                Unlinked(
                    session=session,
                    channels=channels,
                    whole=bool(main.ends),
                    seconds=max(last_ns - listed.time_ns, 0) / _SECOND,
                    tried=tuple(member.number for member in mine if member.failed and member.place in channels),
                    refused=tuple(
                        refusal
                        for refusal in refusals
                        if refusal.client[0] == main.client
                        and refusal.server[0] == main.server[0]
                        and listed.time_ns <= refusal.time_ns <= until
                    ),
                    lossy=main.lossy or id is None,
                    strange=(main.client, main.server[0]) in strange,
                    astray=tuple(
                        member.number for member in members if member.server[0] == main.server[0] and self._is_astray(member)
                    ),
                )
            )
        return found
