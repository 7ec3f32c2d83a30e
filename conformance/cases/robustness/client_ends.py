"""Clients: links of other channels than main that end (20.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.link.client_steps import main_and_list, next_link
from conformance.server_wire import ServerWire


def _nothing(wire: ServerWire) -> None:
    pass


def _part_of_a_reply(size: int) -> Callable[[ServerWire], None]:
    def some(wire: ServerWire) -> None:
        wire.send(wire.make_reply()[:size], f"{size} bytes of a link reply")

    return some


def _reply(wire: ServerWire) -> None:
    wire.reply()


def _login(wire: ServerWire) -> None:
    wire.reply()
    wire.login()


def _half_a_result(wire: ServerWire) -> None:
    _login(wire)
    wire.send(bytes(2), "half a link result")


_STEPS: Final[dict[str, Callable[[ServerWire], None]]] = {
    "before-the-reply": _nothing,
    "inside-the-header": _part_of_a_reply(7),
    "inside-the-reply": _part_of_a_reply(60),
    "behind-the-reply": _reply,
    "before-the-result": _login,
    "inside-the-result": _half_a_result,
}


def ends(server: SuiteServer, step: str) -> None:
    """The first link behind main ends: the session goes on, with the channels that are linked behind it. Step."""
    talk = main_and_list(server)
    wire = next_link(server)
    _STEPS[step](wire)
    wire.close()
    server.wait_quiet()
    server.alive(talk, f"{wire.asked.name} ended in its link stage, and not main")
    server.link_others()
    for each in server.talking:
        server.alive(each, f"{wire.asked.name} ended in its link stage, and no other channel")


for _step in _STEPS:
    client_case(f"SPICE-ROBUST-002/{_step}", _step)(ends)
