"""Smart cards: which readers a client has, whether a card is in them, and what is asked and answered.

Two tables. One is of lives: a reader has a number from the answer to ``ReaderAdd`` on. Whether an answer was a good one stands
in the VSC body, which the tables do not read: a reader that was refused counts as one that is there, and a card that was
refused as one that is in it; so nobody is accused of speaking of it again. What a client says of its readers and what the
server says of cards cross each other, so that an answer may come when the card is gone already.

The other counts what the server has to answer.
"""

from __future__ import annotations

from typing import Final

from spiceproto.enums.smartcard import VscMessageType
from spiceproto.machine import Begin, Counter, Drawing, Forbidden, Keys, Machine, Place, Rule, Scenario, Split
from spiceproto.machine.rows import Sender

__all__ = ["MACHINES", "READERS", "REQUESTS", "SCENARIOS"]

_ENDS: Final[tuple[Sender, ...]] = ("client", "server")

_REQUESTS: Final = ("ReaderAdd", "ReaderRemove", "ATR", "CardRemove")
"""What a client says of readers and cards; the server answers each with ``Error``."""

_NAMED: Final = (*_REQUESTS, "APDU", "Error")

_STATES: Final = {
    "absent": "There is no such reader.",
    "empty": "The client has the reader, without a card that the server knows of.",
    "inserting": "The client has said `ATR`; the answer is due.",
    "card": "There is a card, which was asked nothing.",
    "asked": "A command is open.",
    "open": "More than one command may be open.",
    "removing": "The client has said `CardRemove`, and the answer is due; commands may be under way.",
    "leaving": "The client has said `ReaderRemove`, or has spoken of a reader that it does not have; the answer is due.",
    "former": "The reader is gone; the answer to a command may be under way.",
}

_STAYS: Final = tuple([state for state in _STATES if state != "absent"])

_REMOVED: Final = {"leaving": "leaving", "former": "former"}
"""States in which it changes nothing that the card is taken out."""


def _split(sender: Sender) -> Split:
    cases = tuple([((int(VscMessageType[name]),), name) for name in _NAMED])
    return Split(sender, "DATA", ("type",), cases, "of another type")


