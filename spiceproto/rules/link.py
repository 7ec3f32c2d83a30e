"""The link stage, as the parts that :class:`spiceproto.link.LinkObserver` tells apart.

An end that breaks the order is followed to where the other end would take it, so that one mistake gives one finding.
What cannot be seen in the order of parts, sizes and numbers inside a part, is found by the observer itself;
:data:`OBSERVED` says which sentence each of its problems breaks.
"""

from __future__ import annotations

from spiceproto.enums.capabilities import CommonCapability
from spiceproto.machine import CLOSE, Announced, Deadline, Drawing, Forbidden, Machine, Rule, Scenario, Split

__all__ = ["JUDGED", "LINK", "MACHINES", "OBSERVED", "SCENARIOS", "TOLERATED"]

_SELECTION = CommonCapability.PROTOCOL_AUTH_SELECTION
BOTH_SELECT = Announced(client=(_SELECTION,), server=(_SELECTION,))
NOT_BOTH_SELECT = Announced(client=(_SELECTION,), server=(_SELECTION,), negated=True)
SERVER_HAS_SASL = Announced(server=(CommonCapability.AUTH_SASL,))

_RULES = (
    # state            sender    part                     next state
    Rule("connected", "client", "link-header", "header", "SPICE-LINK-001"),
    Rule("header", "client", "link-message", "asked", "SPICE-LINK-001"),
    # A header alone can be wrong enough to be refused.
    Rule("header", "server", "link-header", "refusing", "SPICE-LINK-001"),
    Rule("header", "server", CLOSE, "closed", "SPICE-LINK-063"),
    Rule("connected", "server", CLOSE, "closed", "SPICE-LINK-063"),
    Rule("refusing", "server", "link-reply refusal", "refused", "SPICE-LINK-001"),
    Rule("refusing", "server", "link-error refusal", "refused", "SPICE-LINK-022", tolerated=True),
    # The rest of what it has under way when it is refused.
    Rule("refusing", "client", "link-message", "refusing", "SPICE-LINK-001", tolerated=True),
    Rule("asked", "server", "link-header", "replying", "SPICE-LINK-001"),
    Rule("asked", "server", CLOSE, "closed", "SPICE-LINK-029", tolerated=True),
    Rule("replying", "server", "link-reply OK", "login", "SPICE-LINK-001"),
    Rule("replying", "server", "link-reply refusal", "refused", "SPICE-LINK-001"),
    Rule("replying", "server", "link-error refusal", "refused", "SPICE-LINK-022", tolerated=True),
    # -- login
    Rule("login", "client", "auth-mechanism ticket", "ticket", "SPICE-LINK-037", when=BOTH_SELECT),
    Rule("login", "client", "auth-mechanism SASL", "sasl", "SPICE-LINK-037", when=BOTH_SELECT),
    Rule("login", "client", "ticket", "result", "SPICE-LINK-037", when=NOT_BOTH_SELECT),
    Rule("login", "server", CLOSE, "closed", "SPICE-LINK-063"),
    Rule("ticket", "client", "ticket", "result", "SPICE-LINK-001"),
    Rule("ticket", "server", CLOSE, "closed", "SPICE-LINK-063"),
    Rule("result", "server", "link-result OK", "established", "SPICE-LINK-001"),
    Rule("result", "server", "link-result refusal", "refused", "SPICE-LINK-001"),
    # -- a mechanism that is refused
    Rule("bad-mechanism", "server", "link-result refusal", "refused", "SPICE-LINK-040"),
    Rule("bad-mechanism", "server", "link-header", "second-reply", "SPICE-LINK-040", tolerated=True),
    Rule("bad-mechanism", "server", CLOSE, "closed", "SPICE-LINK-040", tolerated=True),
    Rule("second-reply", "server", "link-reply refusal", "refused", "SPICE-LINK-040", tolerated=True),
    # -- SASL
    Rule("sasl", "server", "sasl-mechanism-list", "sasl-choice", "SPICE-LINK-041", when=SERVER_HAS_SASL),
    Rule("sasl", "server", "link-result refusal", "refused", "SPICE-LINK-040"),
    Rule("sasl", "server", "link-header", "second-reply", "SPICE-LINK-040", tolerated=True),
    Rule("sasl", "server", CLOSE, "closed", "SPICE-LINK-040", tolerated=True),
    Rule("sasl-choice", "client", "sasl-start", "challenge", "SPICE-LINK-001"),
    Rule("sasl-choice", "server", CLOSE, "closed", "SPICE-LINK-063"),
    Rule("challenge", "server", "sasl-challenge more", "response", "SPICE-LINK-001"),
    Rule("challenge", "server", "sasl-challenge complete", "sasl-result", "SPICE-LINK-001"),
    Rule("challenge", "server", CLOSE, "closed", "SPICE-LINK-060", tolerated=True),
    Rule("response", "client", "sasl-response", "challenge", "SPICE-LINK-001"),
    Rule("response", "server", CLOSE, "closed", "SPICE-LINK-063"),
    Rule("sasl-result", "server", "sasl-result OK", "result", "SPICE-LINK-061"),
    Rule("sasl-result", "server", "sasl-result refusal", "refused", "SPICE-LINK-060"),
    # -- the end
    Rule("refused", "server", CLOSE, "closed", "SPICE-LINK-024"),
    # The client may not have heard it yet.
    Rule("refused", "client", "link-message", "refused", "SPICE-LINK-024", tolerated=True),
    Rule("established", "server", CLOSE, "closed", "SPICE-LINK-001"),
)

