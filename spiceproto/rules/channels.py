"""The channels of a session: listed, linked, gone; and how a cursor channel begins.

A life for each channel, by type and id, that all connections of a session share. Main is not among them: it is linked
before there is a list, and everything ends with it. LINK is told when a link stage is complete, and CLOSE as the
client's, whoever closed, when the last connection of the channel is closed.
"""

from __future__ import annotations

from spiceproto.machine import CLOSE, EVERY, LINK, Begin, Forbidden, Keys, Machine, Place, Rule, Scenario

__all__ = ["CHANNELS", "CURSOR_INIT", "MACHINES", "SCENARIOS"]

_LIST, _LINK, _CLOSE = "main.CHANNELS_LIST", f"*.{LINK}", f"*.{CLOSE}"

CHANNELS = Machine(
    "channels",
    doc="The channels of a session, but for main.",
    channels=EVERY,
    scope="session",
    states={
        "unlisted": "No list has named the channel.",
        "listed": "A list has named it, and it is not linked.",
        "linked": "It is linked.",
        "uninvited": "It is linked, and no list has named it.",
    },
    # What was listed or linked at the source is not known at a destination.
    begins={"destination": Begin(past=False)},
    rules=(
        Rule("unlisted", "server", _LIST, "listed", "SPICE-MAIN-012"),
        Rule("listed", "server", _LIST, "listed", "SPICE-MAIN-012"),
        Rule("linked", "server", _LIST, "linked", "SPICE-MAIN-012"),
        Rule("uninvited", "server", _LIST, "linked", "SPICE-MAIN-012"),
        Rule("listed", "client", _LINK, "linked", "SPICE-MAIN-015"),
        Rule("linked", "client", _CLOSE, "listed", "SPICE-MAIN-015"),
        Rule("uninvited", "client", _CLOSE, "unlisted", "SPICE-MAIN-015"),
        Rule("listed", "client", _CLOSE, "listed", "SPICE-MAIN-015"),
        Rule("unlisted", "client", _CLOSE, "unlisted", "SPICE-MAIN-015"),
    ),
    forbidden=(
        Forbidden("client", _LINK, "SPICE-MAIN-015"),
        Forbidden("client", _LINK, "SPICE-MAIN-017", state="unlisted", then="uninvited"),
    ),
    keys=Keys(
        "channel",
        ("type", "id"),
        (
            Place("server", _LIST, ("type", "id"), at="channels"),
            Place("client", _LINK, ("type", "id")),
            Place("client", _CLOSE, ("type", "id")),
        ),
    ),
)

_OF_CURSOR = ("SET", "MOVE", "HIDE", "TRAIL")
"""What rests on INIT. Of RESET and INVAL, which can come of a guest that changes its mode before there is a picture, nothing is
said here: a case looks at the first message of a link."""

CURSOR_INIT = Machine(
    "cursor-init",
    doc="The beginning of a cursor channel.",
    channels=("cursor",),
    carried=True,
    states={
        "linked": "The channel is linked; the server's `INIT` is due.",
        "open": "`INIT` was sent, or something that rests on it.",
    },
    # A channel that migrated goes on where it was.
    begins={"destination": None, "midway": None},
    rules=(
        Rule("linked", "server", "INIT", "open", "SPICE-MAIN-029"),
        Rule("open", "server", "INIT", "open", "SPICE-MAIN-029"),
        *[Rule("open", "server", name, "open", "SPICE-MAIN-029") for name in _OF_CURSOR],
    ),
    forbidden=tuple([Forbidden("server", name, "SPICE-MAIN-029", then="open") for name in _OF_CURSOR]),
)

MACHINES = (CHANNELS, CURSOR_INIT)

SCENARIOS = (
    Scenario(
        "channels",
        "A channel is linked twice in turn",
        "channels",
        (
            ("server", _LIST, "display 0"),
            ("client", _LINK, "display 0"),
            ("client", _CLOSE, "display 0 is lost"),
            ("client", _LINK, "display 0 once more"),
        ),
    ),
)
