"""Recordings of migrations held against the rules: no false alarm, not even where a part is missing; and what is done wrong, by
changing what one of the two servers or the client has said."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from conformance.lint import Lint, lint
from spiceproto import dispatch
from spiceproto.capture.decode import Decoder
from spiceproto.messages.display import StreamCreate
from spiceproto.migration import REQUIREMENTS, RESTS_ON_BOTH
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.capture_samples import CAPTURES
from spiceproto.tests.cut_recordings import Blocks
from spiceproto.tests.recorded import recording
from spiceproto.tests.rewritten import Said, mini, written

SEMI = CAPTURES / "qemu-migration-semi-seamless.pcapng.gz"
SEAMLESS = CAPTURES / "qemu-migration-seamless-agent.pcapng.gz"
TWICE = CAPTURES / "qemu-migration-seamless-twice.pcapng.gz"
CANCELLED = CAPTURES / "qemu-migration-cancelled.pcapng.gz"
NOBODY = CAPTURES / "qemu-migration-switch-host-nobody.pcapng.gz"
ALL = (SEMI, SEAMLESS, TWICE, CANCELLED, NOBODY)

NAMES = {SEMI: "semi-seamless", SEAMLESS: "seamless", TWICE: "twice", CANCELLED: "cancelled", NOBODY: "nobody"}

SOURCE = {SEMI: range(1, 5), SEAMLESS: range(1, 8), CANCELLED: range(1, 5)}
"""Connections to the source."""
DESTINATION = {SEMI: range(5, 9), SEAMLESS: range(8, 15), CANCELLED: range(5, 9)}

Change = Callable[[list[Said]], Iterable[Said]]


def linted(capture: bytes) -> Lint:
    found = Lint()
    decoder = Decoder(io.BytesIO(capture), found, in_order=True)
    decoder.run()
    found.went(decoder.moved)
    return found


def blamed(found: Lint) -> set[tuple[str, str]]:
    """Sentences and who has broken them."""
    return {(item.requirement, item.sender) for item in found.findings}


@pytest.mark.parametrize("path", ALL, ids=NAMES.get)
def test_no_false_alarm(path: Path) -> None:
    found = lint(path)
    assert not found.findings and not found.opaque
    assert [line.partition(": ")[0] for line in found.said if "migrated" in line or "sent away" in line] != []
    verdicts = {ruling.requirement: ruling.verdict for ruling in found.rulings()}
    assert {verdicts[id] for id in REQUIREMENTS} == {"kept"}


@pytest.mark.parametrize("name", ["qemu-migration-seamless", "qemu-migration-switch-host"])
def test_no_false_alarm_of_others(name: str) -> None:
    assert not lint(recording(name)).findings


@pytest.mark.parametrize("path", ALL, ids=NAMES.get)
def test_written_anew_it_is_the_same(path: Path) -> None:
    """What the tests below change is all that they change."""
    found = linted(written(path))
    assert not found.findings and found.messages == lint(path).messages


# -- parts of them


@pytest.mark.parametrize("path", SOURCE, ids=NAMES.get)
def test_one_server_only(path: Path) -> None:
    """What rests on both is not judged."""
    for gone in (SOURCE[path], DESTINATION[path]):
        found = linted(written(path, without=gone))
        assert not found.findings
        if path is not CANCELLED:
            verdicts = {ruling.requirement: ruling.verdict for ruling in found.rulings()}
            assert {verdicts[id] for id in RESTS_ON_BOTH} == {"not judged"}


@pytest.mark.parametrize("path", SOURCE, ids=NAMES.get)
def test_without_main_of_one_server(path: Path) -> None:
    for main in (SOURCE[path][0], DESTINATION[path][0]):
        assert not linted(written(path, without=[main])).findings


@pytest.mark.parametrize("path", ALL, ids=NAMES.get)
def test_begins_or_ends_in_the_middle(path: Path) -> None:
    blocks = Blocks(written(path))
    for at in range(0, blocks.packets, blocks.packets // 12):
        for part in (blocks.cut(at), blocks.without(range(at + 1, blocks.packets + 1))):
            assert not linted(part).findings, at


@pytest.mark.parametrize("path", ALL, ids=NAMES.get)
def test_packets_are_missing(path: Path) -> None:
    blocks = Blocks(written(path))
    for first in range(1, 14):
        found = linted(blocks.without(range(first, blocks.packets + 1, 13)))
        assert not found.findings, first


# -- what is wrong


def in_place(connection: int, sender: str, name: str, *instead: Callable[[Said], Said]) -> Change:
    """Other messages in place of the one of that name."""

    def changed(items: list[Said]) -> Iterator[Said]:
        for item in items:
            if (item.connection, item.sender, item.name) == (connection, sender, name):
                yield from [make(item) for make in instead]
            else:
                yield item

    return changed


def same(item: Said) -> Said:
    return item


def of(body: bytes, name: str = "", sender: str = "") -> Callable[[Said], Said]:
    """A message in the place of another."""
    return lambda item: mini(item._replace(sender=sender or item.sender), body, name)


def ending(tail: bytes) -> Callable[[Said], Said]:
    """The message with another end."""
    return lambda item: mini(item, item.body[: -len(tail)] + tail)


def beginning(head: bytes) -> Callable[[Said], Said]:
    return lambda item: mini(item, head + item.body[len(head) :])


def naming(number: int) -> Callable[[Said], Said]:
    """A link stage with another connection id."""
    return lambda item: item._replace(data=item.data[:16] + number.to_bytes(4, "little") + item.data[20:])


def elsewhere(connection: int, place: str, name: str, body: bytes, sender: str = "client") -> Callable[[Said], Said]:
    """A message on another connection at that time."""
    return lambda item: mini(item._replace(connection=connection, place=place, sender=sender), body, name)


def staying(connection: int, change: Change) -> Change:
    """The connection has no end, so that something may be said on it later."""
    return lambda items: change([item for item in items if (item.connection, item.name) != (connection, "end")])


KEY = b"\x1e\0\0\0"
_STREAM = StreamCreate(
    surface_id=0,
    id=1,
    flags=1,
    codec_type=1,
    stamp=0,
    stream_width=32,
    stream_height=32,
    src_width=32,
    src_height=32,
    dest=make.rect(0, 0, 32, 32),
    clip=make.NO_CLIP,
)
STREAM = dispatch.build("display", "server", _STREAM)[1]

WRONG: dict[str, tuple[Path, Change, set[tuple[str, str]]]] = {
    "main-with-another-connection-id": (SEAMLESS, in_place(8, "client", "link", naming(5)), {("SPICE-MIG-010", "client")}),
    "a-channel-with-another-connection-id": (
        SEAMLESS,
        in_place(12, "client", "link", naming(5)),
        {("SPICE-MIG-013", "client")},
    ),
    "a-channel-is-not-linked": (
        SEMI,
        lambda items: [item for item in items if item.connection != 7],
        {("SPICE-MIG-013", "client")},
    ),
    "no-port": (NOBODY, in_place(1, "server", "MIGRATE_SWITCH_HOST", beginning(bytes(4))), {("SPICE-MIG-003", "server")}),
    "connected-behind-a-refusal": (
        CANCELLED,
        in_place(5, "server", "MIGRATE_DST_SEAMLESS_ACK", of(b"", "MIGRATE_DST_SEAMLESS_NACK")),
        {("SPICE-MIG-015", "client")},
    ),
    "connected-twice": (
        CANCELLED,
        in_place(1, "client", "MIGRATE_CONNECTED_SEAMLESS", same, same),
        {("SPICE-MIG-016", "client")},
    ),
    "connected-without-a-question": (
        CANCELLED,
        in_place(1, "server", "MIGRATE_BEGIN_SEAMLESS"),
        {("SPICE-MIG-016", "client")},
    ),
    "another-version": (
        SEAMLESS,
        in_place(8, "client", "MIGRATE_DST_DO_SEAMLESS", of(b"\2\0\0\0")),
        {("SPICE-MIG-021", "client")},
    ),
    "a-destination-speaks-ahead": (
        SEMI,
        in_place(1, "client", "MIGRATE_CONNECTED", same, elsewhere(8, "display:0", "MARK", b"", "server")),
        {("SPICE-MIG-020", "server")},
    ),
    "ended-without-a-word-of-the-client": (SEMI, in_place(1, "client", "MIGRATE_CONNECTED"), {("SPICE-MIG-030", "server")}),
    "ended-by-the-client-first": (SEMI, in_place(1, "server", "MIGRATE_END"), {("SPICE-MIG-031", "client")}),
    "a-key-at-the-source-behind-the-end": (
        SEMI,
        # Some time later: in a capture messages of two connections may have changed places.
        staying(4, in_place(6, "client", "KEY_DOWN", elsewhere(4, "inputs:0", "KEY_DOWN", KEY), same)),
        {("SPICE-MIG-032", "client")},
    ),
    "another-session-id": (
        SEMI,
        in_place(5, "server", "INIT", beginning(b"\1\2\3\4")),
        {("SPICE-MIG-033", "server")},
    ),
    "no-flags": (
        CANCELLED,
        in_place(1, "server", "MIGRATE_CANCEL", of(bytes(4), "MIGRATE")),
        {("SPICE-MIG-041", "server")},
    ),
    "a-message-behind-the-last": (
        SEAMLESS,
        in_place(7, "server", "MIGRATE", same, of(bytes(2), "KEY_MODIFIERS")),
        {("SPICE-MIG-042", "server")},
    ),
    "a-key-behind-the-last": (
        SEAMLESS,
        in_place(7, "client", "MIGRATE_FLUSH_MARK", same, of(KEY, "KEY_DOWN")),
        {("SPICE-MIG-043", "client")},
    ),
    "no-flush-mark": (SEAMLESS, in_place(4, "client", "MIGRATE_FLUSH_MARK"), {("SPICE-MIG-054", "server")}),
    "another-state-is-brought": (
        SEAMLESS,
        in_place(9, "client", "MIGRATE_DATA", ending(b"\7")),
        {("SPICE-MIG-044", "client")},
    ),
    "no-state-is-brought": (SEAMLESS, in_place(9, "client", "MIGRATE_DATA"), {("SPICE-MIG-044", "client")}),
    "a-state-is-brought-twice": (
        SEAMLESS,
        in_place(10, "client", "MIGRATE_DATA", same, same),
        {("SPICE-MIG-044", "client")},
    ),
    "a-display-begins-anew-instead": (
        SEAMLESS,
        in_place(12, "client", "MIGRATE_DATA", of(bytes(14), "INIT")),
        {("SPICE-MIG-044", "client")},
    ),
    "a-stream-goes-on": (
        SEAMLESS,
        in_place(4, "server", "MIGRATE", of(STREAM, "STREAM_CREATE"), same),
        {("SPICE-MIG-047", "server")},
    ),
    "the-state-of-another-channel": (
        SEAMLESS,
        lambda items: [
            mini(item, b"SVMD" + item.body[4:]) if (item.place, item.name) == ("inputs:0", "MIGRATE_DATA") else item
            for item in items
        ],
        {("SPICE-MIG-048", "server")},
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_noticed_under_its_sentence(what: str) -> None:
    path, change, expected = WRONG[what]
    found = blamed(linted(written(path, change)))
    assert found == expected