_OK = (((0,), "OK"),)

LINK = Machine(
    "link",
    doc="One link stage.",
    channels=(),
    scope="link",
    states={
        "connected": "There is a connection, and nothing was said.",
        "header": "The client has sent its header.",
        "asked": "The client has said which channel it wants, and waits.",
        "refusing": "The server has begun to answer a client whose header was enough to be refused.",
        "replying": "The server has begun to answer.",
        "refused": "The server has said no and is about to close.",
        "login": "The server has said yes; the client chooses how to log in, or sends its ticket at once.",
        "ticket": "The client has chosen the ticket.",
        "result": "The client has shown who it is and waits for the verdict.",
        "bad-mechanism": "The client has chosen a mechanism that is none.",
        "second-reply": "The server refuses the mechanism with a second link reply.",
        "sasl": "The client has chosen SASL.",
        "sasl-choice": "The server has named its SASL mechanisms.",
        "challenge": "The client has answered, and waits for the next challenge.",
        "response": "The server has challenged the client.",
        "sasl-result": "SASL is complete; its result is due.",
        "established": "Messages of the channel follow.",
        "closed": "The connection is closed.",
    },
    rules=_RULES,
    final=("established", "closed"),
    splits=(
        Split("server", "link-reply", ("error",), _OK, "refusal"),
        Split("server", "link-error", ("error",), _OK, "refusal"),
        Split("server", "sasl-result", ("error",), _OK, "refusal"),
        Split("server", "link-result", ("error",), _OK, "refusal"),
        Split("client", "auth-mechanism", ("auth_mechanism",), (((1,), "ticket"), ((2,), "SASL")), "other"),
        Split("server", "sasl-challenge", ("complete",), (((0,), "more"),), "complete"),
    ),
    forbidden=(
        Forbidden("client", "link-header", "SPICE-LINK-001"),
        Forbidden("client", "link-message", "SPICE-LINK-001"),
        Forbidden("client", "auth-mechanism ticket", "SPICE-LINK-001"),
        Forbidden("client", "auth-mechanism SASL", "SPICE-LINK-001"),
        Forbidden("client", "auth-mechanism other", "SPICE-LINK-001"),
        Forbidden("client", "auth-mechanism other", "SPICE-LINK-039", state="login", then="bad-mechanism"),
        Forbidden("client", "ticket", "SPICE-LINK-001"),
        Forbidden("client", "sasl-start", "SPICE-LINK-001"),
        Forbidden("client", "sasl-response", "SPICE-LINK-001"),
        Forbidden("client", "auth-mechanism ticket", "SPICE-LINK-026", state="refused"),
        Forbidden("client", "auth-mechanism SASL", "SPICE-LINK-026", state="refused"),
        Forbidden("client", "auth-mechanism other", "SPICE-LINK-026", state="refused"),
        Forbidden("client", "ticket", "SPICE-LINK-026", state="refused"),
        Forbidden("server", "link-header", "SPICE-LINK-001"),
        Forbidden("server", "link-header", "SPICE-LINK-002", state="connected", then="refusing"),
        Forbidden("server", "link-header", "SPICE-LINK-024", state="refused"),
        Forbidden("server", "link-reply OK", "SPICE-LINK-001", then="login"),
        Forbidden("server", "link-reply refusal", "SPICE-LINK-001", then="refused"),
        Forbidden("server", "link-error OK", "SPICE-LINK-001"),
        Forbidden("server", "link-error refusal", "SPICE-LINK-001", then="refused"),
        Forbidden("server", "sasl-mechanism-list", "SPICE-LINK-001"),
        Forbidden("server", "sasl-mechanism-list", "SPICE-LINK-024", state="refused"),
        Forbidden("server", "sasl-challenge more", "SPICE-LINK-001"),
        Forbidden("server", "sasl-challenge complete", "SPICE-LINK-001"),
        Forbidden("server", "sasl-result OK", "SPICE-LINK-001"),
        Forbidden("server", "sasl-result OK", "SPICE-LINK-024", state="refused"),
        Forbidden("server", "sasl-result refusal", "SPICE-LINK-001", then="refused"),
        Forbidden("server", "sasl-result refusal", "SPICE-LINK-024", state="refused"),
        Forbidden("server", "link-result OK", "SPICE-LINK-001"),
        Forbidden("server", "link-result OK", "SPICE-LINK-040", state="bad-mechanism", then="ticket"),
        Forbidden("server", "link-result OK", "SPICE-LINK-024", state="refused"),
        Forbidden("server", "link-result refusal", "SPICE-LINK-001", then="refused"),
        Forbidden("server", "link-result refusal", "SPICE-LINK-024", state="refused"),
        Forbidden("server", CLOSE, "SPICE-LINK-001", then="closed"),
    ),
    deadlines=tuple(
        Deadline(state, "server", 60.0, "SPICE-LINK-063")
        for state in ("connected", "header", "login", "ticket", "sasl-choice", "response")
    ),
    drawings=(
        Drawing("Asking for a channel", ("connected", "header", "asked", "refusing", "replying", "refused", "established")),
        Drawing("Login with a ticket", ("login", "ticket", "result", "bad-mechanism", "second-reply")),
        Drawing("Login with SASL", ("sasl", "sasl-choice", "challenge", "response", "sasl-result")),
    ),
)

