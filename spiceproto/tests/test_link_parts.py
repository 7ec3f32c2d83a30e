"""Parts of a link stage are in pieces of their own, and nothing is lost or changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spiceproto.link_parts import LinkParts
from spiceproto.tests.capture_samples import link_message, link_reply

SPICE, SASL = (1).to_bytes(4, "little"), (2).to_bytes(4, "little")
TICKET, OK = b"t" * 128, bytes(4)


def pieces(*said: tuple[str, bytes]) -> list[tuple[str, bytes]]:
    parts = LinkParts()
    return [(sender, piece) for sender, data in said for piece in parts.cut(sender, data)]


def test_each_part_is_a_piece() -> None:
    assert pieces(
        ("client", link_message()), ("server", link_reply()), ("client", SPICE + TICKET + b"x"), ("server", OK + b"INIT" * 9)
    ) == [
        ("client", link_message()),
        ("server", link_reply()),
        ("client", SPICE),
        ("client", TICKET),
        ("client", b"x"),
        ("server", OK),
        ("server", b"INIT" * 9),
    ]


def test_parts_in_one_piece_and_in_many() -> None:
    whole = link_message() + SPICE + TICKET + b"message"
    assert [piece for _, piece in pieces(("client", whole))] == [link_message(), SPICE, TICKET, b"message"]
    single = pieces(*[("client", bytes([byte])) for byte in link_message() + TICKET])
    assert single == [("client", bytes([byte])) for byte in link_message() + TICKET]


def test_other_logins_stay_as_they_come() -> None:
    assert pieces(("client", link_message()), ("client", TICKET))[1:] == [("client", TICKET)]
    login = SASL + b"more"
    found = pieces(("client", link_message()), ("server", link_reply()), ("client", login), ("server", OK + b"list"))
    assert found[2:] == [("client", login), ("server", OK + b"list")]


@given(
    st.lists(st.tuples(st.sampled_from(["client", "server"]), st.binary(min_size=1, max_size=200)), max_size=8), st.booleans()
)
def test_nothing_is_lost(said: list[tuple[str, bytes]], linked: bool) -> None:
    first = [("client", link_message() + SPICE), ("server", link_reply())] if linked else []
    for side in ("client", "server"):
        whole = b"".join([data for sender, data in [*first, *said] if sender == side])
        assert b"".join([piece for sender, piece in pieces(*first, *said) if sender == side]) == whole
