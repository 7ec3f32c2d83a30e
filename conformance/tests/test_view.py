"""What a client would show of a server, and what becomes of it when something is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conformance.as_client import SuiteClient
from conformance.case import Case
from conformance.cases.display.server_steps import animated, begin, init, linked, screen, settle
from conformance.cases.display.view import View, check_picture, compared, in_order
from conformance.network import ServerNetwork
from conformance.outcome import Blocked, Failure
from conformance.reference_target import MemoryServer
from conformance.run import Options, Run
from spiceproto import png
from spiceproto.canvas.cache import PixmapCache
from spiceproto.codecs import glz


@contextmanager
def client_of(fault: str = "", *needs: str) -> Iterator[SuiteClient]:
    """The suite as a client of a reference server with small screens."""
    target = MemoryServer("ref:server", fault=fault)
    case = Case("SPICE-X-001/x", "server", lambda client: None, "x", needs=("control:picture", "control:animate", *needs))
    network = target.open(case)
    assert isinstance(network, ServerNetwork)
    yield SuiteClient(network, target)
    target.close(network)


def test_a_picture_is_the_server_s_own() -> None:
    with client_of() as client:
        view = View(client, screen(client))
        assert animated(client, view.talk)
        check_picture(client, view)
        own, shown = compared(client, view)
        assert own.shape == (120, 160, 3) and (own == shown).all()
        assert view.drawn and not view.lossy and not view.problems


@pytest.mark.parametrize("fault", ["red-and-blue-exchanged", "top-down-forgotten", "low-bits-lost"])
def test_a_picture_that_is_another_one(fault: str) -> None:
    with client_of(fault) as client, pytest.raises(Failure, match=r"the colour #.*pixels differ") as found:
        check_picture(client, View(client, screen(client)))
    failure = found.value
    pixel = re.search(r"at (\d+, \d+) the colour (#\w+)", failure.expected)
    assert pixel is not None and failure.place.startswith(f"pixel {pixel[1]} of the screen: last under DRAW_")
    x, y = map(int, pixel[1].split(", "))
    expected, shown, _ = [png.decode(picture.data) for picture in failure.pictures]
    assert f"#{bytes(expected[y, x]).hex()}" == pixel[2] and failure.actual.startswith(f"#{bytes(shown[y, x]).hex()};")


def test_colours_that_are_exchanged_are_shown() -> None:
    run = Run(Options("ref:server?fault=red-and-blue-exchanged", select="SPICE-IMAGE-019/red-and-blue"))
    run.start()
    result = run.runner.run(run.cases[0])
    run.stop()
    expected, shown, _ = [png.decode(picture.data) for picture in result.pictures]
    assert result.outcome == "fail" and (expected[..., ::-1] == shown).all() and (expected != shown).any()


def test_an_image_that_cannot_be_decoded() -> None:
    with client_of("stream-cut-in-half") as client:
        view = View(client, screen(client))
        with pytest.raises(Blocked, match="what a client shows: expected images that can be decoded"):
            check_picture(client, view)
        with pytest.raises(Failure, match="images that can be decoded"):
            view.check_images()


def test_a_screen_that_stands_still_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with client_of() as client:
        talk = screen(client)
        monkeypatch.setattr(type(client.target), "meets", lambda self, need: False)
        settle(client, talk)
        waited = []
        for _ in range(2):
            began = client.now
            assert not animated(client, talk)
            waited.append(client.now - began)
        assert waited[0] == pytest.approx(2 * client.network.quiet) and waited[1] == 0
        assert client.target.still == {0}


@pytest.mark.parametrize(("each_time", "rounds"), [(0, 1), (2, 1), (3, 4)])
def test_a_cursor_that_blinks_is_not_waited_for(each_time: int, rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with client_of() as client:
        talk = screen(client)
        waited: list[int] = []

        def blink() -> None:
            waited.append(each_time)
            talk.heard["DRAW_COPY"] = talk.heard.get("DRAW_COPY", 0) + each_time

        monkeypatch.setattr(client, "wait_quiet", blink)
        settle(client, talk, 4)
        assert len(waited) == rounds


def test_what_the_rules_have_found_is_not_told_twice() -> None:
    with client_of("draws-on-no-surface") as client, pytest.raises(Blocked, match="SPICE-DISPLAY-007 is broken"):
        check_picture(client, View(client, screen(client)))


def test_two_displays_that_share_a_dictionary() -> None:
    """Each image is drawn behind those of the other channel to which it may refer."""
    with client_of("", "two-displays") as client:
        talks = [screen(client), linked(client, 1)]
        begin(client, talks[1], init())
        pixmaps, window = PixmapCache(), glz.Window()
        views = [View(client, talk, pixmaps=pixmaps, window=window) for talk in talks]
        for view in views:
            check_picture(client, view, beside=views)
        in_order(views)
        assert not any(view.talk.inbox for view in views)