MACHINES = (LINK,)

OBSERVED = {
    "magic": "SPICE-LINK-005",
    "before-the-header": "SPICE-LINK-001",
    "version": "SPICE-LINK-005",
    "minor-version": "SPICE-LINK-010",
    "link-message-size": "SPICE-LINK-011",
    "link-reply-size": "SPICE-LINK-013",
    "capability-words": "SPICE-LINK-014",
    "capability-words-apart": "SPICE-LINK-017",
    "bytes-behind-capabilities": "SPICE-LINK-017",
    "short-refusal": "SPICE-LINK-022",
    "no-reply": "SPICE-LINK-029",
    "connection-id": "SPICE-LINK-030",
    "mechanism-word-missing": "SPICE-LINK-037",
    "mechanism-word-unexpected": "SPICE-LINK-037",
    "mechanism-unknown": "SPICE-LINK-039",
    "mechanism-not-announced": "SPICE-LINK-039",
    "unannounced-sasl": "SPICE-LINK-041",
    "public-key": "SPICE-LINK-043",
    "second-link-reply": "SPICE-LINK-040",
    "sasl-size": "SPICE-LINK-058",
    "sasl-terminator": "SPICE-LINK-057",
    "sasl-mechanism": "SPICE-LINK-059",
    "sasl-endless": "SPICE-LINK-062",
    "truncated": "SPICE-LINK-001",
    "too-much": "SPICE-LINK-001",
}
"""Code of a :class:`spiceproto.link.Problem` to the sentence it is about."""

JUDGED = frozenset({"mechanism-unknown", "mechanism-word-unexpected", "second-link-reply", "unannounced-sasl"})
"""Problems that show in the order of parts as well, so that the machine finds them."""

TOLERATED = frozenset({"no-reply"})
"""Problems that the other end lives with."""

SCENARIOS = (
    Scenario(
        "link-ticket",
        "Link stage with a ticket",
        "link",
        (
            ("client", "link-header", "REDQ, version 2.2"),
            ("client", "link-message", "channel, connection id, capabilities"),
            ("server", "link-header", ""),
            ("server", "link-reply OK", "key, capabilities"),
            ("client", "auth-mechanism ticket", "if both announced AUTH_SELECTION"),
            ("client", "ticket", "128 bytes"),
            ("server", "link-result OK", "then messages"),
        ),
    ),
    Scenario(
        "link-sasl",
        "Link stage with SASL",
        "link",
        (
            ("client", "link-header", ""),
            ("client", "link-message", ""),
            ("server", "link-header", ""),
            ("server", "link-reply OK", "AUTH_SASL announced; the key is zero if there is no ticket"),
            ("client", "auth-mechanism SASL", ""),
            ("server", "sasl-mechanism-list", ""),
            ("client", "sasl-start", "mechanism, first response"),
            ("server", "sasl-challenge more", ""),
            ("client", "sasl-response", ""),
            ("server", "sasl-challenge complete", ""),
            ("server", "sasl-result OK", "a security layer begins behind it"),
            ("server", "link-result OK", "then messages"),
        ),
    ),
)
