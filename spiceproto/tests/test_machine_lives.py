"""Lives: what begins, is used and ends, each under its own number. The tables are made up, the messages are real."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from spiceproto.capabilities import NONE
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ClipType, ImageScaleMode, Ropd
from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.errors import LocalError
from spiceproto.machine import (
    UNKNOWN,
    Announced,
    Begin,
    Coverage,
    Forbidden,
    Keys,
    Lives,
    Machine,
    Place,
    Rule,
    Split,
    begin,
    lives,
    walk,
)
from spiceproto.messages import display, draw
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import Image, ImageDescriptor
from spiceproto.messages.main import ChannelId, ChannelsList
from spiceproto.rules import MACHINES
from spiceproto.rules.channels import CHANNELS

_BORN = {"absent": "There is none.", "alive": "There is one."}

SURFACES = Machine(
    "surfaces",
    channels=("display",),
    states=_BORN,
    begins={"destination": Begin(past=False)},
    rules=(
        Rule("absent", "server", "SURFACE_CREATE", "alive", "S-1"),
        Rule("alive", "server", "DRAW", "alive", "S-2"),
        Rule("alive", "server", "SURFACE_DESTROY", "absent", "S-3"),
    ),
    forbidden=(
        Forbidden("server", "SURFACE_CREATE", "S-4"),
        Forbidden("server", "DRAW", "S-5"),
        Forbidden("server", "SURFACE_DESTROY", "S-6"),
    ),
    keys=Keys(
        "surface",
        ("surface_id",),
        (
            Place("server", "SURFACE_CREATE", ("surface_id",)),
            Place("server", "SURFACE_DESTROY", ("surface_id",)),
            Place("server", "COPY_BITS", ("base.surface_id",), letter="DRAW"),
            Place("server", "DRAW_COPY", ("base.surface_id",), letter="DRAW"),
            Place("server", "DRAW_COPY", ("data.src_bitmap.surface.surface_id",), letter="DRAW"),
            Place("server", "STREAM_CREATE", ("surface_id",), letter="DRAW"),
        ),
    ),
)

STREAMS = Machine(
    "streams",
    channels=("display",),
    states=_BORN,
    rules=(
        Rule("absent", "server", "STREAM_CREATE", "alive", "T-1"),
        Rule("alive", "server", "STREAM_DATA", "alive", "T-2"),
        Rule("alive", "server", "STREAM_DESTROY", "absent", "T-3"),
        Rule("alive", "server", "STREAM_DESTROY_ALL", "absent", "T-3"),
        Rule("absent", "server", "STREAM_DESTROY_ALL", "absent", "T-3", tolerated=True),
        Rule("alive", "client", "STREAM_REPORT", "alive", "T-4", when=Announced(client=(DisplayCapability.STREAM_REPORT,))),
    ),
    forbidden=(
        Forbidden("server", "STREAM_CREATE", "T-5"),
        Forbidden("server", "STREAM_DATA", "T-6"),
        Forbidden("server", "STREAM_DESTROY", "T-7"),
        Forbidden("client", "STREAM_REPORT", "T-8"),
    ),
    keys=Keys(
        "stream",
        ("id",),
        (
            Place("server", "STREAM_CREATE", ("id",)),
            Place("server", "STREAM_DATA", ("base.id",)),
            Place("server", "STREAM_DESTROY", ("id",)),
            Place("server", "STREAM_DESTROY_ALL", all=True),
            Place("client", "STREAM_REPORT", ("stream_id",)),
        ),
        alive=("alive",),
        most=2,
        above="T-9",
    ),
)

_IMAGE = ("id",)

PIXMAPS = Machine(
    "pixmaps",
    channels=("display",),
    scope="session",
    states={"absent": "It is not in the cache.", "cached": "It is in the cache."},
    rules=(
        *[
            Rule(state, "server", letter, after, "P-1")
            for state, letter, after in (
                ("absent", "IMAGE plain", "absent"),
                ("cached", "IMAGE plain", "cached"),
                ("absent", "IMAGE kept", "cached"),
                ("cached", "IMAGE used", "cached"),
                ("cached", "INVAL", "absent"),
                ("cached", "INVAL_ALL", "absent"),
                ("absent", "INVAL_ALL", "absent"),
            )
        ],
    ),
    splits=(
        Split(
            "server",
            "IMAGE",
            ("type", "flags"),
            (
                ((ImageType.BITMAP, ImageFlags.CACHE_ME), "kept"),
                ((ImageType.QUIC, ImageFlags.CACHE_ME), "kept"),
                ((ImageType.FROM_CACHE, 0), "used"),
            ),
            "plain",
            masks=(0xFF, ImageFlags.CACHE_ME),
        ),
    ),
    forbidden=(
        Forbidden("server", "IMAGE kept", "P-2"),
        Forbidden("server", "IMAGE used", "P-3"),
        Forbidden("server", "INVAL", "P-4"),
    ),
    keys=Keys(
        "image",
        ("id",),
        (
            Place("server", "display.DRAW_COPY", _IMAGE, at="data.src_bitmap.descriptor", letter="IMAGE"),
            Place("server", "display.DRAW_BLEND", _IMAGE, at="data.src_bitmap.descriptor", letter="IMAGE"),
            Place("server", "display.INVAL_LIST", _IMAGE, at="resources", letter="INVAL"),
            Place("server", "display.INVAL_ALL_PIXMAPS", all=True, letter="INVAL_ALL"),
        ),
    ),
)


def broken(held: Lives, sender: str, message: str, value: Any) -> list[str]:
    return [item.requirement for verdict in held.judge(sender, message, value) for item in verdict.breaches]


def surface(number: int) -> dict[str, int]:
    return {"surface_id": number}


def copy(number: int, image: Image | None) -> display.DrawCopy:
    """Drawn on a surface."""
    box = Rect(top=0, left=0, bottom=1, right=1)
    nothing = draw.QMask(0, Point(0, 0), None)
    base = draw.DisplayBase(number, box, draw.Clip(ClipType.NONE, None))
    return display.DrawCopy(
        base,
        draw.Copy(
            src_bitmap=image, src_area=box, rop_descriptor=Ropd.OP_PUT, scale_mode=ImageScaleMode.INTERPOLATE, mask=nothing
        ),
    )


def picture(number: int, type: int = ImageType.QUIC, flags: int = 0) -> Image:
    return Image(descriptor=ImageDescriptor(id=number, type=type, flags=flags, width=1, height=1))


# -- one life


def test_a_life() -> None:
    held = Lives(SURFACES)
    (verdict,) = held.judge("server", "SURFACE_CREATE", surface(7))
    assert (verdict.before, verdict.after, verdict.key) == ("absent", "alive", (7,))
    assert verdict.rule is SURFACES.rules[0] and held.state((7,)) == "alive" and held.state((8,)) == "absent"
    assert broken(held, "server", "DRAW_COPY", copy(7, None)) == []
    assert broken(held, "server", "SURFACE_CREATE", surface(7)) == ["S-4"]
    assert broken(held, "server", "SURFACE_DESTROY", surface(7)) == []
    assert broken(held, "server", "DRAW_COPY", copy(7, None)) == ["S-5"]
    assert broken(held, "server", "SURFACE_DESTROY", surface(7)) == ["S-6"]
    assert held.states == {}


def test_what_is_wrong_is_said_in_words() -> None:
    ((breach,),) = [item.breaches for item in Lives(SURFACES).judge("server", "DRAW_COPY", copy(7, None))]
    assert breach.text == "DRAW_COPY of surface 7 in state absent"
    assert (breach.expected, breach.actual, breach.sender) == ("SURFACE_CREATE", "DRAW", "server")


def test_what_happens_on_any_channel_is_said_in_words() -> None:
    """SPICE-MAIN-015: letters of the table, as ``*.CLOSE``, are nothing that anybody reads."""
    held = Lives(CHANNELS)
    listed = ChannelsList((ChannelId(3, 0),))
    judged = [held.judge("server", "main.CHANNELS_LIST", listed)]
    judged += [held.judge("client", "*.LINK", ChannelId(3, 0)) for _ in range(2)]
    breaches = [breach for verdicts in judged for verdict in verdicts for breach in verdict.breaches]
    assert [(breach.requirement, breach.expected, breach.actual) for breach in breaches] == [
        ("SPICE-MAIN-015", "the end of the link", "a link")
    ]


def test_what_is_of_no_concern() -> None:
    held = Lives(SURFACES)
    assert held.judge("server", "MARK", None) == held.judge("client", "SURFACE_CREATE", surface(1)) == ()


def test_a_message_that_names_two_lives() -> None:
    held = Lives(SURFACES)
    held.judge("server", "SURFACE_CREATE", surface(1))
    source = {"base": {"surface_id": 1}, "data": {"src_bitmap": {"surface": {"surface_id": 2}}}}
    found = held.judge("server", "DRAW_COPY", source)
    assert [(item.key, item.legal) for item in found] == [((1,), True), ((2,), False)]


def test_copies_are_independent() -> None:
    held = Lives(STREAMS)
    held.judge("server", "STREAM_CREATE", {"id": 1})
    other = held.copy()
    other.judge("server", "STREAM_CREATE", {"id": 2})
    other.judge("server", "STREAM_DESTROY", {"id": 1})
    assert (held.states, held.alive) == ({(1,): "alive"}, 1)
    assert (other.states, other.alive) == ({(2,): "alive"}, 1)


def test_capabilities() -> None:
    able = NONE.with_(DisplayCapability.STREAM_REPORT)
    for client, wanted in ((NONE, ["T-4"]), (able, []), (None, [])):
        held = begin(STREAMS, client=client)
        assert isinstance(held, Lives)
        held.judge("server", "STREAM_CREATE", {"id": 1})
        assert broken(held, "client", "STREAM_REPORT", {"stream_id": 1}) == wanted


def test_a_machine_without_keys_has_no_lives() -> None:
    with pytest.raises(LocalError):
        Lives(MACHINES["main"])


# -- bounds, and the end of all


def test_a_bound() -> None:
    held = Lives(STREAMS)
    assert [broken(held, "server", "STREAM_CREATE", {"id": number}) for number in (1, 2, 3)] == [[], [], ["T-9"]]
    assert broken(held, "server", "STREAM_DATA", {"base": {"id": 3}}) == []  # said once, when it begins
    assert broken(held, "server", "STREAM_CREATE", {"id": 3}) == ["T-5"]
    for number in (1, 2):
        held.judge("server", "STREAM_DESTROY", {"id": number})
    assert broken(held, "server", "STREAM_CREATE", {"id": 4}) == []
    assert held.alive == 2


def test_what_is_one_too_many_is_said_in_words() -> None:
    held = Lives(STREAMS)
    for number in (1, 2, 3):
        (verdict,) = held.judge("server", "STREAM_CREATE", {"id": number})
    assert [(item.text, item.expected, item.actual) for item in verdict.breaches] == [
        ("STREAM_CREATE of stream 3 is one too many at once", "at most 2", "3")
    ]


def test_the_end_of_all() -> None:
    held = Lives(STREAMS)
    for number in (1, 2):
        held.judge("server", "STREAM_CREATE", {"id": number})
    found = held.judge("server", "STREAM_DESTROY_ALL", None)
    assert [(item.key, item.after, item.tolerated) for item in found] == [((1,), "absent", False), ((2,), "absent", False)]
    assert (held.states, held.alive) == ({}, 0)
    (verdict,) = held.judge("server", "STREAM_DESTROY_ALL", None)
    assert verdict.tolerated and verdict.key == ()  # where nothing lives, everybody is one


# -- keys in the middle of messages


def test_what_an_image_does_to_the_cache() -> None:
    held = Lives(PIXMAPS)
    assert broken(held, "server", "display.DRAW_COPY", copy(0, picture(5))) == []
    assert broken(held, "server", "display.DRAW_COPY", copy(0, picture(5, ImageType.FROM_CACHE))) == ["P-3"]
    assert broken(held, "server", "display.DRAW_COPY", copy(0, picture(5, flags=ImageFlags.CACHE_ME))) == []
    assert broken(held, "server", "display.DRAW_COPY", copy(0, picture(5, ImageType.FROM_CACHE))) == []
    assert broken(held, "server", "display.DRAW_COPY", copy(0, picture(5, flags=ImageFlags.CACHE_ME))) == ["P-2"]
    assert held.judge("server", "display.DRAW_COPY", copy(0, None)) == ()  # no image, no life
    assert held.states == {(5,): "cached"}


def test_a_list_of_keys() -> None:
    held = Lives(PIXMAPS)
    for number in (1, 2, 3):
        held.judge("server", "display.DRAW_COPY", copy(0, picture(number, flags=ImageFlags.CACHE_ME)))
    gone = display.InvalList((display.ResourceID(2, 1), display.ResourceID(2, 9), display.ResourceID(2, 3)))
    found = held.judge("server", "display.INVAL_LIST", gone)
    assert [(item.key, item.legal) for item in found] == [((1,), True), ((9,), False), ((3,), True)]
    assert held.states == {(2,): "cached"}


# -- what nobody saw


@pytest.mark.parametrize("situation", ["destination", "midway"])
def test_a_key_whose_beginning_was_missed_is_not_judged(situation: Any) -> None:
    held = begin(SURFACES, situation)
    assert isinstance(held, Lives) and held.state((1,)) == UNKNOWN
    assert broken(held, "server", "DRAW_COPY", copy(1, None)) == []  # so it is alive
    assert broken(held, "server", "SURFACE_CREATE", surface(1)) == ["S-4"]
    assert broken(held, "server", "SURFACE_DESTROY", surface(2)) == []  # so it is not
    assert broken(held, "server", "SURFACE_DESTROY", surface(2)) == ["S-6"]
    assert broken(held, "server", "SURFACE_CREATE", surface(3)) == []
    assert broken(held, "server", "SURFACE_CREATE", surface(3)) == ["S-4"]


def test_a_letter_that_leads_to_several_states_tells_nothing() -> None:
    held = begin(PIXMAPS, "midway")
    assert isinstance(held, Lives)
    (verdict,) = held.judge("server", "display.DRAW_COPY", copy(0, picture(5)))
    assert verdict.after == UNKNOWN and verdict.rule is None and verdict.legal and held.states == {}


def test_the_end_of_all_tells_of_those_that_nobody_saw() -> None:
    held = begin(PIXMAPS, "midway")
    assert isinstance(held, Lives)
    held.judge("server", "display.DRAW_COPY", copy(0, picture(5, flags=ImageFlags.CACHE_ME)))
    held.judge("server", "display.INVAL_ALL_PIXMAPS", None)
    assert held.rest == "absent" and held.states == {}
    assert broken(held, "server", "display.DRAW_COPY", copy(0, picture(6, ImageType.FROM_CACHE))) == ["P-3"]


def test_a_message_that_cannot_be_parsed_may_have_been_about_any_key() -> None:
    held = Lives(STREAMS)
    held.judge("server", "STREAM_CREATE", {"id": 1})
    assert held.judge("server", "STREAM_DESTROY", None) == ()
    assert (held.rest, held.states, held.alive) == (UNKNOWN, {}, 0)
    assert broken(held, "server", "STREAM_DATA", {"base": {"id": 1}}) == []


def test_unknown_lives_do_not_count_for_the_bound() -> None:
    held = begin(STREAMS, "midway")
    assert isinstance(held, Lives)
    for number in range(2):
        assert broken(held, "server", "STREAM_DATA", {"base": {"id": number}}) == []
    assert held.alive == 2
    held.judge("server", "STREAM_DESTROY", {"id": 1})
    assert held.alive == 1 and held.states == {(0,): "alive", (1,): "absent"}


# -- memory


def test_a_peer_with_too_many_lives_costs_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lives, "LIVES", 10)
    held = Lives(SURFACES)
    for number in range(1000):
        assert broken(held, "server", "SURFACE_CREATE", surface(number)) == []
    assert len(held.states) == 10 and held.rest == UNKNOWN
    assert broken(held, "server", "SURFACE_CREATE", surface(3)) == ["S-4"]  # those that are remembered are judged on
    assert broken(held, "server", "SURFACE_CREATE", surface(500)) == []
    assert broken(held, "server", "SURFACE_DESTROY", surface(3)) == []
    assert held.states[3,] == "absent"


def test_lives_that_end_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lives, "LIVES", 10)
    held = Lives(SURFACES)
    for number in range(1000):
        assert broken(held, "server", "SURFACE_CREATE", surface(number)) == []
        assert broken(held, "server", "SURFACE_DESTROY", surface(number)) == []
    assert (held.states, held.rest) == ({}, "absent")


def test_there_is_room_for_every_channel_of_a_session() -> None:
    assert lives.LIVES >= 256 * 256


# -- walks


@pytest.mark.parametrize("machine", [SURFACES, STREAMS, PIXMAPS], ids=lambda machine: machine.name)
@pytest.mark.parametrize("situation", ["whole", "midway"])
def test_walks_are_legal_and_come_everywhere(machine: Machine, situation: Any) -> None:
    coverage, random = Coverage(machine), Random(1)
    for _ in range(20):
        held = begin(machine, situation)
        assert isinstance(held, Lives)
        for event, verdict in walk(held, random, 50, coverage):
            assert verdict.legal and not verdict.tolerated, (event, verdict)
    if situation == "whole":
        assert all(rule.tolerated for rule in coverage.unused)
