"""Every verb of the reference server at its control socket, with a client at which it is seen; and the client's own socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.tests import control_device_trials, control_trials
from conformance.tests.control_pair import ALONE, TRIALS, Pair
from spiceproto import extras
from spiceproto.controls import programs
from spiceproto.tests.controlled import Program
from spiceproto.tests.peers import until

pytestmark = pytest.mark.skipif(
    not extras.present("wsgidav.wsgidav_app"), reason="the client shares no folder: the extra webdav is not installed"
)

ONCE = list({trial: verb for verb, trial in reversed(TRIALS.items())}.items())[::-1]
"""Each trial, and the first of its verbs."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A pair for trials that leave it as they found it."""
    pair = Pair(tmp_path_factory.mktemp("pair"))
    yield pair
    pair.end()


@pytest.fixture
def pair(request: pytest.FixtureRequest, verb: str, tmp_path: Path) -> Iterator[Pair]:
    """The one that a trial gets."""
    if verb not in ALONE:
        yield request.getfixturevalue("shared")
        return
    own = Pair(tmp_path, plain=verb == "migrate")
    yield own
    own.end()


def test_every_verb_has_a_trial() -> None:
    assert {trial.__module__ for trial in TRIALS.values()} == {control_trials.__name__, control_device_trials.__name__}
    assert set(TRIALS) == set(programs.table("server"))


@pytest.mark.parametrize("verb", [verb for _, verb in ONCE])
def test_a_verb_of_the_server(verb: str, pair: Pair) -> None:
    TRIALS[verb](pair)


def test_a_client_is_driven_at_its_socket(tmp_path: Path) -> None:
    """By two at once; an event comes to who asked for it, and nobody's nonsense is the end."""
    with Program("client", tmp_path) as client, Program("server", tmp_path, "--port", "0", "--disable-ticketing") as server:
        one, two = client.control, client.controller()
        two.ask("events")
        assert one.ask("hello")["role"] == "client" and one.ask("state")["connected"] is False
        one.say(["not", "a", "question"])
        assert one.hear()["answer"] == "error"
        assert one.answer("fly")["answer"] == "unsupported" and "there is no session" in one.refused("motion", dx=1, dy=1)
        one.ask("connect", uri=f"spice://127.0.0.1:{server.place['port']}")
        two.told("marked", display=0)
        one.ask("key", code=30)
        one.ask("scancode", data="9e")
        until(lambda: len(server.control.ask("input-events")) > 0, what="keys arrive")
        assert not one.events
        two.ask("quit")
        assert client.ended() == 0 and not client.path.exists()
        two.close()
