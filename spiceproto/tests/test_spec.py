"""The chapters: their sentences have the form, ids are locked, blocks are what is declared, and nothing hangs loose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spiceproto import (
    agent_exchange,
    agent_stream,
    compared,
    contents,
    descriptors,
    dispatch,
    extents,
    keys,
    lip_sync,
    migration,
    migration_data,
    migration_offer,
    port_bytes,
    redirection,
    samples,
    session,
    shares,
    video,
)
from spiceproto.derive import chapters, sentences
from spiceproto.derive.journeys import JOURNEYS
from spiceproto.derive.sentences import Sentence
from spiceproto.errors import SchemaError
from spiceproto.machine import Forbidden, Rule
from spiceproto.rules import MACHINES, SCENARIOS, link

SPEC = chapters.SPEC
CHAPTERS = sorted(SPEC.glob("[0-9][0-9]-*.md"))
pytestmark = pytest.mark.skipif(not CHAPTERS, reason="the chapters are in a checkout only")


@pytest.fixture(scope="module")
def found() -> dict[str, Sentence]:
    return sentences.read(SPEC)


@pytest.fixture(scope="module")
def untestable() -> dict[str, str]:
    return sentences.parse_reasons((SPEC / "untestable.md").read_text())


@pytest.fixture(scope="module")
def unbound() -> dict[str, str]:
    return sentences.parse_reasons((SPEC / "unbound.md").read_text())


def named_by_rules() -> dict[str, set[str]]:
    """Id to the tables that name it."""
    named: dict[str, set[str]] = {}
    for machine in MACHINES.values():
        for id in machine.requirements():
            named.setdefault(id, set()).add(machine.name)
    for id in link.OBSERVED.values():
        named.setdefault(id, set()).add("link observer")
    for id in (*compared.REQUIREMENTS, *migration.REQUIREMENTS):
        named.setdefault(id, set()).add("session")
    return named


def test_the_session_names_what_it_judges() -> None:
    agent, bytes_ = (agent_exchange, agent_stream), (port_bytes, redirection)
    states = (migration, migration_data, migration_offer)
    modules = (session, *agent, *bytes_, contents, descriptors, extents, keys, lip_sync, samples, shares, *states, video)
    files = [module.__file__ or "" for module in modules]
    own = {id for file in files for id in re.findall(r"SPICE-[A-Z]+-\d{3}", Path(file).read_text())}
    assert own | dispatch.SENTENCES == {*compared.REQUIREMENTS, *migration.REQUIREMENTS}


def test_there_are_enough_and_each_in_its_chapter(found: dict[str, Sentence]) -> None:
    """The sentences of an area stand in one chapter; which one is for the chapters to say."""
    assert len(found) >= 150
    assert all(sentence.section for sentence in found.values())
    chapters_of: dict[str, set[str]] = {}
    for sentence in found.values():
        chapters_of.setdefault(sentence.area, set()).add(sentence.chapter)
    assert {area: names for area, names in chapters_of.items() if len(names) > 1} == {}


def test_the_front_page_says_how_many_there_are(found: dict[str, Sentence]) -> None:
    said = re.search(
        r"a \[specification\]\(spec/README\.md\) of some (\d+) numbered sentences", (SPEC.parent / "README.md").read_text()
    )
    assert said is not None and abs(int(said[1]) - len(found)) < 25


def test_ids_count_without_gaps() -> None:
    numbers: dict[str, list[int]] = {}
    for id in sentences.parse_lock((SPEC / "requirements.lock").read_text()):
        _, area, number = id.split("-")
        numbers.setdefault(area, []).append(int(number))
    for area, found in numbers.items():
        assert found == list(range(1, len(found) + 1)), area


def test_locked(found: dict[str, Sentence]) -> None:
    lock = sentences.parse_lock((SPEC / "requirements.lock").read_text())
    assert sentences.locked(found, lock) == []
    assert sentences.write_lock(found, lock) == (SPEC / "requirements.lock").read_text()


def test_every_sentence_of_a_rule_exists(found: dict[str, Sentence]) -> None:
    assert set(named_by_rules()) <= set(found)


def test_every_sentence_is_tested_somehow(
    found: dict[str, Sentence], untestable: dict[str, str], unbound: dict[str, str]
) -> None:
    named = named_by_rules()
    said = untestable.keys() | unbound.keys()
    loose = [id for id, item in found.items() if id not in named and not item.tests and id not in said]
    assert not loose


def test_untestable_sentences_exist_and_have_no_test(found: dict[str, Sentence], untestable: dict[str, str]) -> None:
    assert untestable
    for id in untestable:
        assert id in found and not found[id].tests and id not in named_by_rules()


def test_unbound_sentences_exist_and_nothing_is_bound_to_them(
    found: dict[str, Sentence], untestable: dict[str, str], unbound: dict[str, str]
) -> None:
    for id, reason in unbound.items():
        assert id in found and id not in untestable
        # One for both that is decided for one of them has a test, or a rule.
        assert reason.startswith(("Clients: ", "Servers: ")) or not (found[id].tests or id in named_by_rules())


def test_rules_blame_whom_the_sentence_binds(found: dict[str, Sentence]) -> None:
    """A message that is illegal breaks a sentence about its sender."""
    for machine in MACHINES.values():
        for item in machine.forbidden:
            assert found[item.requirement].role in (item.sender, "both"), item
        for echo in machine.echoes:
            assert found[echo.requirement].role in (echo.answer[0], "both")
        for rule in machine.rules:
            if rule.when is not None:
                assert found[rule.requirement].role in (rule.sender, "both"), rule
        for counter in machine.counters:
            assert found[counter.above].role == counter.raised[0][0]
            if counter.lowered:
                assert found[counter.below].role == counter.lowered[0][0]


WORDS = {
    "link-header": ("link header",),
    "link-message": ("link message",),
    "link-reply": ("link reply",),
    "link-error": ("link reply",),
    "auth-mechanism": ("mechanism",),
    "ticket": ("ticket",),
    "link-result": ("link result",),
    "sasl-mechanism-list": ("SASL",),
    "sasl-start": ("SASL",),
    "sasl-response": ("SASL",),
    "sasl-challenge": ("SASL",),
    "sasl-result": ("SASL",),
    "CLOSE": ("close",),
    "LINK": ("link a channel",),
    "PRESS": ("press",),
    "RELEASE": ("release",),
    "*": ("message", "anything"),
    "MOUSE_MODE": ("`MOUSE_MODE`", "mode"),
    "MOUSE_MODE_REQUEST": ("`MOUSE_MODE_REQUEST`", "request", "ask for"),
    "MOUSE_MOTION": ("`MOUSE_MOTION`", "movement", "kind"),
    "MOUSE_POSITION": ("`MOUSE_POSITION`", "movement", "kind"),
    "DRAW": ("drawing message",),
    "SOURCE": ("source",),
    "HEAD": ("head",),
    "SHAPE": ("shape",),
    "IMAGE": ("image",),
    "PALETTE": ("palette",),
}
"""Words of the chapters for what a machine reads; a message that is not here goes by its name."""

SILENT = re.compile(r"^- (\w+) (\S+) (SPICE-[A-Z]+-\d{3}): \S", re.MULTILINE)
"""Rows whose sentence does not name the message, and what it says instead: lines in the files of conversations."""


def speak_of_something_else() -> set[str]:
    found = set()
    for path in (Path(__file__).parent / "conversations").glob("*.txt"):
        for part in re.split(r"^@ ", path.read_text(), flags=re.MULTILINE)[1:]:
            name = part.partition(":")[0]
            found |= {f"{name} {' '.join(line)}" for line in SILENT.findall(part.partition("== ")[0])}
    return found


def test_sentences_speak_of_the_messages_of_their_rows(found: dict[str, Sentence]) -> None:
    silent = set()
    for machine in MACHINES.values():
        rows: tuple[Rule | Forbidden, ...] = (*machine.rules, *machine.forbidden)
        for rule in rows:
            name = rule.message.partition(" ")[0].rpartition(".")[2]
            words = WORDS.get(name, (f"`{name}`",))
            if not any(word in found[rule.requirement].text for word in words):
                silent.add(f"{machine.name} {rule.sender} {name} {rule.requirement}")
    assert silent == speak_of_something_else()


ASK = ("answer", "grant", "count", "take")
"""Verbs of sentences that say what the other end does with a message."""


def test_sentences_speak_of_the_senders_of_their_rows(found: dict[str, Sentence]) -> None:
    """A row rests on a sentence that binds its sender, names it, or says what the other end does with the message."""
    explained = speak_of_something_else()
    for machine in MACHINES.values():
        for rule in machine.rules:
            sentence = found[rule.requirement]
            bound = sentence.role in (rule.sender, "both") or rule.sender in sentence.text
            silent = f"{machine.name} {rule.sender} {rule.message} {sentence.id}" in explained
            assert bound or silent or rule.tolerated or any(verb in sentence.text for verb in ASK), rule


def test_tolerated_rules_are_tolerated_in_the_text(found: dict[str, Sentence]) -> None:
    for machine in MACHINES.values():
        for rule in machine.rules:
            # What was under way when a refusal was sent needs no permission.
            if rule.tolerated and rule.requirement not in ("SPICE-LINK-001", "SPICE-LINK-024"):
                assert found[rule.requirement].tolerated, rule


@pytest.mark.parametrize("path", sorted(SPEC.glob("*.md")), ids=lambda path: path.stem)
def test_blocks_are_up_to_date(path: Path) -> None:
    text = path.read_text()
    assert chapters.regenerated(text, path.name, chapters.places(SPEC)) == text, "run python -m spiceproto.derive.chapters"
    assert text.count("\n<!-- generated:") == text.count("\n<!-- end -->")
    assert path not in CHAPTERS or "<!-- generated:" in text


def test_every_machine_and_example_is_shown() -> None:
    text = "\n".join(path.read_text() for path in CHAPTERS)
    for name, machine in MACHINES.items():
        if name not in ("ping", "motion", "changes", "answers"):  # one state: there is nothing to draw
            assert f"<!-- generated: states {name} -->" in text
        assert not machine.counters or f"<!-- generated: counters {name} -->" in text
    for name in SCENARIOS:
        assert f"<!-- generated: sequence {name} -->" in text
    for journey in JOURNEYS:
        assert f"<!-- generated: journey {journey.name} -->" in text


def test_links_lead_somewhere() -> None:
    for path in SPEC.glob("*.md"):
        for target, anchor in re.findall(r"\]\(([^)#]*)(?:#([^)]+))?\)", path.read_text()):
            goal = SPEC / target if target else path
            assert goal.exists(), (path.name, target)
            assert not anchor or anchor in anchors(goal), (path.name, target, anchor)


def anchors(path: Path) -> set[str]:
    """Places in a file that a link can name: its headings as GitHub spells them, and what blocks are named after."""
    text = path.read_text()
    headings = {re.sub(r"[^\w -]", "", line).strip().lower() for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    return {heading.replace(" ", "-") for heading in headings} | set(re.findall(r'<a id="([^"]+)">', text))


def test_lines_are_short_where_people_write_them() -> None:
    for path in SPEC.glob("*.md"):
        text = re.sub(r"<!-- generated: .*?<!-- end -->", "", path.read_text(), flags=re.DOTALL)
        for line in text.splitlines():
            assert len(line) <= 132 or line.startswith(("**SPICE-", "- ", "|")), line


# -- the form, and the lock

GOOD = """\
# A chapter

