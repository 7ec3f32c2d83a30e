"""What client and agent say to each other inside of AGENT_DATA, from the greeting of the client until the agent is gone.

The channel is called *agent* here, and *server* is who sends the agent's messages. Ends do not wait for each other: what
crossed is no mistake. So an end is held to what it has said itself: a selection that it grabbed and that the other end has not
grabbed since is its own, and a transfer that it has ended is over, while the other end may not know that yet.

Serials, formats and sizes are compared in :mod:`spiceproto.agent_exchange`.
"""

from __future__ import annotations

from typing import Final, get_args

from spiceproto.machine import ANY, Begin, Drawing, Forbidden, Keys, Machine, Place, Rule, Scenario, Sender, Split

__all__ = ["ANNOUNCEMENTS", "CLIPBOARD", "MACHINES", "SCENARIOS", "TRANSFERS"]

_FIRST, _ASKS, _OWN, _RELEASE = "SPICE-AGENT-020", "SPICE-AGENT-021", "SPICE-AGENT-031", "SPICE-AGENT-035"
_AGENT_FIRST, _GRAB = "SPICE-AGENT-027", "SPICE-AGENT-036"
_DATA, _ID, _STATUS = "SPICE-AGENT-045", "SPICE-AGENT-047", "SPICE-AGENT-056"

_ANNOUNCE: Final = "ANNOUNCE_CAPABILITIES"

ANNOUNCEMENTS = Machine(
    "announcements",
    doc="Who has announced itself to whom.",
    channels=("agent",),
    carried=True,
    states={
        "greeted": "The client has said `AGENT_START`; nobody has announced anything.",
        "client": "The client has announced itself.",
        "agent": "The agent has announced itself, and the client has not.",
        "both": "Both have.",
    },
    begins={"destination": None, "midway": None},
    splits=(Split("client", _ANNOUNCE, ("request",), (((0,), "plain"),), "asking"),),
    rules=(
        Rule("greeted", "client", f"{_ANNOUNCE} asking", "client", _FIRST),
        Rule("agent", "client", f"{_ANNOUNCE} asking", "both", _FIRST),
        Rule("agent", "client", f"{_ANNOUNCE} plain", "both", _FIRST),
        *[
            Rule(state, "client", f"{_ANNOUNCE} {word}", state, _FIRST)
            for state in ("client", "both")
            for word in ("asking", "plain")
        ],
        *[Rule(state, "client", ANY, state, _FIRST) for state in ("client", "both")],
        Rule("greeted", "server", _ANNOUNCE, "agent", _AGENT_FIRST),
        Rule("client", "server", _ANNOUNCE, "both", _AGENT_FIRST),
        *[Rule(state, "server", name, state, _AGENT_FIRST) for state in ("agent", "both") for name in (_ANNOUNCE, ANY)],
    ),
    forbidden=(
        Forbidden("client", f"{_ANNOUNCE} plain", _ASKS, state="greeted", then="client"),
        Forbidden("client", ANY, _FIRST),
        Forbidden("server", ANY, _AGENT_FIRST),
    ),
)

_OWNERS: Final[dict[str, tuple[str, str, str, str]]] = {
    # state: after a grab of the client, of the agent; after a release of the client, of the agent ("" for a mistake)
    "nobody": ("client", "agent", "", ""),
    "client": ("client", "client-agent", "nobody", ""),
    "agent": ("agent-client", "agent", "", "nobody"),
    "client-agent": ("agent-client", "client-agent", "agent", "nobody-client"),
    "agent-client": ("agent-client", "client-agent", "nobody-agent", "client"),
    "nobody-client": ("client", "client-agent", "nobody", ""),
    "nobody-agent": ("agent-client", "agent", "", "nobody"),
}
_ENDS: Final[tuple[Sender, ...]] = get_args(Sender)
_ASKS_ITSELF: Final = {("client", "client"), ("agent", "server")}


def _owners() -> tuple[Rule, ...]:
    found = []
    for state, (*grabbed, by_client, by_agent) in _OWNERS.items():
        released = {"client": by_client, "server": by_agent}
        for sender, owner in zip(_ENDS, grabbed, strict=True):
            found.append(Rule(state, sender, "CLIPBOARD_GRAB", owner, _GRAB))
            if released[sender]:
                found.append(Rule(state, sender, "CLIPBOARD_RELEASE", released[sender], _RELEASE))
            itself = (state, sender) in _ASKS_ITSELF
            found.append(Rule(state, sender, "CLIPBOARD_REQUEST", state, _OWN, tolerated=itself))
    return tuple(found)


