"""What both announced, and what follows from it."""

from __future__ import annotations

import pytest

from spiceproto.agent import line_ends
from spiceproto.agent.monitors import Monitor, monitors_config
from spiceproto.agent.talk import build, parse
from spiceproto.agent.terms import Terms, bits_of, mask, words_of
from spiceproto.enums.agent import AgentCapability as Cap
from spiceproto.enums.agent import MonitorsConfigFlags
from spiceproto.errors import LocalError
from spiceproto.messages.agent import AnnounceCapabilities, ClipboardGrab, ClipboardGrabSelectedSerial


def acquainted(client: int, guest: int) -> tuple[Terms, Terms]:
    """Both ends after their announcements."""
    ours, theirs = Terms(client, client=True), Terms(guest, client=False)
    answer = theirs.receive(ours.announce())
    assert answer is not None
    assert ours.receive(answer) is None
    return ours, theirs


def test_words() -> None:
    assert words_of(0) == (0,)
    assert words_of(1 << 33 | 1) == (1, 2)
    assert bits_of((1, 2)) == 1 << 33 | 1
    assert bits_of(()) == 0


def test_a_request_is_answered_once() -> None:
    client, guest = Terms(3, client=True), Terms(5, client=False)
    answer = guest.receive(client.announce())
    assert answer == AnnounceCapabilities(0, (5,))
    assert client.receive(answer) is None
    assert client.receive(guest.announce()) == AnnounceCapabilities(0, (3,))


def test_absent_words_are_nothing() -> None:
    client, guest = acquainted(mask((Cap.CLIPBOARD_SELECTION, Cap.CLIPBOARD_BY_DEMAND)), 0)
    assert client.receive(AnnounceCapabilities(0, ())) is None
    assert client.heard
    assert not client.selections
    assert client.table == guest.table == "agent"


def test_what_one_announces_is_not_enough() -> None:
    word = mask((Cap.CLIPBOARD_BY_DEMAND, Cap.CLIPBOARD_SELECTION, Cap.CLIPBOARD_GRAB_SERIAL))
    terms = Terms(word, client=True)
    terms.receive(AnnounceCapabilities(0, (word,)))
    assert not terms.by_demand
    assert terms.table == "agent"
    terms.announce()
    assert terms.by_demand
    assert terms.table == "agent_selection_serial"
    terms.reset()
    assert terms.table == "agent"


def test_layouts_follow_the_terms() -> None:
    word = mask((Cap.CLIPBOARD_BY_DEMAND, Cap.CLIPBOARD_SELECTION, Cap.CLIPBOARD_GRAB_SERIAL))
    client, guest = acquainted(word, word)
    value = ClipboardGrabSelectedSerial(selection=1, reserved=bytes(3), serial=7, types=(1,))
    kind, body = build(client, value)
    assert body.hex(" ") == "01 00 00 00 07 00 00 00 01 00 00 00"
    assert parse(guest, kind, body) == value
    with pytest.raises(LocalError):
        build(client, ClipboardGrab((1,)))


def test_an_unknown_type_is_nothing() -> None:
    assert parse(Terms(0, client=True), 4711, b"whatever") is None


def test_files_and_details() -> None:
    client, guest = acquainted(mask((Cap.FILE_XFER_DETAILED_ERRORS,)), 0)
    assert client.files
    assert guest.detailed_errors
    client, guest = acquainted(0, mask((Cap.FILE_XFER_DISABLED, Cap.FILE_XFER_DETAILED_ERRORS)))
    assert not client.files
    assert not guest.detailed_errors
    assert not Terms(0, client=True).files


@pytest.mark.parametrize(
    ("limit", "size", "fits"), [(-1, 1 << 40, True), (0, 0, True), (0, 1, False), (5, 5, True), (5, 6, False)]
)
def test_the_largest_clipboard(limit: int, size: int, fits: bool) -> None:
    guest = Terms(0, client=False)
    guest.max_clipboard = limit
    assert guest.fits_clipboard(size) is fits
    guest.reset()
    assert guest.fits_clipboard(size)


def test_line_ends() -> None:
    client, guest = acquainted(0, mask((Cap.GUEST_LINEEND_CRLF,)))
    assert client.crlf
    assert guest.crlf
    assert line_ends.to_guest(b"a\nb\r\nc\rd", crlf=True) == b"a\r\nb\r\nc\r\nd"
    assert line_ends.to_guest(b"a\nb\r\nc\rd", crlf=False) == b"a\nb\nc\nd"
    assert line_ends.from_guest(b"a\r\nb", crlf=True) == b"a\nb"
    assert line_ends.from_guest(b"a\r\nb", crlf=False) == b"a\r\nb"


TWO = (Monitor(800, 600, width_mm=300, height_mm=200), Monitor(0, 0), Monitor(640, 480, x=800, y=9))


def test_monitors_for_an_agent_that_knows_little() -> None:
    client, _ = acquainted(0, mask((Cap.MONITORS_CONFIG,)))
    found = monitors_config(client, TWO)
    assert (found.flags, found.physical_sizes) == (0, None)
    assert [(item.width, item.height, item.x, item.y) for item in found.monitors] == [(800, 600, 0, 0), (640, 480, 0, 0)]


def test_monitors_for_an_agent_that_knows_all() -> None:
    client, _ = acquainted(0, mask((Cap.MONITORS_CONFIG, Cap.MONITORS_CONFIG_POSITION, Cap.SPARSE_MONITORS_CONFIG)))
    found = monitors_config(client, TWO)
    assert found.flags == MonitorsConfigFlags.USE_POS | MonitorsConfigFlags.PHYSICAL_SIZE
    assert [(item.width, item.x, item.y) for item in found.monitors] == [(800, 0, 0), (0, 0, 0), (640, 800, 9)]
    assert [(item.width, item.height) for item in found.physical_sizes or ()] == [(300, 200), (0, 0), (0, 0)]
    assert monitors_config(client, TWO, positions=False).flags == MonitorsConfigFlags.PHYSICAL_SIZE


def test_too_many_monitors() -> None:
    with pytest.raises(LocalError, match="too many monitors"):
        monitors_config(Terms(0, client=True), [Monitor(1, 1)] * 257)
