"""Tables: what a machine refuses to be, and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.errors import SchemaError
from spiceproto.machine import (
    ANY,
    CLOSE,
    EVERY,
    LINK,
    Begin,
    Counter,
    Deadline,
    Drawing,
    Echo,
    Forbidden,
    Keys,
    Machine,
    Place,
    Rule,
    Split,
)
from spiceproto.machine.look import Look
from spiceproto.machine.rows import read
from spiceproto.rules import MACHINES

OPEN = (Rule("open", "client", "X", "open", "R-1"), Rule("open", "server", "Y", "open", "R-2"))
THERE_AND_BACK = (Rule("a", "client", "X", "b", "R-1"), Rule("b", "client", "X", "a", "R-1"))


def made(rules: tuple[Rule, ...] = OPEN, states: str = "open", **more: Any) -> Machine:
    """A machine on every channel."""
    return Machine("m", **{"channels": EVERY, "rules": rules, "states": {item: item for item in states.split()}, **more})


def test_two_rules_for_one_letter() -> None:
    with pytest.raises(SchemaError, match="two rules"):
        made((Rule("a", "client", "X", "a", "R-1"), Rule("a", "client", "X", "b", "R-2")), "a b")


def test_unreachable_state() -> None:
    with pytest.raises(SchemaError, match="nothing leads to"):
        made((Rule("b", "client", "X", "a", "R-1"),), "a b")


def test_illegal_letter_without_a_sentence() -> None:
    with pytest.raises(SchemaError, match="which sentence"):
        made((Rule("a", "client", "X", "b", "R-1"),), "a b")


@pytest.mark.parametrize(
    "more",
    [
        {"rules": (*OPEN, Rule("open", "client", "Z", "nowhere", "R-1"))},
        {"forbidden": (Forbidden("client", "X", "R", state="nowhere"),)},
        {"deadlines": (Deadline("nowhere", "client", 1.0, "R"),)},
        {"final": ("nowhere",)},
        {"begins": {"midway": Begin("nowhere")}},
        {"drawings": (Drawing("all", ("open", "nowhere")),)},
        {"counters": (Counter("n", (("client", "X"),), (), "R", "R", most=1, unit=1, states=("nowhere",)),)},
    ],
    ids=lambda more: next(iter(more)),
)
def test_states_that_are_not_explained(more: Mapping[str, Any]) -> None:
    with pytest.raises(SchemaError, match="not explained"):
        made(**more)


@pytest.mark.parametrize("drawn", [("a",), ("a", "b", "a")])
def test_states_that_are_not_drawn_once(drawn: tuple[str, ...]) -> None:
    assert made(THERE_AND_BACK, "a b", drawings=(Drawing("one", ("a",)), Drawing("other", ("b",)))).drawings
    with pytest.raises(SchemaError, match="drawn once"):
        made(THERE_AND_BACK, "a b", drawings=tuple(Drawing(state, (state,)) for state in drawn))


def test_counter_of_unread_letters() -> None:
    with pytest.raises(SchemaError, match="does not read"):
        made(counters=(Counter("n", (("client", "Z"),), (), "R", "R", most=1, unit=1),))


def test_forbidden_twice() -> None:
    with pytest.raises(SchemaError, match="twice"):
        made(forbidden=(Forbidden("client", "Z", "R-1"), Forbidden("client", "Z", "R-2")))


def test_words_that_nothing_tells_apart() -> None:
    rules = (Rule("open", "client", "X yes", "open", "R-1"), Rule("open", "client", "X no", "open", "R-1"))
    assert made(rules, splits=(Split("client", "X", ("x",), (((1,), "yes"),), "no"),))
    with pytest.raises(SchemaError, match="tells this letter apart"):
        made(rules)
    with pytest.raises(SchemaError, match="has a mask"):
        made(rules, splits=(Split("client", "X", ("x",), (((1,), "yes"),), "no", masks=(1, 1)),))


def test_a_link_stage_has_no_channels() -> None:
    assert made(channels=(), scope="link")
    for channels, scope in (((), "connection"), ((), "session"), (EVERY, "link")):
        with pytest.raises(SchemaError, match="no channels"):
            made(channels=channels, scope=scope)


def test_letters_of_a_session_have_their_channel() -> None:
    rules = (Rule("open", "client", "main.X", "open", "R-1"), Rule("open", "client", f"*.{LINK}", "open", "R-1"))
    assert made(rules, channels=("main",), scope="session")
    for channels, more in ((("inputs",), ()), (("main",), OPEN)):
        with pytest.raises(SchemaError, match="has its channel"):
            made((*rules, *more), channels=channels, scope="session")


# -- lives

BORN = (Rule("absent", "server", "X", "alive", "R-1"), Rule("alive", "server", "X", "absent", "R-2"))
X = Place("server", "X", ("id",))


@pytest.mark.parametrize(
    ("places", "more", "keys", "match"),
    [
        ((Place("server", "X"),), {}, {}, "other fields"),
        ((Place("server", "X", ("a", "b")),), {}, {}, "other fields"),
        ((Place("server", "X", ("id",), all=True),), {}, {}, "other fields"),
        ((X, Place("server", "Y", ("id",))), {}, {}, "not what rules read"),
        ((Place("server", "X", ("id",), letter="Z"),), {}, {}, "not what rules read"),
        ((X,), {"echoes": (Echo("e", ("server", "X"), ("client", "Y"), ("id",), "R"),)}, {}, "states only"),
        ((X,), {"deadlines": (Deadline("alive", "server", 1.0, "R"),)}, {}, "states only"),
        ((X,), {"counters": (Counter("n", (("server", "X"),), (), "R", "R", most=1, unit=1),)}, {}, "states only"),
        ((X,), {}, {"most": 3}, "a bound has a sentence"),
        ((X,), {}, {"most": 3, "above": "R"}, "a bound has a sentence"),
        ((X,), {}, {"above": "R", "alive": ("alive",)}, "a bound has a sentence"),
        ((X,), {}, {"alive": ("absent",)}, "begins alive"),
        ((X,), {}, {"alive": ("nowhere",)}, "not explained"),
    ],
)
def test_keys_that_do_not_fit(places: tuple[Place, ...], more: dict[str, Any], keys: dict[str, Any], match: str) -> None:
    assert made(BORN, "absent alive", keys=Keys("thing", ("id",), (X,), ("alive",), 3, "R")).requirements() == {
        "R-1",
        "R-2",
        "R",
    }
    with pytest.raises(SchemaError, match=match):
        made(BORN, "absent alive", keys=Keys("thing", ("id",), places, **keys), **more)


def test_a_message_about_everybody_is_one_letter() -> None:
    split = Split("server", "X", ("id",), (((0,), "zero"),), "other")
    rules = tuple(Rule("absent", "server", f"X {word}", "absent", "R-1") for word in ("zero", "other"))
    with pytest.raises(SchemaError, match="other fields"):
        made(rules, "absent", keys=Keys("thing", ("id",), (Place("server", "X", all=True),)), splits=(split,))


# -- what it says of itself


def test_what_concerns_a_machine() -> None:
    machine = made((*OPEN, Rule("open", "client", ANY, "open", "R-3")))
    assert machine.base("client", "X") == "X" and machine.base("client", "Z") == ANY
    assert machine.base("server", "Z") == machine.base("client", CLOSE) == machine.base("client", LINK) == ""
    assert machine.reads("client", "Z") and not machine.reads("server", "Z") and not machine.reads("client", CLOSE)
    assert not machine.reads_fields("client", "X")


def test_what_is_counted_is_a_concern() -> None:
    machine = made(counters=(Counter("n", (("server", ANY),), (("client", "X"),), "R", "R", most=1, unit=1),))
    assert machine.reads("server", "Z") and not machine.reads("client", "Z") and not machine.reads("server", CLOSE)


def test_channels_of_a_session() -> None:
    rules = tuple(Rule("open", "client", letter, "open", "R-1") for letter in ("main.X", "inputs.*", f"*.{LINK}"))
    machine = made(rules, channels=EVERY, scope="session")
    wanted = {"main.X": "main.X", "main.Z": "", "inputs.Z": "inputs.*", "inputs.LINK": "*.LINK", ".LINK": "*.LINK"}
    assert {name: machine.base("client", name) for name in wanted} == wanted
    assert machine.base("client", "inputs.CLOSE") == ""


@pytest.mark.parametrize(
    "more",
    [
        {"splits": (Split("client", "X", ("a",), (((1,), "one"),), "other"),), "rules": OPEN[1:]},
        {"echoes": (Echo("e", ("client", "X"), ("server", "Y"), ("id",), "R-E"),)},
        {"echoes": (Echo("e", ("server", "Y"), ("client", "X"), ("id",), "R-E"),)},
        {"counters": (Counter("n", (("server", "Y"),), (), "R", "R", most=1, unit_from=("client", "X", "unit")),)},
    ],
    ids=["split", "question", "answer", "unit"],
)
def test_fields_that_are_read(more: dict[str, Any]) -> None:
    if "splits" in more:
        more = {**more, "forbidden": (Forbidden("client", "X one", "R"), Forbidden("client", "X other", "R"))}
    assert made(**more).reads_fields("client", "X")
    assert not made(**more).reads_fields("client", "Y")


def test_starts_are_those_of_the_situations() -> None:
    machine = made(THERE_AND_BACK, "a b", begins={"destination": Begin("b"), "midway": None})
    assert machine.starts == ("a", "b") and machine.initial == "a"
    assert machine.begins == {"whole": Begin(), "destination": Begin("b"), "midway": None}
    assert made().begins["midway"] == Begin(past=False)


def test_path_to() -> None:
    machine = made(
        (*THERE_AND_BACK, Rule("b", "server", "Y", "c", "R", tolerated=True)),
        "a b c",
        forbidden=(
            Forbidden("client", "X", "R"),
            Forbidden("server", "Y", "R"),
        ),
    )
    assert [rule.message for rule in machine.path_to("b") or ()] == ["X"]
    assert machine.path_to("a") == ()
    assert machine.path_to("c") is None  # only a tolerated rule leads there


@pytest.mark.parametrize("name", MACHINES)
def test_machines_of_the_protocol_explain_their_states(name: str) -> None:
    assert all(line.endswith(".") and line[0].isupper() | line.startswith("`") for line in MACHINES[name].states.values())
    assert MACHINES[name].doc.endswith(".")


# -- reading


def test_paths() -> None:
    class Inner:
        id = 7

    class Outer:
        base = Inner()
        items: tuple[dict[str, int], ...] = ({"id": 1}, {"id": 2}, {})

    assert read(Outer(), "base.id") == read({"base": {"id": 7}}, "base.id") == 7
    assert read(Outer(), "base.other") == read(Outer(), "other.id") == 0
    place = Place("server", "X", ("id",), at="items")
    assert [place.key_of(part) for part in place.parts(Outer())] == [(1,), (2,), None]
    assert list(Place("server", "X", ("id",), at="nothing").parts(Outer())) == []
    assert Place("server", "X", ("base.id",)).key_of(Outer()) == (7,)


class Leaf(msgspec.Struct):
    id: int = 7
    count: int | None = 3


class Tree(msgspec.Struct):
    leaf: Leaf | None = None
    leaves: tuple[Leaf, ...] = ()
    trees: tuple[Tree, ...] = ()


@pytest.mark.parametrize(
    "path", ("", "leaf", "leaf.count", "leaves", "leaves.count", "trees.leaf", "trees.leaves", "nothing.id")
)
@pytest.mark.parametrize("form", ("value", "mapping"))
def test_a_look_finds_what_its_places_do(path: str, form: str) -> None:
    leaves = (Leaf(1), Leaf(2, None))
    for tree in (Tree(), Tree(Leaf()), Tree(None, leaves), Tree(Leaf(), leaves, (Tree(Leaf(4)), Tree(None, leaves)))):
        place, value = Place("server", "X", ("id",), at=path), tree if form == "value" else msgspec.to_builtins(tree)
        assert list(Look((place,), None).at(value)) == place.parts(value)


def test_neighbours_look_once() -> None:
    looks = MACHINES["palettes"].looks("server", "DRAW_COPY")
    assert [[place.key for place in look.places] for look in looks] == [[("palette.unique",), ("palette_id",)]] * 4
    (all,) = MACHINES["palettes"].looks("server", "INVAL_ALL_PALETTES")
    assert all.places[0].all and all.split is None
    assert MACHINES["palettes"].looks("client", "DRAW_COPY") == ()


@given(st.integers(0, 3), st.integers(0, 3))
def test_split_letters_and_values_agree(one: int, other: int) -> None:
    for machine in MACHINES.values():
        for split in machine.splits:
            values = dict(zip(split.fields, (one, other), strict=False))
            assert split.letter(values) in split.letters
            for letter in split.letters:
                assert split.letter(split.values(letter)) == letter
