"""What a run says: one header, one record a case, one footer. The file of a run is these records as JSON lines.

A report is a function of these records and of nothing else. Without its footer a file is not a result: whoever reads one
refuses it (:func:`conformance.report.jsonl.read`).

    outcome   pass, fail, blocked, not-applicable, waived, error
    manner    exact, or tolerated: not as it should be, but as real peers do without harm
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

__all__ = [
    "OUTCOMES",
    "SCHEMA",
    "CaseResult",
    "Difference",
    "Entry",
    "Footer",
    "Header",
    "Held",
    "Manner",
    "Outcome",
    "Part",
    "Picture",
    "Record",
    "Seen",
]

SCHEMA: Final = "spiceconf-results/1"

Outcome = Literal["pass", "fail", "blocked", "not-applicable", "waived", "error"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("pass", "fail", "blocked", "not-applicable", "waived", "error")
Manner = Literal["exact", "tolerated"]


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened in a case, in the order in which it happened.

    * ``kind``: "open", "close", "link" (a structure of the link stage), "message", "bytes" (what nobody could read),
      "step" (what the case did or waited for), "note"
    * ``at``: seconds since the case began, on the clock of the run (a virtual one in memory)
    * ``connection``: which connection, counted from 1 within the case; 0 for none
    * ``sender``: "client", "server" or ""; ``secure``: whether the connection has TLS
    * ``place``: of the connection: 0 where a session begins, 1 the destination of a migration
    * ``channel``: as in "main:0"; "" while nobody knows
    * ``name``: of the structure or message; ``text``: a line for people
    * ``fields``: decoded fields, JSON
    * ``start``: offset of ``data`` in the sender's stream; ``data``: the bytes, as hexadecimal digits, cut at 4096 bytes
      (``size`` is the whole number)
    """

    kind: str
    at: float = 0.0
    connection: int = 0
    sender: str = ""
    channel: str = ""
    name: str = ""
    text: str = ""
    fields: Any = None
    start: int = 0
    size: int = 0
    data: str = ""
    secure: bool = False
    place: int = 0


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sentence that the rules found broken in the conversation of a case, by the target."""

    requirement: str
    channel: str
    text: str
    expected: str = ""
    actual: str = ""
    at: float = 0.0
    tolerated: bool = False


class Difference(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value that was not as it should be.

    * ``message``: the message or structure it stands in; ``field``: which field, or "count" for how often it came
    * ``expected``, ``actual``: for people, with names where numbers have them
    """

    message: str
    field: str
    expected: str
    actual: str


