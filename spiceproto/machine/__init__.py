"""State machines that are tables, and what can be done with a table.

A row says: in this state, this end may send this message, and the next state is that one; and it names the sentence of
the specification that says so. A table does not know whose view it is. An endpoint asks it what it may send and judges
what it receives; an observer of both directions feeds everything; the specification prints it; a test walks through it,
along the rows or against them.

    rows      what a table is made of
                Rule       one row
                Forbidden  which sentence is broken by a message that no row allows
                Split      one message that means several things to a machine, by its fields
                Announced  a row that holds only if capabilities were announced
                Counter    a number with bounds: messages under way before somebody acknowledges them
                Echo       an answer that repeats fields of its question
                Deadline   how long a state may last while one end is silent
                Expiry     a state that time ends while an end goes on speaking
                Receipt    a state that answers end, because what came before it has been read
                Begin      how a machine begins where not all of a session is seen
                Keys       a machine of lives: surfaces, streams, whatever has a number and begins and ends
    table     Machine: all of these together, checked; it also says which channels it is about, and what it runs once for
    run       Run: one conversation held against a machine
    lives     Lives: the same for a machine with keys; its essay shows how lives are declared
    machines  Machines: many of them, and which of them a message concerns
    explore   walks through a table, and which rows were used

A *letter* is what a machine reads: the name of a message, with a word behind it if a Split or an Echo distinguishes. The
letter ``*`` stands for every message of a sender that the machine does not name; without it such messages are of no
concern. A machine of a session hears several channels, and its letters have the channel in front: ``main.INIT``.

Adding a machine is adding a file to :mod:`spiceproto.rules`: observers, sessions, the suite and the commands ask a
machine what it is about and list none.

What must never live here: bytes, sockets, clocks, and the protocol itself.
"""

from __future__ import annotations

from spiceproto.machine.explore import Choice, Coverage, choices, said, walk
from spiceproto.machine.lives import LIVES, UNKNOWN, Lives
from spiceproto.machine.machines import Held, Machines, begin
from spiceproto.machine.rows import (
    ANY,
    CLOSE,
    EVERY,
    LINK,
    PRESS,
    RELEASE,
    Announced,
    Begin,
    Counter,
    Deadline,
    Drawing,
    Echo,
    Expiry,
    Forbidden,
    Illegal,
    Keys,
    Place,
    Receipt,
    Rule,
    Said,
    Scenario,
    Scope,
    Sender,
    Situation,
    Split,
)
from spiceproto.machine.run import Breach, Run, Verdict
from spiceproto.machine.table import Machine

__all__ = [
    "ANY",
    "CLOSE",
    "EVERY",
    "LINK",
    "LIVES",
    "PRESS",
    "RELEASE",
    "UNKNOWN",
    "Announced",
    "Begin",
    "Breach",
    "Choice",
    "Counter",
    "Coverage",
    "Deadline",
    "Drawing",
    "Echo",
    "Expiry",
    "Forbidden",
    "Held",
    "Illegal",
    "Keys",
    "Lives",
    "Machine",
    "Machines",
    "Place",
    "Receipt",
    "Rule",
    "Run",
    "Said",
    "Scenario",
    "Scope",
    "Sender",
    "Situation",
    "Split",
    "Verdict",
    "begin",
    "choices",
    "said",
    "walk",
]
