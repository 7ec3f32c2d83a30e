"""Ports: which one it is comes first, and the guest opens it and closes it.

The client may write and say EVENT whenever it wants: what it sends while the port is closed may be under way.
"""

from __future__ import annotations

from typing import Final

from spiceproto.enums.spicevmc import PortEvent
from spiceproto.machine import Begin, Forbidden, Machine, Rule, Scenario, Split

__all__ = ["MACHINES", "PORT", "SCENARIOS"]

_FIRST, _ONCE, _TWICE, _SILENT = "SPICE-VMC-010", "SPICE-VMC-011", "SPICE-VMC-016", "SPICE-VMC-017"
_BYTES: Final = ("DATA", "COMPRESSED_DATA")

PORT = Machine(
    "port",
    doc="One port, or the one of webdav, as its server says it.",
    channels=("port", "webdav"),
    states={
        "linked": "The channel is linked; `INIT` is due.",
        "open": "The guest has the port open.",
        "closed": "The guest has the port closed.",
        "joined": "Where an observer begins that has not seen the beginning: the port is open, or closed.",
    },
    begins={"midway": Begin("joined", past=False)},
    rules=(
        Rule("linked", "server", "INIT open", "open", _FIRST),
        Rule("linked", "server", "INIT closed", "closed", _FIRST),
        Rule("joined", "server", "INIT open", "open", _FIRST),
        Rule("joined", "server", "INIT closed", "closed", _FIRST),
        *[Rule("open", "server", name, "open", _SILENT) for name in _BYTES],
        *[Rule("joined", "server", name, "open", _SILENT) for name in _BYTES],
        Rule("open", "server", "EVENT closed", "closed", _TWICE),
        Rule("closed", "server", "EVENT opened", "open", _TWICE),
        Rule("joined", "server", "EVENT closed", "closed", _TWICE),
        Rule("joined", "server", "EVENT opened", "open", _TWICE),
        *[Rule(state, "server", "EVENT other", state, _FIRST) for state in ("open", "closed", "joined")],
    ),
    splits=(
        Split("server", "INIT", ("opened",), (((0,), "closed"),), "open"),
        Split(
            "server",
            "EVENT",
            ("event",),
            (((int(PortEvent.OPENED),), "opened"), ((int(PortEvent.CLOSED),), "closed")),
            "other",
        ),
    ),
    forbidden=(
        *[
            Forbidden("server", name, _FIRST, state="linked")
            for name in (*_BYTES, "EVENT opened", "EVENT closed", "EVENT other")
        ],
        Forbidden("server", "INIT open", _ONCE, state="open"),
        Forbidden("server", "INIT closed", _ONCE, state="open", then="closed"),
        Forbidden("server", "INIT open", _ONCE, state="closed", then="open"),
        Forbidden("server", "INIT closed", _ONCE, state="closed"),
        Forbidden("server", "EVENT opened", _TWICE, state="open"),
        Forbidden("server", "EVENT closed", _TWICE, state="closed"),
        *[Forbidden("server", name, _SILENT, state="closed") for name in _BYTES],
    ),
)

MACHINES = (PORT,)

SCENARIOS = (
    Scenario(
        "port",
        "A port is opened, written into and closed",
        "port",
        (
            ("server", "INIT closed", "its name"),
            ("server", "EVENT opened", "the guest opens the device"),
            ("server", "DATA", "what the guest writes"),
            ("server", "EVENT other", "BREAK"),
            ("server", "EVENT closed", ""),
        ),
    ),
)