class Picture(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was to be seen, what was seen, or where the two differ.

    * ``kind``: "expected", "shown", "difference"
    * ``box``: the part of the screen: left, top, right, bottom; of it each ``step``-th pixel of each ``step``-th row
    * ``data``: a PNG file; ``file``: its name beside the report
    """

    kind: str
    box: tuple[int, int, int, int]
    step: int
    data: bytes
    file: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the file, in pixels."""
        left, top, right, bottom = self.box
        return -(-(right - left) // self.step), -(-(bottom - top) // self.step)


class Header(msgspec.Struct, frozen=True, omit_defaults=True, tag="header", tag_field="record"):
    """How a run was made.

    * ``role``: what the target is, "server" or "client"
    * ``identity``: what was found out about it: capabilities, name, versions
    * ``every``: all cases that there are for the role
    * ``sentences``: id to level, role, source, chapter, section and text of every sentence of the specification
    * ``started``: ISO 8601, UTC
    * ``shard``: "2/3" for the second of three parts of a run; "" for a whole one
    """

    target: str
    role: str
    planned: int
    started: str
    schema: str = SCHEMA
    version: str = ""
    python: str = ""
    specification: str = ""
    selection: str = ""
    level: str = "may"
    seed: int = 0
    shard: str = ""
    every: int = 0
    identity: dict[str, Any] = {}
    sentences: dict[str, dict[str, Any]] = {}
    untestable: dict[str, str] = {}
    unbound: dict[str, str] = {}


class CaseResult(msgspec.Struct, frozen=True, omit_defaults=True, tag="case", tag_field="record"):
    """One case.

    * ``id``: ``<requirement>/<slug>``
    * ``requirement``: the sentence it is about; ``verifies``: all sentences it decides, that one included
    * ``undecided``: those of them of which its conversation showed nothing, and why
    * ``title``: what it does, one line
    * ``level``, ``source``, ``chapter``, ``section``, ``sentence``: of the requirement
    * ``tolerated``: which tolerated manner was seen
    * ``unsteady``: it passed when it was played again; what was wrong when it was first played, of which ``transcript`` is
    * ``expected``, ``actual``: of the step that failed, the last of ``steps``
    * ``differences``: the same as data, where values were compared; none where the case has only words
    * ``pictures``: what was to be seen and what was seen, where that differs; ``place``: which draw command was the last over
      the pixel that ``differences`` names
    * ``reason``: why it was not applicable (with the capability seen), waived, or what went wrong in the suite itself
    * ``blocked_by``: cases or sentences
    * ``seconds``: of the machine's clock; ``virtual``: of the clock of the run
    * ``seen``: what the rules found in its conversation
    * ``heard``: channel (as in "main:0") to how often the target sent each message there, in the first case that rests on the
      tour; a channel without any was offered, and said nothing or was not linked
    * ``transcript``: what happened
    * ``capture``, ``reproducer``: files beside the report, relative to it
    * ``repro``: a command that runs this case again
    """

    id: str
    requirement: str
    outcome: Outcome
    title: str = ""
    manner: Manner = "exact"
    verifies: tuple[str, ...] = ()
    undecided: dict[str, str] = {}
    level: str = "MUST"
    role: str = "server"
    source: str = ""
    channel: str = ""
    chapter: str = ""
    section: str = ""
    sentence: str = ""
    revision: int = 1
    tolerated: str = ""
    unsteady: str = ""
    expected: str = ""
    actual: str = ""
    differences: tuple[Difference, ...] = ()
    pictures: tuple[Picture, ...] = ()
    place: str = ""
    steps: int = 0
    reason: str = ""
    blocked_by: tuple[str, ...] = ()
    bug: str = ""
    seconds: float = 0.0
    virtual: float = 0.0
    seen: tuple[Seen, ...] = ()
    heard: dict[str, dict[str, int]] = {}
    transcript: tuple[Entry, ...] = ()
    capture: str = ""
    reproducer: str = ""
    repro: str = ""


class Held(msgspec.Struct, frozen=True, omit_defaults=True):
    """A waiver as it holds for a target, and which cases it means; see :class:`conformance.waivers.Waiver`.

    * ``own``: somebody asked for it; otherwise the program is known for it, and it is about manners only
    * ``where``: the file it stands in
    """

    select: str
    reason: str
    bug: str
    cases: tuple[str, ...] = ()
    sometimes: bool = False
    tolerated: bool = False
    own: bool = False
    where: str = ""


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a part of a run says for the whole of it, which is made of the records of all parts (:mod:`conformance.merge`).

    * ``least``: how many cases a whole run of this kind executes at least; 0 where that is not known
    * ``why``: why the target cannot be tested, ``advice``: what to do about it; ``trouble``: whether it was not there, or is
      gone
    * ``stopped``: why no more cases were run
    * ``waivers``: those that hold
    * ``late``: cases of which only the end of this part has shown that they fail
    * ``beside``: cases that were played because others rest on them, without their conversations
    """

    least: int = 0
    why: str = ""
    advice: str = ""
    trouble: bool = False
    stopped: str = ""
    waivers: tuple[Held, ...] = ()
    late: tuple[str, ...] = ()
    beside: tuple[CaseResult, ...] = ()


class Footer(msgspec.Struct, frozen=True, omit_defaults=True, tag="footer", tag_field="record"):
    """How a run ended.

    * ``executed``: cases with an outcome other than not-applicable and blocked
    * ``exit_status``: of the command
    * ``every``: all cases that there are for the role; ``slow``: those left out because they wait too long
    * ``seconds``: of the wall, from the first case to the last
    * ``unusable``: why the target cannot be tested; ``advice``: what to do about that
    * ``interrupted``: by what the run was ended; ``missing``: cases that were planned and have no record
    * ``part``: None for a whole run
    """

    planned: int
    executed: int
    outcomes: dict[str, int]
    ended: str
    exit_status: int
    problems: tuple[str, ...] = ()
    every: int = 0
    slow: int = 0
    seconds: float = 0.0
    unusable: str = ""
    advice: str = ""
    interrupted: str = ""
    missing: int = 0
    part: Part | None = None


Record = Header | CaseResult | Footer