CLIPBOARD = Machine(
    "clipboard",
    doc="Who owns a selection.",
    channels=("agent",),
    carried=True,
    states={
        "nobody": "Nobody owns it.",
        "client": "The client owns it.",
        "agent": "The agent owns it.",
        "client-agent": "The agent has grabbed what the client owned; the client may not know it yet.",
        "agent-client": "The client has grabbed what the agent owned; the agent may not know it yet.",
        "nobody-client": "The agent has grabbed what the client owned, and has released it; the client may not know it yet.",
        "nobody-agent": "The client has grabbed what the agent owned, and has released it; the agent may not know it yet.",
    },
    begins={"destination": Begin(past=False)},
    rules=_owners(),
    forbidden=tuple([Forbidden(sender, "CLIPBOARD_RELEASE", _RELEASE) for sender in _ENDS]),
    keys=Keys(
        "selection",
        ("selection",),
        tuple(
            [Place(sender, f"CLIPBOARD_{word}", ("selection",)) for sender in _ENDS for word in ("GRAB", "REQUEST", "RELEASE")]
        ),
    ),
    drawings=(
        Drawing("Both ends know who owns it", ("nobody", "client", "agent")),
        Drawing("One end may not know yet", ("client-agent", "agent-client", "nobody-client", "nobody-agent")),
    ),
)

_UNDER_WAY: Final = ("asked", "sending")
_OVER: Final = ("ended", "given-up")

TRANSFERS = Machine(
    "transfers",
    doc="A file that goes to the guest.",
    channels=("agent",),
    carried=True,
    states={
        "absent": "There is no such transfer.",
        "asked": "The client has sent `FILE_XFER_START`.",
        "sending": "The agent has said `CAN_SEND_DATA`.",
        "ended": "The agent has ended it; the client may not know that yet.",
        "given-up": "The client has ended it; the agent may not know that yet.",
    },
    begins={"destination": Begin(past=False)},
    splits=(Split("server", "FILE_XFER_STATUS", ("result",), (((0,), "go"),), "end"),),
    rules=(
        *[Rule(state, "client", "FILE_XFER_START", "asked", _ID) for state in ("absent", *_OVER)],
        *[Rule(state, "client", "FILE_XFER_DATA", state, _DATA) for state in ("sending", "ended")],
        *[Rule(state, "client", "FILE_XFER_STATUS", "given-up", _DATA) for state in _UNDER_WAY],
        *[Rule(state, "client", "FILE_XFER_STATUS", state, _DATA) for state in ("absent", *_OVER)],
        Rule("asked", "server", "FILE_XFER_STATUS go", "sending", _STATUS),
        *[Rule(state, "server", "FILE_XFER_STATUS go", state, _STATUS) for state in ("sending", *_OVER)],
        *[Rule(state, "server", "FILE_XFER_STATUS end", "ended", _STATUS) for state in _UNDER_WAY],
        *[Rule(state, "server", "FILE_XFER_STATUS end", state, _STATUS) for state in _OVER],
    ),
    forbidden=(
        Forbidden("client", "FILE_XFER_START", _ID, then="asked"),
        Forbidden("client", "FILE_XFER_DATA", _DATA),
        Forbidden("server", "FILE_XFER_STATUS go", _STATUS),
        Forbidden("server", "FILE_XFER_STATUS end", _STATUS),
    ),
    keys=Keys(
        "transfer",
        ("id",),
        (
            *[Place("client", f"FILE_XFER_{word}", ("id",)) for word in ("START", "DATA", "STATUS")],
            Place("server", "FILE_XFER_STATUS", ("id",)),
        ),
    ),
)

MACHINES = (ANNOUNCEMENTS, CLIPBOARD, TRANSFERS)

SCENARIOS = (
    Scenario(
        "announcements",
        "Client and agent say what they can do",
        "announcements",
        (
            ("client", f"{_ANNOUNCE} asking", "behind AGENT_START"),
            ("server", _ANNOUNCE, "the answer"),
            ("client", ANY, "whatever the agent has announced"),
        ),
    ),
    Scenario(
        "clipboard",
        "Somebody copies in the guest, and then at the client",
        "clipboard",
        (
            ("server", "CLIPBOARD_GRAB", "text"),
            ("client", "CLIPBOARD_REQUEST", "somebody pastes at the client; CLIPBOARD is the answer"),
            ("client", "CLIPBOARD_GRAB", "text, and a picture"),
            ("server", "CLIPBOARD_REQUEST", "somebody pastes in the guest"),
            ("client", "CLIPBOARD_RELEASE", "the window that had it was closed"),
        ),
        values={"selection": 0},
    ),
    Scenario(
        "transfer",
        "A file for the guest",
        "transfers",
        (
            ("client", "FILE_XFER_START", "name and size"),
            ("server", "FILE_XFER_STATUS go", "CAN_SEND_DATA"),
            ("client", "FILE_XFER_DATA", "again and again"),
            ("server", "FILE_XFER_STATUS end", "SUCCESS"),
        ),
        values={"id": 1},
    ),
)
