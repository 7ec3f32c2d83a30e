"""Faults in order, link header, link message and link reply (spec/01-link.md, 1.1 to 1.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_client.tests.conversations import DISPLAY, INPUTS, Make, fresh, link_message
from reference_client.tests.hand import MECHANISM, OK, Hand, header, reply, short_refusal
from reference_client.tests.scripted import COMMON, SESSION, init
from spiceproto.channel import Channel
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import LinkErr


def _order(make: Make) -> bool:
    hand = fresh(make(password="sesame"))
    hand.give(reply())
    sent = hand.taken()
    return len(sent) == 132 and sent[:4] == MECHANISM


def _mechanism_behind_the_reply(make: Make) -> bool:
    hand = Hand(make())
    hand.begin(INPUTS)
    before = hand.taken(1)
    size = 16 + int.from_bytes(before[12:16], "little")
    hand.give(reply(), 1)
    return len(before) == size and hand.taken(1)[:4] == MECHANISM


def _after_ticket(make: Make) -> bool:
    hand = Hand(make())
    hand.begin(DISPLAY)
    hand.taken(1)
    hand.give(reply(), 1)
    return len(hand.taken(1)) == 132


def _in_pieces(make: Make) -> bool:
    return Hand(make()).log_in(piece=1)


def _behind_result(make: Make) -> bool:
    hand = Hand(make())
    hand.give(reply())
    hand.taken()
    talk = Channel("server", "main", True)
    hand.give(OK + talk.send(init()))
    return bool(hand.taken())


def _header_is_right(make: Make) -> bool:
    return link_message(make())[:12] == header(0)[:12]


def _size_is_right(make: Make) -> bool:
    data = link_message(make())
    size = int.from_bytes(data[12:16], "little")
    return len(data) == 16 + size and 18 <= size <= 4096


def _words_are_inside(make: Make) -> bool:
    data = link_message(make())
    words = int.from_bytes(data[22:26], "little") + int.from_bytes(data[26:30], "little")
    return 18 <= int.from_bytes(data[30:34], "little") <= len(data) - 16 - 4 * words


def _logs_in_with(**freedom: Any) -> Callable[[Make], bool]:
    def scenario(make: Make) -> bool:
        return Hand(make()).log_in(reply(**freedom))

    return scenario


def _closes_on_huge_reply(make: Make) -> bool:
    hand = Hand(make())
    hand.give(header(0xFFFFFFF0))
    return hand.closes == [0]


def _one_word_of_the_channel(make: Make) -> bool:
    hand = Hand(make())
    hand.begin(INPUTS)
    hand.taken(1)
    # Two common words; the one of the channel says nothing.
    hand.give(reply(common=(COMMON.common, 1), channel=(0,)), 1)
    hand.give(OK, 1)
    hand.taken(1)
    hand.client.inputs.scancode(b"\x1e")
    hand.run()
    return hand.taken(1)[:2] == (101).to_bytes(2, "little")


def _comes_back_with_tls(make: Make) -> bool:
    hand = Hand(make(tls=True))
    hand.give(short_refusal(LinkErr.NEED_SECURED))
    return len(hand.opens) == 2 and hand.opens[1].secure


def _silent_after_error(make: Make) -> bool:
    hand = fresh(make())
    hand.give(reply(error=LinkErr.CHANNEL_NOT_AVAILABLE))
    return hand.taken() == b""


def _keeps_tls(make: Make) -> bool:
    hand = Hand(make(tls=True, plain=False))
    hand.give(short_refusal(LinkErr.NEED_UNSECURED))
    return all(connection.secure for connection in hand.opens)


def _names_the_session(make: Make) -> bool:
    hand = Hand(make())
    hand.begin(DISPLAY)
    return hand.sent[1][16:20] == SESSION.to_bytes(4, "little")


def _main_is_new(make: Make) -> bool:
    return link_message(make())[16:20] == bytes(4)


def _main_has_id_zero(make: Make) -> bool:
    return link_message(make())[20:22] == b"\1\0"


def _no_mechanism_unasked(make: Make) -> bool:
    hand = fresh(make())
    hand.give(reply(common=(COMMON.without(CommonCapability.PROTOCOL_AUTH_SELECTION).common,)))
    return len(hand.taken()) == 128


def _mechanism_is_announced(make: Make) -> bool:
    hand = fresh(make())
    hand.give(reply())
    return hand.taken()[:4] == MECHANISM


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "ticket-before-mechanism": _order,
    "mechanism-with-the-link-message": _mechanism_behind_the_reply,
    "message-before-result": _after_ticket,
    "link-in-pieces-fails": _in_pieces,
    "drops-bytes-behind-result": _behind_result,
    "wrong-magic": _header_is_right,
    "other-minor-version": _header_is_right,
    "wrong-major-version": _header_is_right,
    "looks-at-minor-version": _logs_in_with(minor=99),
    "link-message-too-long": _size_is_right,
    "link-message-too-short": _size_is_right,
    "refuses-long-reply": _logs_in_with(pad=4096 - 182),
    "waits-for-any-reply-size": _closes_on_huge_reply,
    "capabilities-outside": _words_are_inside,
    "looks-at-offset-without-words": _logs_in_with(common=(), offset=0xFFFFFFFF),
    "capabilities-must-be-tight": _logs_in_with(gap=1, pad=3),
    "assumes-one-common-word": _one_word_of_the_channel,
    "unknown-capability-fatal": _logs_in_with(common=(0xFFFFFFFB,)),
    "demands-capability-words": _logs_in_with(common=()),
    "demands-whole-refusal": _comes_back_with_tls,
    "ticket-after-error": _silent_after_error,
    "gives-up-tls": _keeps_tls,
    "wrong-connection-id": _names_the_session,
    "main-names-a-session": _main_is_new,
    "main-id-five": _main_has_id_zero,
    "mechanism-unasked": _no_mechanism_unasked,
    "mechanism-left-out": _order,
    "mechanism-not-announced": _mechanism_is_announced,
}
