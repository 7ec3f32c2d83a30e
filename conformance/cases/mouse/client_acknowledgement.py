"""Clients: acknowledgement of movements (4.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.mouse.pointer import BUNCH, KIND, WINDOW, how_far_went, in_mode
from conformance.expectation import at_least, at_most, check_value
from conformance.outcome import Failure, NotApplicable
from spiceproto.enums.main import MouseMode

_SERVER: Final = MouseMode.SERVER
_CLIENT: Final = MouseMode.CLIENT
_MANY: Final = 30
_OPEN: Final = "number without an acknowledgement"


@client_case("SPICE-MOUSE-020/motions", _SERVER.value, channel="inputs", needs=("act:motion",))
@client_case("SPICE-MOUSE-020/positions", _CLIENT.value, channel="inputs", needs=("act:position",))
def eight_at_most(server: SuiteServer, mode: int) -> None:
    """Thirty movements without an acknowledgement, then one acknowledgement and thirty more: eight come, then four. Mode."""
    pointer = in_mode(server, mode)
    pointer.act_often(mode, range(_MANY))
    pointer.gather(WINDOW)
    if not pointer.moves:
        raise Failure(f"{KIND[MouseMode(mode)]}, for the pointer was moved", "no movement")
    check_value("movements", _OPEN, pointer.open, at_most(WINDOW))
    if pointer.open < BUNCH:
        # It adds up of its own accord; there is nothing to acknowledge yet.
        return
    pointer.acknowledge()
    pointer.act_often(mode, range(_MANY, 2 * _MANY))
    pointer.gather(BUNCH)
    check_value("movements", _OPEN, pointer.open, at_most(WINDOW), why="after one acknowledgement for four of the first")


@client_case("SPICE-MOUSE-020/mixed", channel="inputs", needs=("act:motion", "act:position"))
def eight_of_both(server: SuiteServer) -> None:
    """Five movements in each mode without an acknowledgement: both kinds count together."""
    pointer = in_mode(server, _SERVER)
    pointer.act_often(_SERVER, range(5))
    pointer.gather(5)
    pointer.tell_mode(_CLIENT)
    pointer.act_often(_CLIENT, range(_MANY))
    pointer.gather(WINDOW - pointer.open)
    check_value("movements of both kinds", _OPEN, pointer.open, at_most(WINDOW))


@client_case("SPICE-MOUSE-024/four-for-one", channel="inputs", needs=("act:motion",))
def four_for_one(server: SuiteServer) -> None:
    """Movements until the client holds them back, one acknowledgement, and as many movements again: four come."""
    pointer = in_mode(server, _SERVER)
    # One after the other: a client may add up what comes close together, and may have fewer than eight under way.
    for number in range(WINDOW + 1):
        pointer.act(_SERVER, number)
        pointer.gather(1)
    under_way = pointer.open
    if under_way < BUNCH:
        raise NotApplicable(f"the client has {under_way} movements under way: there is nothing to acknowledge")
    pointer.acknowledge()
    for number in range(WINDOW):
        pointer.act(_SERVER, number)
        pointer.gather(1)
    freed = pointer.open - (under_way - BUNCH)
    check_value("MOUSE_MOTION", "number behind the acknowledgement", freed, at_least(BUNCH), why=f"{under_way} were under way")


@client_case("SPICE-MOUSE-021/sums", channel="inputs", needs=("act:motion",), requires=("SPICE-MOUSE-012/in-server-mode",))
def sums(server: SuiteServer) -> None:
    """Thirty motions, acknowledged late: what came adds up to what the mouse did."""
    pointer = in_mode(server, _SERVER, _SERVER)
    pointer.act_often(_SERVER, range(_MANY))
    pointer.gather(WINDOW)
    pointer.settle()
    check_value("MOUSE_MOTION", "sum of dx and of dy", how_far_went(pointer.moves), (3 * _MANY, -2 * _MANY))


@client_case(
    "SPICE-MOUSE-021/newest-position", channel="inputs", needs=("act:position",), requires=("SPICE-MOUSE-013/in-client-mode",)
)
def newest(server: SuiteServer) -> None:
    """Thirty positions, acknowledged late: the last that came is where the pointer is."""
    pointer = in_mode(server, _CLIENT)
    pointer.act_often(_CLIENT, range(_MANY))
    pointer.gather(WINDOW)
    pointer.settle()
    wanted = 10 + _MANY - 1, 20 + 2 * (_MANY - 1)
    end = server.now + server.network.patience
    # A client with a window hears of its own pointer a little later.
    while pointer.place != wanted and server.now < end:
        pointer.gather(1)
        pointer.settle()
    check_value("last movement", "position", pointer.place, wanted)
