"""Models: words that reach states and tell them apart, and the smallest model that answers the same."""

from __future__ import annotations

from conformance.learn.model import OVER, Edge, Model


def _counter(size: int) -> Model:
    """Every ``size``-th coin brings a drink; a kick ends it."""
    states = [
        {"coin": Edge("drink" if at == size - 1 else "-", (at + 1) % size), "kick": Edge("closed", size)} for at in range(size)
    ]
    return Model(
        machine="coins",
        greeting="",
        letters=("coin", "kick"),
        states=(*states, {"coin": Edge(OVER, size), "kick": Edge(OVER, size)}),
    )


def test_access() -> None:
    assert _counter(3).access() == {0: (), 1: ("coin",), 2: ("coin", "coin"), 3: ("kick",)}


def test_characterising_words_tell_all_states_apart() -> None:
    model = _counter(5)
    words = model.characterising()
    told = {tuple(tuple(model.answers(word, state)) for word in words) for state in range(len(model.states))}
    assert len(told) == len(model.states)


def test_the_suite_finds_every_other_counter() -> None:
    model = _counter(4)
    for size in (1, 2, 3, 5, 6):
        other = _counter(size)
        assert any(model.answers(word) != other.answers(word) for word in model.suite()), size
    assert all(model.answers(word) == _counter(4).answers(word) for word in model.suite())


def test_no_word_of_a_suite_begins_another() -> None:
    words = _counter(4).suite()
    assert not [one for one in words for other in words if one != other and other[: len(one)] == one]


def test_least() -> None:
    twice = Model(
        machine="coins",
        greeting="",
        letters=("coin",),
        states=tuple([{"coin": Edge("drink" if at % 2 else "-", (at + 1) % 6)} for at in range(6)]),
    )
    assert twice.least().states == ({"coin": Edge("-", 1)}, {"coin": Edge("drink", 0)})


def test_restricted_leaves_out_letters_and_what_a_guest_tells() -> None:
    model = Model(
        machine="m",
        greeting="",
        letters=("move", "look"),
        states=(
            {"move": Edge("ack; guest: motion", 1), "look": Edge("a", 0)},
            {"move": Edge("ack; guest: position", 0), "look": Edge("b", 1)},
        ),
    )
    assert model.restricted(("move",), guest=False).states == ({"move": Edge("ack", 0)},)
    assert len(model.restricted(("move",)).states) == 2


def test_text_round_trip(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "model.json"
    path.write_text(_counter(3).text())
    assert Model.read(path) == _counter(3)
