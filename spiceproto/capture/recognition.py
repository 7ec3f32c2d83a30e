"""Which channel a connection is whose beginning the capture does not have, and where its messages begin.

Every pair of a channel and a header is tried with either end as the server. What the bodies speak for
(:mod:`~spiceproto.capture.evidence`) decides, and what is known besides: a server listens on the lower port, and an address
where SPICE was seen is likely to speak it again. A decision needs points enough, and a distance from every other
explanation. Where only messages that all channels have were sent, the connection is SPICE and the channel stays unknown.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from spiceproto import dispatch
from spiceproto.capture.chains import Chain, Run, Search
from spiceproto.capture.layers import Recognised
from spiceproto.channels import NAMES

__all__ = ["CHANNELS", "CLEAR", "TICKETS", "Ends", "recognise"]

CHANNELS: Final = tuple([name for name in NAMES if name != "tunnel"])
"""Channels that are looked for; no program that is in use has the other."""

ENOUGH: Final = 20
"""Points without which a connection is not SPICE."""

ENOUGH_KNOWN: Final = 8
"""The same where the server is one that speaks SPICE."""

CLEAR: Final = 30
"""Points from which on the address is one that speaks SPICE, though no channel was named."""

_MARGIN: Final = 5
_FEWEST: Final = 2
_PORT: Final = 6
_KNOWN_SERVER: Final = 12
_SILENT_END: Final = -12
_EPHEMERAL: Final = 32768
_ANY_PLACE_ABOVE: Final = 8
_BODIES: Final = 1500
"""Bodies looked at in one end for one table before the search from any byte is given up."""

_BODIES_FOREIGN: Final = 150
"""The same while nothing speaks for SPICE yet."""

TICKETS: Final = (128, 132)
"""Bytes of a ticket, and with the number of its mechanism: an end that sent so many may have said nothing yet."""

_PLAIN_NEEDED: Final = frozenset({"port", "playback", "record", "usbredir", "webdav"})
"""Channels whose usual messages take any bytes: without another one they are not named."""

Address = tuple[str, int]
Ends = dict[bool, list[Run]]
"""True for the end that is taken for the client so far -> its runs."""


class _Found(NamedTuple):
    """The chains of one end for one table. ``start``: run and offset of the first."""

    points: int
    messages: int
    own: int
    plain: int
    start: tuple[int, int] | None


_NOTHING: Final = _Found(0, 0, 0, 0, None)


class _Table:
    """Searches of one attempt, shared by all who ask for the same."""

    def __init__(self, ends: Ends, linking: bool) -> None:
        self._ends = ends
        self._linking = linking
        self._searches: dict[tuple[int, str, str, bool], Search] = {}
        self._found: dict[tuple[bool, str, str, bool, int], _Found] = {}

    def search(self, run: Run, table: str, sender: str, mini: bool) -> Search:
        key = (id(run), table, sender, mini)
        found = self._searches.get(key)
        if found is None:
            found = self._searches[key] = Search(run, table, sender, mini=mini)
        return found

    def of(self, end: bool, table: str, sender: str, mini: bool, bodies: int) -> _Found:
        """The chains of one end; ``bodies``: how many to look at besides those where segments begin."""
        if sender == "client" and table in ("cursor", "playback"):
            table = dispatch.COMMON
        key = (end, table, sender, mini, bodies)
        found = self._found.get(key)
        if found is None:
            found = _NOTHING
            size = 0
            for index, run in enumerate(self._ends[end]):
                size += len(run)
                chain = self._chain(run, table, sender, mini, bodies)
                if chain is not None and chain.messages:
                    found = _Found(
                        found.points + chain.points,
                        found.messages + chain.messages,
                        found.own + chain.own,
                        found.plain + chain.plain,
                        found.start or (index, chain.start),
                    )
            if size and not found.messages:
                if self._waits(end, table, sender, mini):
                    found = found._replace(start=(0, 0))
                elif not self._linking and size not in TICKETS:
                    found = found._replace(points=_SILENT_END)
            self._found[key] = found
        return found

    def _chain(self, run: Run, table: str, sender: str, mini: bool, bodies: int) -> Chain | None:
        search = self.search(run, table, sender, mini)
        best = search.of_segments()
        return search.of_any(best, bodies) if bodies and (best is None or best.start) else best

    def _waits(self, end: bool, table: str, sender: str, mini: bool) -> bool:
        """Whether all that this end sent may be one message that is not whole yet."""
        runs = [run for run in self._ends[end] if len(run)]
        return len(runs) == 1 and runs[0] is self._ends[end][0] and self.search(runs[0], table, sender, mini).at(0) is not None


def recognise(
    ends: Ends,
    addresses: dict[bool, Address],
    *,
    known: Collection[Address] = (),
    thorough: bool = False,
    channels: Collection[str] = CHANNELS,
    linking: bool = False,
) -> Recognised | None:
    """What a connection is, from what both ends sent; None if that is not clear.

    ``addresses``: of the ends. ``known``: addresses of SPICE servers. ``thorough``: look from every byte, whatever it
    costs (within bounds). ``channels``: what it may be. ``linking``: it is SPICE, and bytes of its link stage are there.
    """
    table = _Table(ends, linking)
    low = [end for end in (True, False) if addresses[end][1] < _EPHEMERAL <= addresses[not end][1]]
    servers = [end for end in (True, False) if addresses[end] in known]
    tried: list[tuple[int, bool, bool, str, _Found, _Found]] = []
    for server in (False, True):
        if len(servers) == 1 and server != servers[0]:
            continue
        hint = (low == [server]) * _PORT + (server in servers) * _KNOWN_SERVER
        for mini in (True, False):
            for channel in channels:
                first = table.of(server, channel, "server", mini, 0)
                second = table.of(not server, channel, "client", mini, 0)
                bodies = _BODIES if thorough or max(first.points, second.points) >= _ANY_PLACE_ABOVE else 0
                if bodies:
                    first = table.of(server, channel, "server", mini, bodies)
                    second = table.of(not server, channel, "client", mini, bodies)
                worth = first.points + second.points + hint
                if first.messages + second.messages:
                    tried.append((worth, server, mini, channel, first, second))
    if not tried:
        return None
    tried.sort(key=lambda item: -item[0])
    worth, server, mini, channel, first, second = tried[0]
    if worth < (ENOUGH_KNOWN + _KNOWN_SERVER if servers else ENOUGH):
        return None
    if first.messages + second.messages < (1 if servers else _FEWEST):
        return None
    margin = 1 if linking and len(channels) == 1 else _MARGIN
    if channel in _PLAIN_NEEDED and not (first.plain or second.plain):
        return None
    if any(other[0] > worth - margin and other[1:3] != (server, mini) for other in tried):
        return None
    same = [other for other in tried if other[1:3] == (server, mini)]
    certain = len(channels) == 1 or (
        first.own + second.own > 0 and all(other[0] <= worth - _MARGIN for other in same if other[3] != channel)
    )
    if not certain:
        # Only what any channel could have said is taken.
        first = table.of(server, dispatch.COMMON, "server", mini, 0)
        second = table.of(not server, dispatch.COMMON, "client", mini, 0)
    return Recognised(
        channel=channel if certain else "",
        mini=mini,
        swapped=server,
        points=worth,
        starts={server: first.start, not server: second.start},
    )
