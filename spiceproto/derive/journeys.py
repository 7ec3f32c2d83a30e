"""Migrations for people: what a client and two servers say to each other, from the announcement to the first word behind it.

Each is run through every table of both servers while it is drawn (:mod:`spiceproto.derive.journey_diagram`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from spiceproto.machine import LINK, Sender

__all__ = ["JOURNEYS", "Journey", "Step"]


class Step(msgspec.Struct, frozen=True):
    """One message, at one of the servers.

    * ``message``: with its channel in front; ``LINK`` for a link stage, ``CLOSE`` for its end
    * ``values``: fields that tables read
    """

    at: Literal["source", "destination"]
    sender: Sender
    message: str
    remark: str = ""
    values: Mapping[str, Any] = {}


class Journey(msgspec.Struct, frozen=True):
    """One example.

    * ``before``: what was said already, and is not drawn
    * ``anew``: the destination sees a session that begins there
    """

    name: str
    title: str
    steps: tuple[Step, ...]
    before: tuple[Step, ...] = ()
    anew: bool = False


_INIT: Final = {"supported_mouse_modes": 3, "current_mouse_mode": 2, "session_id": 7}
_BOTH: Final = {"flags": 3}
_KNOWN: Final = {"src_mig_version": 1}

_RUNNING: Final = (
    Step("source", "server", "main.INIT", values=_INIT),
    Step("source", "client", "main.ATTACH_CHANNELS"),
    Step("source", "server", "cursor.INIT"),
    Step("source", "server", "inputs.INIT"),
    Step("source", "client", "display.INIT"),
)

_LINKED: Final = (
    Step("destination", "client", f"main.{LINK}", "the session id is the connection id"),
    Step("destination", "client", f"display.{LINK}", "and all other channels"),
)

JOURNEYS = (
    Journey(
        "switch-host",
        "Switch host",
        (
            Step("source", "server", "main.MIGRATE_SWITCH_HOST", "the guest has gone"),
            Step("source", "client", "main.CLOSE", "all channels"),
            Step("destination", "client", f"main.{LINK}", "connection id 0: a new session"),
            Step("destination", "server", "main.INIT", "", _INIT),
            Step("destination", "client", "main.ATTACH_CHANNELS"),
        ),
        _RUNNING,
        anew=True,
    ),
    Journey(
        "semi-seamless",
        "Semi-seamless",
        (
            Step("source", "server", "main.MIGRATE_BEGIN", "host, ports, subject"),
            *_LINKED,
            Step("source", "client", "main.MIGRATE_CONNECTED"),
            Step("source", "server", "main.MIGRATE_END", "the guest has gone"),
            Step("source", "client", "main.CLOSE", "all channels"),
            Step("destination", "client", "main.MIGRATE_END"),
            Step("destination", "server", "main.INIT", "the same session id", _INIT),
            Step("destination", "client", "main.ATTACH_CHANNELS"),
            Step("destination", "client", "display.INIT", "as on any new channel"),
        ),
        _RUNNING,
    ),
    Journey(
        "seamless",
        "Seamless",
        (
            Step("source", "server", "main.MIGRATE_BEGIN_SEAMLESS", "host, ports, subject, version 1", _KNOWN),
            _LINKED[0],
            Step("destination", "client", "main.MIGRATE_DST_DO_SEAMLESS", "version 1"),
            Step("destination", "server", "main.MIGRATE_DST_SEAMLESS_ACK"),
            _LINKED[1],
            Step("source", "client", "main.MIGRATE_CONNECTED_SEAMLESS"),
            Step("source", "server", "cursor.MIGRATE", "no flags: the guest has gone"),
            Step("source", "server", "display.MIGRATE", "NEED_FLUSH, NEED_DATA_TRANSFER", _BOTH),
            Step("source", "client", "display.MIGRATE_FLUSH_MARK"),
            Step("source", "server", "display.MIGRATE_DATA"),
            Step("destination", "client", "display.MIGRATE_DATA", "the same bytes"),
            Step("source", "server", "main.MIGRATE", "both flags", _BOTH),
            Step("source", "client", "main.MIGRATE_FLUSH_MARK"),
            Step("source", "server", "main.MIGRATE_DATA"),
            Step("destination", "client", "main.MIGRATE_DATA", "the same bytes"),
            Step("source", "client", "main.CLOSE", "all channels"),
            Step("destination", "server", "display.INVAL_ALL_PALETTES"),
            Step("destination", "server", "main.MULTI_MEDIA_TIME", "and so on where it was"),
        ),
        _RUNNING,
    ),
    Journey(
        "cancelled",
        "Cancelled",
        (
            Step("source", "server", "main.MIGRATE_BEGIN", "host, ports, subject"),
            *_LINKED,
            Step("source", "client", "main.MIGRATE_CONNECTED"),
            Step("source", "client", "inputs.KEY_DOWN", "all goes on meanwhile"),
            Step("source", "server", "main.MIGRATE_CANCEL", "the guest stays"),
            Step("destination", "client", "main.CLOSE", "all channels"),
            Step("source", "server", "main.MIGRATE_BEGIN", "another time"),
        ),
        _RUNNING,
    ),
)
