"""A connection that passes: two streams, a direction each way, and the link stage, which says what it is.

The link stage goes on as it is. It is observed for the channel and the header of messages; behind it, a direction gets an
editor if rules want one, or if a server may send its client elsewhere.

**The end.** Each direction ends when its sender has, behind what waits in it; when both have, both streams are closed. A side
that is gone altogether ends what it said. What the other side still says is then read and thrown away for a while: to close
with bytes unread would send a reset, which takes away what that side has not read yet.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from spiceproto.channels import channel_name
from spiceproto.link import Established, Failed, LinkObserver, Opaque, Step
from spiceproto.proxy.direction import Direction
from spiceproto.proxy.faults import Fault
from spiceproto.proxy.stream import Stream
from spiceproto.proxy.traffic import Passage, Watched

if TYPE_CHECKING:
    from spiceproto.proxy.editor import Editor

__all__ = ["LINGER", "Relay", "Station"]

LINGER: Final = 5.0
"""Seconds for which a side is listened to whose other side is gone."""


class Station(Protocol):
    """The proxy, as far as a connection needs it.

    * ``faults``: of all directions
    """

    faults: Sequence[Fault]

    def watch(self, side: str, passage: Passage) -> Watched | None:
        """The observers of a view, None if nobody looks."""

    def editors(self, relay: Relay) -> dict[str, Editor]:
        """Sender to the editor of what it says, as soon as it is known which channel this is."""

    def closed(self, relay: Relay) -> None:
        """A connection is no more."""

    def tell(self, text: str) -> None:
        """A sentence for people."""


class Relay:
    """A connection. ``channel`` is "" before the link message, and for what is no SPICE.

    * ``number``: counts the connections from 1
    * ``mini``: messages have the short header
    * ``established``: the link stage is over, and was kept to
    """

    def __init__(self, station: Station, number: int, client: Stream, server: Stream, wires: dict[str, Passage]) -> None:
        self.station = station
        self.number = number
        self.client = client
        self.server = server
        self.channel = ""
        self.channel_id = 0
        self.mini = True
        self.established = False
        self.watched = {side: station.watch(side, passage) for side, passage in wires.items()}
        heard, seen = self.watched.get("client"), self.watched.get("server")
        self.directions = {
            "client": Direction(self, "client", client, server, heard, seen),
            "server": Direction(self, "server", server, client, seen, heard),
        }
        self._link: LinkObserver | None = LinkObserver()
        self._gone = 0
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        for stream, sender, other in ((client, "client", "server"), (server, "server", "client")):
            direction, back = self.directions[sender], self.directions[other]
            stream.on_bytes = partial(self._link_stage, direction)
            stream.on_end = partial(self._ended, direction)
            stream.on_gone = partial(self._lost, stream)
            stream.on_room = partial(self._room, back)
        for direction in self.directions.values():
            direction.add_faults(
                [item for item in station.faults if not item.channel and item.sender in ("", direction.sender)]
            )

    @property
    def place(self) -> str:
        """The channel as lines call it: ``display:1``."""
        return f"{self.channel}:{self.channel_id}" if self.channel else "unknown"

    def begin(self) -> None:
        """Bytes may come."""
        for stream in (self.server, self.client):
            if stream.gone:  # before anybody heard of it
                self._lost(stream, None)
            else:
                stream.begin()

    # -- the link stage

    def _link_stage(self, direction: Direction, data: bytes) -> None:
        link = self._link
        if link is None:
            direction.received(data)
            return
        found: Established | None = None
        for item in link.receive(direction.sender, data):
            if isinstance(item, Step) and item.kind == "link-message":
                self.channel = channel_name(int(item.value.channel_type))
                self.channel_id = item.value.channel_id
                self._add_faults()
            elif isinstance(item, Established):
                found = item
            elif isinstance(item, Opaque):
                self._over()
                text = f"a security layer ({item.sasl_mechanism}) hides what follows; no rule can see it"
                self.station.tell(f"connection {self.number} ({self.place}): {text}")
            elif isinstance(item, Failed):
                self._over()
        if found is None:
            direction.received(data)
            return
        self._over()
        self.established = True
        self.mini = found.mini_header
        rests = {"client": found.client_rest, "server": found.server_rest}
        editors = self.station.editors(self)
        cut = min(len(rests[direction.sender]), len(data)) if direction.sender in editors else 0
        head, rest = data[: len(data) - cut], data[len(data) - cut :]
        if head:
            direction.received(head)
        for sender, editor in editors.items():
            early = rests[sender]
            editor.feed(early[: len(early) - cut] if sender == direction.sender else early, sent=True)
            self.directions[sender].editor = editor
        if rest:
            direction.received(rest)

    def _over(self) -> None:
        """From here on bytes go straight on."""
        self._link = None
        self.client.on_bytes = self.directions["client"].received
        self.server.on_bytes = self.directions["server"].received

    def _add_faults(self) -> None:
        for direction in self.directions.values():
            mine = [item for item in self.station.faults if item.channel == self.channel]
            direction.add_faults([item for item in mine if item.sender in ("", direction.sender)])

    # -- the end

    def over(self, direction: Direction) -> None:
        """A direction has ended."""
        if not all(item.over for item in self.directions.values()):
            return
        speaking = [item for item in self.directions.values() if not item.source.gone and not item.ending]
        if direction.source.gone and speaking:
            self._linger()
        else:
            self.client.close()
            self.server.close()

    def cut(self) -> None:
        """The connection ends, behind what is on its way."""
        for direction in self.directions.values():
            direction.dead = True
            direction.finish()

    def reset(self) -> None:
        """The connection is reset on both sides."""
        self.client.reset()
        self.server.reset()

    def fault(self, direction: Direction, text: str) -> None:
        """Say what a fault did."""
        where = f"connection {self.number} ({self.place}), from {direction.sender}"
        self.station.tell(f"fault {text}: {where}, byte {direction.passed}")
        self.note(f"fault {text}, byte {direction.passed} of the {direction.sender}")

    def note(self, text: str) -> None:
        """Have observers remember what was done."""
        for watched in self.watched.values():
            if watched is not None:
                watched.note(text)

    def abort(self) -> None:
        """End it at once."""
        self.client.abort()
        self.server.abort()

    def _ended(self, direction: Direction) -> None:
        """A side says nothing more."""
        direction.ended()
        if self._timer is not None:
            self.client.close()
            self.server.close()

    @staticmethod
    def _room(direction: Direction, room: bool) -> None:
        """The way out is full, or is not any more."""
        if room:
            direction.release("full")
        else:
            direction.hold("full")

    def _lost(self, stream: Stream, error: Exception | None) -> None:
        """A stream is no more."""
        self._gone += 1
        sender, other = ("client", "server") if stream is self.client else ("server", "client")
        self.directions[other].abandon()
        self.directions[sender].ended(reset=isinstance(error, ConnectionResetError))
        if self._gone == 1:
            self.directions[other].release("full")
            if self.directions[sender].over:
                self.over(self.directions[sender])
            return
        if not self._closed:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            now = time.time_ns()
            for watched in self.watched.values():
                if watched is not None:
                    watched.closed(now)
            self.station.closed(self)

    def _linger(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LINGER, self.abort)