**SPICE-X-001** (MUST, both, normative) Everybody MUST be kind.
- Test: once.
- Tolerated: twice.
- Test: thrice.

Text.
"""


def test_parse() -> None:
    (found,) = sentences.parse(GOOD, "09-x")
    assert (found.id, found.level, found.role, found.source) == ("SPICE-X-001", "MUST", "both", "normative")
    assert (found.section, found.line, found.tests, found.tolerated) == (
        "A chapter",
        3,
        ("once.", "thrice."),
        ("twice.",),
    )


@pytest.mark.parametrize(
    "line",
    [
        "One MUST be kind.",
        "**SPICE-X-002** Everybody MUST be kind.",
        "**SPICE-X-002** (MUST, both, normative) Everybody is kind.",
        "**SPICE-X-002** (MUST, both, normative) Everybody MUST be kind and SHOULD be brief.",
        "**SPICE-X-002** (MUST, all, normative) Everybody MUST be kind.",
    ],
)
def test_sentences_without_the_form(line: str) -> None:
    with pytest.raises(SchemaError):
        sentences.parse(GOOD + line + "\n", "09-x")


def test_generated_blocks_are_not_read() -> None:
    block = "<!-- generated: record x -->\nThis MUST not count.\n<!-- end -->\n"
    assert len(sentences.parse(block + GOOD, "09-x")) == 1


def test_an_id_in_two_chapters(tmp_path: Path) -> None:
    for name in ("01-a.md", "02-b.md"):
        (tmp_path / name).write_text(GOOD)
    with pytest.raises(SchemaError, match="twice"):
        sentences.read(tmp_path)


def test_the_lock_sees_every_change() -> None:
    (one,) = sentences.parse(GOOD, "09-x")
    lock = sentences.parse_lock(sentences.write_lock({one.id: one}, {}))
    assert lock == {one.id: (1, one.hash)} and sentences.locked({one.id: one}, lock) == []
    (other,) = sentences.parse(GOOD.replace("kind", "rude"), "09-x")
    assert "was changed" in sentences.locked({one.id: other}, lock)[0]
    assert "is gone" in sentences.locked({}, lock)[0]
    with pytest.raises(SchemaError, match="was changed"):
        sentences.write_lock({one.id: other}, lock)
    assert sentences.parse_lock(sentences.write_lock({one.id: other}, lock, revise=[one.id])) == {one.id: (2, other.hash)}
    retired = sentences.parse_lock(sentences.write_lock({}, lock, retire=[one.id]))
    assert sentences.locked({}, retired) == []
    assert "retired" in sentences.locked({one.id: one}, retired)[0]
    with pytest.raises(SchemaError, match="retired"):
        sentences.write_lock({one.id: one}, retired, revise=[one.id])


def test_notes_do_not_belong_to_what_is_locked() -> None:
    (one,) = sentences.parse(GOOD, "09-x")
    (other,) = sentences.parse(GOOD.replace("- Test: once.\n", ""), "10-y")
    assert one.hash == other.hash


def test_unknown_blocks() -> None:
    for kind, name in (("record", "link.Nothing"), ("enum", "nowhere.X"), ("states", "x"), ("example", "x"), ("poem", "x")):
        with pytest.raises(SchemaError):
            chapters.block(kind, name)


def test_a_structure_that_is_printed_twice(tmp_path: Path) -> None:
    for name in ("01-a.md", "02-b.md"):
        (tmp_path / name).write_text("<!-- generated: record link.LinkResult -->\n<!-- end -->\n")
    with pytest.raises(SchemaError, match="twice"):
        chapters.places(tmp_path)


def test_links_are_made_of_names() -> None:
    text = "<!-- generated: record main.ChannelId -->\n<!-- end -->\n"
    assert "uint8 ChannelType |" in chapters.regenerated(text)
    assert "uint8 [ChannelType](#link.ChannelType) |" in chapters.regenerated(text, "a.md", {"link.ChannelType": "a.md"})
    assert "uint8 [ChannelType](b.md#link.ChannelType) |" in chapters.regenerated(text, "a.md", {"link.ChannelType": "b.md"})


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    block = "<!-- generated: record link.LinkResult -->\nold\n<!-- end -->\n"
    (tmp_path / "01-x.md").write_text(GOOD + block)
    assert chapters.main([str(tmp_path), "--check"]) == 1
    assert "out of date" in capsys.readouterr().out
    assert chapters.main([str(tmp_path), "--lock"]) == 0
    assert chapters.main([str(tmp_path), "--check"]) == 0
    assert capsys.readouterr().out.endswith("1 sentences\n")
    (tmp_path / "01-x.md").write_text((tmp_path / "01-x.md").read_text().replace("kind", "rude"))
    assert chapters.main([str(tmp_path), "--check"]) == 1
    assert chapters.main([str(tmp_path), "--lock"]) == 1
    assert chapters.main([str(tmp_path), "--lock", "--revise", "SPICE-X-001"]) == 0
