"""The tables of the protocol: conversations that must be judged so and not otherwise, and every row stands on one.

The conversations are files in ``conversations/``. A file begins with a line for each of its machines: ``@ NAME: SCOPE on
CHANNELS; begins STATES``, the states for a whole session, at the destination of a migration, and midway (``?``: the past is
not judged; ``-``: not run), and ``carried``. Below it are rows whose sentence does not name their message (see test_spec).

A script begins with ``== MACHINE [STATE]: title``, and with what the ends announced if that matters. Each line is a sender,
a message and its fields, and behind them what is said of it:

    > STATE   the next state, always given if it is another one
    ~         only tolerated
    ! ID ...  the sentences it breaks
    = ID      the sentence of the row that allows it
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from spiceproto import dispatch
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.channels import NAMES
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import CommonCapability, DisplayCapability, MainCapability
from spiceproto.link.records import CODES
from spiceproto.machine import ANY, EVERY, Coverage, Forbidden, Held, Lives, Machine, Rule, Run
from spiceproto.machine.rows import EVENTS
from spiceproto.rules import MACHINES, framing, link
from spiceproto.size_limits import CHANNELS

_KINDS: tuple[type[WireEnum], ...] = (CommonCapability, MainCapability, DisplayCapability)
_CAPABILITIES: dict[str, WireEnum] = {item.name: item for kind in _KINDS for item in kind}


class Line(msgspec.Struct, frozen=True):
    """A message, and what has to be said of it."""

    text: str
    sender: str
    message: str
    value: dict[str, Any]
    after: str
    tolerated: bool
    breaks: list[str]
    sentence: str


class Script(msgspec.Struct, frozen=True):
    """A conversation with one machine; ``client`` and ``server`` are None where nothing is said of capabilities."""

    title: str
    machine: Machine
    state: str
    client: Capabilities | None
    server: Capabilities | None
    lines: list[Line]

    def begin(self) -> Held:
        if self.machine.keys is not None:
            return Lives(self.machine)
        return Run(self.machine, state=self.state, client=self.client, server=self.server)


def _line(text: str) -> Line:
    words = text.split()
    marks = [index for index, word in enumerate(words) if word in (">", "~", "!", "=")] + [len(words)]
    sender, message, *fields = words[: marks[0]]
    found = {words[start]: words[start + 1 : end] for start, end in pairwise(marks)}
    value: dict[str, Any] = {}
    for path, number in (field.split("=") for field in fields):
        *way, last = path.split(".")
        here = value
        for name in way:
            here = here.setdefault(name, {})
        here[last] = int(number)
    return Line(
        text=text,
        sender=sender,
        message=message,
        value=value,
        after=" ".join(found.get(">", [])),
        tolerated="~" in found,
        breaks=[f"SPICE-{id}" for id in found.get("!", [])],
        sentence="".join([f"SPICE-{id}" for id in found.get("=", [])]),
    )


def _script(text: str) -> Script:
    head, *lines = text.splitlines()
    names, _, title = head.partition(":")
    title, *announced = [part.strip() for part in title.split(";")]
    name, *state = names.split()
    ends: dict[str, Capabilities | None] = {"client": None, "server": None}
    for who, *words in (part.split() for part in announced):
        ends[who] = NONE.with_(*[_CAPABILITIES[word] for word in words])
    said = [line for line in lines if line and not line.startswith("#")]
    return Script(
        title=title,
        machine=MACHINES[name],
        state="".join(state),
        client=ends["client"],
        server=ends["server"],
        lines=[_line(line) for line in said],
    )


def _scripts() -> Iterator[Script]:
    for path in sorted((Path(__file__).parent / "conversations").glob("*.txt")):
        for text in path.read_text().split("== ")[1:]:
            yield _script(text)


SCRIPTS = list(_scripts())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.machine.name}: {script.title}")
def test_conversation(script: Script) -> None:
    held = script.begin()
    for line in script.lines:
        (verdict,) = held.judge(line.sender, line.message, line.value)
        assert [item.requirement for item in verdict.breaches] == line.breaks, line.text
        assert all(item.sender == line.sender for item in verdict.breaches)
        assert verdict.after == (line.after or verdict.before), line.text
        assert verdict.tolerated == line.tolerated, line.text
        if line.sentence:
            assert verdict.rule is not None and verdict.rule.requirement == line.sentence, line.text


@pytest.mark.parametrize("name", MACHINES)
def test_every_row_stands_on_a_line_that_names_its_sentence(name: str) -> None:
    machine = MACHINES[name]
    named, coverage = set[Rule](), Coverage(machine)
    for script in SCRIPTS:
        held = script.begin()
        for line in script.lines if script.machine is machine else ():
            for verdict in held.judge(line.sender, line.message, line.value):
                coverage.note(verdict)
                if line.sentence and verdict.rule is not None:
                    named.add(verdict.rule)
    assert coverage.unused == ()
    assert named == set(machine.rules)


#: In no state in which these are forbidden can there be a question that they would answer.
NEVER = {("acknowledgement", "ACK_SYNC older"), ("acknowledgement", "ACK_SYNC newest")}


@pytest.mark.parametrize("name", MACHINES)
def test_everything_that_is_forbidden_stands_on_a_line(name: str) -> None:
    machine = MACHINES[name]
    used = set[Forbidden | None]()
    for script in SCRIPTS:
        held = script.begin()
        for line in script.lines if script.machine is machine else ():
            for verdict in held.judge(line.sender, line.message, line.value):
                if verdict.letter and verdict.rule is None:
                    used.add(machine.forbids(verdict.before, line.sender, verdict.letter))
    assert {item.message for item in machine.forbidden if item not in used} == {
        letter for machine_name, letter in NEVER if machine_name == name
    }


# -- how they begin, and whom they are about


def _about() -> dict[str, str]:
    """Machine to what the files of conversations say it is about."""
    texts = [path.read_text() for path in sorted((Path(__file__).parent / "conversations").glob("*.txt"))]
    lines = [line.removeprefix("@ ") for text in texts for line in text.splitlines() if line.startswith("@ ")]
    return dict([line.split(": ", 1) for line in lines])


def test_what_machines_are_for() -> None:
    found = {}
    for name, machine in MACHINES.items():
        text: str = machine.scope
        if machine.scope != "link":  # nobody would join that in its middle
            assert list(machine.begins) == ["whole", "destination", "midway"]
            channels = "*" if machine.channels == EVERY else " ".join(machine.channels)
            begins = [
                "-" if begin is None else f"{begin.state or machine.initial}{'' if begin.past else '?'}"
                for begin in machine.begins.values()
            ]
            text += f" on {channels}; begins {', '.join(begins)}{'; carried' if machine.carried else ''}"
        found[name] = text
    assert found == _about()


def test_every_problem_of_the_link_observer_has_a_sentence() -> None:
    assert set(link.OBSERVED) == set(CODES)
    assert set(CODES) >= link.JUDGED | link.TOLERATED


def _moved(*times: float, before: str = "SERVER", then: str = "CLIENT", kind: str = "MOUSE_MOTION") -> list[str]:
    """What the last of movements at so many seconds behind a change of the mode breaks."""
    number = {"SERVER": 1, "CLIENT": 2}
    run = Run(MACHINES["mouse"], now=10.0)
    init = {"supported_mouse_modes": 3, "current_mouse_mode": number[before]}
    run.feed("server", "main.INIT", init, 11.0)
    run.feed("server", "main.MOUSE_MODE", {"supported_modes": 3, "current_mode": number[then]}, 12.0)
    verdicts = [run.feed("client", f"inputs.{kind}", None, 12.0 + at) for at in times]
    return [item.requirement for item in verdicts[-1].breaches]


def test_movements_are_not_under_way_for_ever() -> None:
    """A client that goes on with the old kind for seconds after the mode became CLIENT has not read it."""
    assert _moved(2.0, 4.0, 5.0) == [] and _moved(2.0, 4.0, 5.1) == ["SPICE-MOUSE-013"]
    assert _moved(*range(60), before="CLIENT", then="SERVER", kind="MOUSE_POSITION") == []


def test_a_client_that_was_stopped_is_not_accused() -> None:
    """It was silent: what it sends then it may have had before it could read."""
    assert _moved(60.0) == [] and _moved(1.0, 4.1) == []
    assert _moved(60.0, 62.0, 64.0, 65.0) == [] and _moved(60.0, 62.0, 64.0, 65.1) == ["SPICE-MOUSE-013"]


def test_link_deadline() -> None:
    run = Run(MACHINES["link"], now=100.0)
    assert run.deadline == 160.0
    run.feed("client", "link-header", now=130.0)
    assert run.deadline == 190.0
    assert [item.requirement for item in run.overdue(191.0)] == ["SPICE-LINK-063"]
    run.feed("client", "link-message", now=140.0)
    assert run.deadline is None


def test_the_client_has_a_minute_wherever_it_is_its_turn() -> None:
    machine = MACHINES["link"]
    assert {(item.sender, item.seconds, item.requirement) for item in machine.deadlines} == {("server", 60.0, "SPICE-LINK-063")}
    theirs = {rule.state for rule in machine.rules if rule.sender == "client" and not rule.tolerated}
    assert {item.state for item in machine.deadlines} == theirs


def test_an_observer_has_the_numbers_of_the_chapter() -> None:
    (window,) = framing.ACKNOWLEDGEMENT.counters
    (movements,) = MACHINES["motion"].counters
    assert (window.most, window.more) == (2, 1)  # twice the window and one message
    assert (movements.unit, movements.most, movements.more) == (4, 2, 0)  # eight, acknowledged by four


def test_sub_messages_do_not_count() -> None:
    run = Run(MACHINES["acknowledgement"])
    run.feed("server", "SET_ACK", {"generation": 1, "window": 1})
    run.feed("client", "ACK_SYNC", {"generation": 1})
    for _ in range(10):
        assert run.feed("server", "PING", inside=True).legal
    assert run.counts["window"] == 0


# -- letters and fields are those of the schemas

LAYERS = {"agent": "agent_selection_serial"}
"""What stands inside of the messages of a channel, and the table with all fields that its messages may have."""


def _read_by(machine: Machine) -> list[str]:
    return [item for item in (*NAMES, *LAYERS) if item in machine.channels or (machine.channels == EVERY and item in NAMES)]


def _messages() -> Iterator[tuple[Machine, str, str, str]]:
    """Machine, channel, sender and name of every message that a table names."""
    for machine in MACHINES.values():
        places = machine.keys.places if machine.keys is not None else ()
        letters = [(item.sender, item.message) for item in places] or machine.alphabet
        for sender, letter in letters if machine.scope != "link" else ():
            channel, _, name = letter.partition(" ")[0].rpartition(".")
            if name not in (ANY, "", *EVENTS):
                for on in [channel] if channel not in ("", ANY) else _read_by(machine):
                    yield machine, on, sender, name


CARRIED = {"usbredir": ("usb",)}
"""Channels whose machines read what the bytes of their messages carry: the tables of that."""


def test_letters_are_messages_of_the_schemas() -> None:
    found = list(_messages())
    # Keys go down and up by bytes, and not by messages.
    assert {machine.name for machine, *_ in found} == set(MACHINES) - {"link", "keys"}
    for machine, channel, sender, name in found:
        rows = [row for table in (channel, *CARRIED.get(channel, ())) for row in dispatch.rows(table, sender).values()]
        assert name in {row.name for row in rows}, (machine.name, channel, name)


def _there(kind: Any, path: str) -> bool:
    """Whether values of a kind have a path; sequences and what may be absent are gone through."""
    if not path:
        return True
    while not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        kinds = [item for item in get_args(kind) if item not in (type(None), Ellipsis)]
        if not kinds:
            return False
        kind = kinds[0]
    name, _, rest = path.partition(".")
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    return name in fields and _there(fields[name], rest)


def _paths(machine: Machine) -> Iterator[tuple[str, str, str]]:
    """Sender, message and path of every field that a table reads."""
    for place in machine.keys.places if machine.keys is not None else ():
        paths = [*place.key]
        paths += [path for item in machine.splits if item.message == place.base for path in item.fields]
        yield from [(place.sender, place.message, ".".join(filter(None, (place.at, path)))) for path in paths]
    if machine.keys is None:
        yield from [(item.sender, item.message, path) for item in machine.splits for path in item.fields]
    for echo in machine.echoes:
        yield from [(*letter, path) for letter in (echo.question, echo.answer) for path in echo.fields]
    yield from [item.unit_from for item in machine.counters if item.unit_from is not None]


@pytest.mark.parametrize("name", sorted(set(MACHINES) - {"link"}))
def test_fields_are_fields_of_the_schemas(name: str) -> None:
    """A field that is not there would be read as 0 for ever."""
    machine = MACHINES[name]
    for sender, message, path in _paths(machine):
        channel, _, plain = message.rpartition(".")
        on = [channel] if channel not in ("", ANY) else _read_by(machine)
        if plain not in EVENTS:
            found = [row for item in on for row in dispatch.rows(LAYERS.get(item, item), sender).values() if row.name == plain]
            assert found and all(_there(row.value_class, path) for row in found), (message, path)


def test_channels_of_machines_have_messages() -> None:
    for machine in MACHINES.values():
        assert machine.channels == EVERY or set(machine.channels) <= {*CHANNELS, *LAYERS}