READERS = Machine(
    "card-reader",
    doc="One card reader of a client, and the card in it.",
    channels=("smartcard",),
    carried=True,
    states=_STATES,
    begins={"destination": Begin(past=False), "midway": Begin(past=False)},
    splits=tuple([_split(sender) for sender in _ENDS]),
    keys=Keys(
        "reader",
        ("reader_id",),
        tuple([Place(sender, "DATA", ("reader_id",)) for sender in _ENDS]),
        alive=("empty", "inserting", "card", "asked", "open", "removing"),
    ),
    drawings=(
        Drawing("Readers", ("absent", "empty", "inserting", "leaving", "former")),
        Drawing("Cards", ("card", "asked", "open", "removing")),
    ),
    rules=(
        # What is said of no reader, or has no use.
        *[Rule(state, "client", "DATA ReaderAdd", state, "SPICE-CARD-005") for state in _STATES],
        *[Rule(state, who, "DATA of another type", state, "SPICE-CARD-002") for who in _ENDS for state in _STATES],
        # The client's readers and cards.
        *[Rule(state, "client", "DATA ATR", "inserting", "SPICE-CARD-004") for state in ("empty", "inserting", "card")],
        *[Rule(state, "client", "DATA ATR", "open", "SPICE-CARD-004") for state in ("asked", "open", "removing")],
        Rule("leaving", "client", "DATA ATR", "leaving", "SPICE-CARD-004"),
        *[
            Rule(state, "client", "DATA CardRemove", _REMOVED.get(state, "removing"), "SPICE-CARD-004")
            for state in _STAYS
            if state != "former"
        ],
        *[Rule(state, "client", "DATA ReaderRemove", "leaving", "SPICE-CARD-004") for state in _STAYS if state != "former"],
        # What the server answers.
        Rule("absent", "server", "DATA Error", "empty", "SPICE-CARD-005"),
        Rule("former", "server", "DATA Error", "empty", "SPICE-CARD-005"),
        Rule("inserting", "server", "DATA Error", "card", "SPICE-CARD-016"),
        Rule("removing", "server", "DATA Error", "empty", "SPICE-CARD-018"),
        Rule("leaving", "server", "DATA Error", "former", "SPICE-CARD-011"),
        *[Rule(state, "server", "DATA Error", state, "SPICE-CARD-005") for state in ("empty", "card", "asked", "open")],
        # Commands and their answers.
        Rule("inserting", "server", "DATA APDU", "asked", "SPICE-CARD-020"),
        Rule("card", "server", "DATA APDU", "asked", "SPICE-CARD-020"),
        *[Rule(state, "server", "DATA APDU", state, "SPICE-CARD-020") for state in ("open", "removing", "leaving")],
        *[
            Rule(state, "client", f"DATA {name}", "card" if state == "asked" else state, sentence)
            for name, sentence in (("APDU", "SPICE-CARD-022"), ("Error", "SPICE-CARD-023"))
            for state in _STAYS
            if not (name == "APDU" and state == "card")
        ],
        Rule("absent", "client", "DATA Error", "absent", "SPICE-CARD-023"),
    ),
    forbidden=(
        *[
            Forbidden("client", f"DATA {name}", "SPICE-CARD-004", then="leaving")
            for name in ("ATR", "CardRemove", "ReaderRemove")
        ],
        *[Forbidden("server", f"DATA {name}", "SPICE-CARD-003") for name in _REQUESTS],
        Forbidden("server", "DATA APDU", "SPICE-CARD-021", state="asked", then="open"),
        Forbidden("server", "DATA APDU", "SPICE-CARD-020"),
        Forbidden("client", "DATA APDU", "SPICE-CARD-024"),
    ),
)

REQUESTS = Machine(
    "card-answers",
    doc="What the server has to answer on a smartcard channel.",
    channels=("smartcard",),
    carried=True,
    states={"linked": "The channel is linked."},
    begins={"destination": Begin(past=False), "midway": Begin(past=False)},
    splits=(
        Split(
            "client",
            "DATA",
            ("type",),
            tuple([((int(VscMessageType[name]),), "request") for name in _REQUESTS]),
            "other",
        ),
        Split("server", "DATA", ("type",), (((int(VscMessageType.Error),), "answer"),), "other"),
    ),
    rules=(
        Rule("linked", "client", "DATA request", "linked", "SPICE-CARD-010"),
        Rule("linked", "client", "DATA other", "linked", "SPICE-CARD-001"),
        Rule("linked", "server", "DATA answer", "linked", "SPICE-CARD-013"),
        Rule("linked", "server", "DATA other", "linked", "SPICE-CARD-001"),
    ),
    counters=(
        Counter(
            "requests",
            raised=(("client", "DATA request"),),
            lowered=(("server", "DATA answer"),),
            unit=1,
            most=1,
            above="SPICE-CARD-010",
            below="SPICE-CARD-013",
        ),
    ),
)

MACHINES = (READERS, REQUESTS)

SCENARIOS = (
    Scenario(
        "card",
        "A card is put into a reader, and asked",
        "card-reader",
        (
            ("client", "DATA ReaderAdd", "the name of the reader; its id is still 0xffffffff"),
            ("server", "DATA Error", "success, and the reader's id"),
            ("client", "DATA ATR", "the card's answer to reset"),
            ("server", "DATA Error", "success"),
            ("server", "DATA APDU", "a command of the guest"),
            ("client", "DATA APDU", "the card's answer, its status word last"),
            ("client", "DATA CardRemove", ""),
            ("server", "DATA Error", "success"),
            ("client", "DATA ReaderRemove", ""),
            ("server", "DATA Error", "success"),
        ),
        values={"reader_id": 0},
    ),
)
