"""The grammar of selections."""

from __future__ import annotations

import pytest

from conformance.case import Case
from conformance.selection import keywords, likely, select
from spiceproto.errors import LocalError


def case(id: str, **more: object) -> Case:
    return Case(id, "server", lambda client: None, "x", **more)  # type: ignore[arg-type]


MAGIC = case("SPICE-LINK-006/zero-bytes", channel="main", tags=("probe:bad-magic",))
MINOR = case("SPICE-LINK-010/minor", needs=("ticket",))
ACK = case("SPICE-MOUSE-018/eight", channel="inputs", slow=60.0)
ALL = (MAGIC, MINOR, ACK)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ALL),
        ("SPICE-LINK-006", (MAGIC,)),
        ("spice-link-006/zero-bytes", (MAGIC,)),
        ("SPICE-LINK", (MAGIC, MINOR)),
        ("SPICE-*-01?/*", (MINOR, ACK)),
        ("channel:inputs", (ACK,)),
        ("level:must", (MAGIC, ACK)),
        ("level:should", (MINOR,)),
        ("!level:must", (MINOR,)),
        ("not level:must", (MINOR,)),
        ("chapter:link channel:main", (MAGIC,)),
        ("chapter:link and channel:main", (MAGIC,)),
        ("channel:main, channel:inputs", (MAGIC, ACK)),
        ("channel:main or channel:inputs", (MAGIC, ACK)),
        ("chapter:link !(channel:main, need:ticket)", ()),
        ("!(channel:main, need:ticket)", (ACK,)),
        ("tag:slow", (ACK,)),
        ("tag:probe:bad-magic", (MAGIC,)),
        ("section:1.2", (MAGIC, MINOR)),
        ("source:de-facto", (MINOR,)),
        ("role:client", ()),
        ("cap:mouse_motion_ack", (ACK,)),
    ],
)
def test_select(text: str, wanted: tuple[Case, ...]) -> None:
    fits = select(text)
    assert tuple(case for case in ALL if fits(case)) == wanted


@pytest.mark.parametrize("text", ["(", "a,", "!", "a)", "colour:red", "a and", "()", ", a"])
def test_texts_without_sense(text: str) -> None:
    with pytest.raises(LocalError):
        select(text)


def test_keywords_are_those_of_the_sentence() -> None:
    assert {"role:server", "level:must", "chapter:link", "section:1.2", "channel:main", "source:normative"} <= keywords(MAGIC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("chapter:lnk", "nothing is called chapter:lnk: chapter:link?"),
        ("chapter:12", "nothing is called chapter:12; there is chapter:link, chapter:mouse"),
        ("chapter:link zzz", "nothing is called zzz"),
        ("chapter:link (role:server)", ""),
    ],
)
def test_what_was_probably_meant(text: str, words: str) -> None:
    assert likely(text, ALL) == words
