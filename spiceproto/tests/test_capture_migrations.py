"""Sessions that go from one server to another: what reports say of recordings of QEMU with spice-gtk, of parts of them, and of
such as were tampered with."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from spiceproto import dispatch, read
from spiceproto.capture.decode import Decoder
from spiceproto.capture.migrations import Moved
from spiceproto.enums.image import ImageFlags
from spiceproto.messages import migration
from spiceproto.report.jsonl import JsonReport
from spiceproto.report.text import TextReport
from spiceproto.report.tree import TreeReport
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

SOURCE = {SEMI: range(1, 5), SEAMLESS: range(1, 8)}
"""Connections to the source."""

DESTINATION = {SEMI: range(5, 9), SEAMLESS: range(8, 15)}

Change = Callable[[list[Said]], Iterable[Said]]


def unchanged(items: list[Said]) -> list[Said]:
    return items


@cache
def rewritten(path: Any, without: tuple[int, ...] = (), change: Change = unchanged) -> bytes:
    return written(path, change, without=without)


def decoded(capture: Any, make: Callable[[io.StringIO], TextReport | JsonReport] = TextReport) -> tuple[Decoder, list[str]]:
    out = io.StringIO()
    report = make(out)
    decoder = Decoder(io.BytesIO(capture) if isinstance(capture, bytes) else str(capture), report)
    report.begin(decoder, "")
    decoder.run()
    report.end(None)
    return decoder, out.getvalue().splitlines()


def moved(capture: Any) -> list[Moved]:
    return decoded(capture)[0].moved


def only(capture: Any) -> Moved:
    (found,) = moved(capture)
    return found


def lines(capture: Any, *words: str) -> list[str]:
    """Those lines of the report that have one of these words, without the place of their columns."""
    return [" ".join(line.split()) for line in decoded(capture)[1] if any(word in line for word in words)]


# -- what is said of whole recordings


def test_semi_seamless() -> None:
    assert lines(SEMI, "session 1: ", "!!") == [
        "-- session 1: migrated (semi-seamless) from 127.0.0.1:35669 to 127.0.0.1:52397 at 2.694612 (frame 226); announced at "
        "1.668133 (frame 151); MIGRATE_CONNECTED of the client at 1.885181 (frame 217); linked there: cursor:0, display:0, "
        "inputs:0 and main:0"
    ]


def test_seamless() -> None:
    assert lines(SEAMLESS, "session 1: migrated", "!!") == [
        "-- session 1: migrated (seamless) from 127.0.0.1:40459 to 127.0.0.1:53663 at 3.301386 (frame 417); announced at "
        "2.271620 (frame 229); MIGRATE_CONNECTED_SEAMLESS of the client at 2.408403 (frame 356); linked there: cursor:0, "
        "display:0, inputs:0, main:0, playback:0, port:0 and record:0; the state of display:0, main:0, port:0 and inputs:0 "
        "came as it was sent (273 bytes)"
    ]


def test_from_server_to_server_to_server() -> None:
    one, other = moved(TWICE)
    assert (one.source, one.destination, other.source, other.destination) == (
        "127.0.0.1:36251",
        "127.0.0.1:37129",
        "127.0.0.1:37129",
        "127.0.0.1:38107",
    )
    for found in (one, other):
        assert (found.session, found.kind, found.outcome, found.size) == (1, "seamless", "arrived", 163)
        assert set(found.same) == {"main:0", "display:0", "inputs:0"} and not (found.changed or found.lost or found.unseen)


def test_called_off() -> None:
    found = only(CANCELLED)
    assert (found.kind, found.outcome, found.answer) == ("seamless", "cancelled", "MIGRATE_CONNECTED_SEAMLESS")
    assert (
        "not migrated (seamless) from 127.0.0.1:34793 to 127.0.0.1:54805: called off by its server at 3.153298"
        in lines(CANCELLED, "session 1: ")[0]
    )


def test_sent_away() -> None:
    path = recording("qemu-migration-switch-host")
    assert lines(path, "session 1: ", "session 2: ", "!!") == [
        "-- session 1: sent away (switch host) from 127.0.0.1:5921 to 127.0.0.1:5922 at 1.796750 (frame 169), where it is "
        "session 2; announced at 1.740103 (frame 136); MIGRATE_CONNECTED of the client at 1.848286 (frame 203)"
    ]


def test_sent_away_and_not_seen_again() -> None:
    found = only(NOBODY)
    assert (found.kind, found.outcome, found.successor) == ("switch-host", "nobody", 0)
    assert "its client was not seen there as a new one" in str(found)


def test_it_is_one_session() -> None:
    for path in (SEMI, SEAMLESS, TWICE, CANCELLED, NOBODY):
        decoder, said = decoded(path)
        assert len(decoder.sessions) == 1 and decoder.undecoded == 0
        assert not [line for line in said if line.startswith("!!")]
        assert decoder.takeovers == []


def test_json() -> None:
    rows = [json.loads(line) for line in decoded(SEAMLESS, JsonReport)[1]]
    (found,) = [row for row in rows if row["record"] == "migration"]
    assert found["kind"] == "seamless" and found["outcome"] == "arrived" and found["told"] == "127.0.0.1:53663"
    frames = [found[name]["frame"] for name in ("announced", "answered", "ended")]
    times = [found[name]["time"] for name in ("announced", "answered", "ended")]
    assert frames == sorted(frames) and times == sorted(times)
    states = [row for row in rows if row["record"] == "state"]
    messages = {row["number"]: row for row in rows if row["record"] == "message"}
    assert len(states) == 8
    for state in states:
        assert messages[state["message"]]["name"] == "MIGRATE_DATA"
        assert messages[state["message"]]["size"] == state["size"]
        assert state["fields"]["header"]["version"] == 1


# -- states of channels


def test_states_of_all_channels_at_both_servers() -> None:
    found = [line.split()[2:6] for line in lines(SEAMLESS, " state ")]
    sent = [name for kind, sender, name, *_ in found if (kind, sender) == ("state", "server")]
    brought = [name for kind, sender, name, *_ in found if (kind, sender) == ("state", "client")]
    assert sorted(sent) == sorted(brought) == ["DISPLAY", "INPUTS", "MAIN", "SPICEVMC"]


def test_what_is_on_its_way_to_the_agent() -> None:
    rows = [json.loads(line) for line in decoded(SEAMLESS, JsonReport)[1]]
    for state in [row for row in rows if row["record"] == "state" and row["name"] == "MAIN"]:
        assert [(item["of"], item["name"]) for item in state["to_agent"]] == [
            ("server", "MOUSE_STATE"),
            ("client", "CLIPBOARD_GRAB"),
        ]
        assert state["to_agent"][0]["fields"] == {"x": 30, "y": 40, "buttons": [], "display_id": 0}
        # In the layout that client and agent have agreed to, at the destination as well.
        assert state["to_agent"][1]["fields"]["types"] == ["UTF8_TEXT"]
        assert "rest" not in state


def test_places_of_the_fields_of_a_state() -> None:
    said = decoded(SEAMLESS, TreeReport)[1]
    (at, *_) = [number for number, line in enumerate(said) if " state " in line and " MAIN " in line]
    tree = [" ".join(line.split()) for line in said[at + 1 : at + 40]]
    assert "[0:4] magic: MNMD 4d 4e 4d 44" in tree
    assert "[21:25] write_size: 77 4d 00 00 00" in tree
    assert "to the agent, a message of the client: CLIPBOARD_GRAB, 8 bytes" in tree


def test_the_surfaces_that_the_client_has() -> None:
    rows = [json.loads(line) for line in decoded(SEAMLESS, JsonReport)[1]]
    found = [row["surfaces"] for row in rows if row["record"] == "state" and row["name"] == "DISPLAY"]
    assert found == [[{"id": 0, "lossy": None}]] * 2


def test_states_are_read_by_programs() -> None:
    found = list(read(str(SEAMLESS), migration.Inputs, migration.Spicevmc))
    assert [(seen.name, seen.sender) for seen in found] == [
        ("SPICEVMC", "server"),
        ("INPUTS", "server"),
        ("SPICEVMC", "client"),
        ("INPUTS", "client"),
    ]
    assert [seen.message.motion_count for seen in found if isinstance(seen.message, migration.Inputs)] == [1, 1]


def changing(place: str, change: Callable[[bytes], bytes], sender: str = "client") -> Change:
    """The state of a channel is another one on one of its two ways."""

    def changed(items: list[Said]) -> Iterator[Said]:
        for item in items:
            if (item.place, item.sender, item.name) == (place, sender, "MIGRATE_DATA"):
                item = mini(item, change(item.body))
            yield item

    return changed


def test_another_state_than_was_sent() -> None:
    capture = written(SEAMLESS, changing("inputs:0", lambda body: body[:-2] + b"\2\0"))
    found = only(capture)
    assert found.changed == ("inputs:0",) and "inputs:0" not in found.same
    (said,) = lines(capture, "!!")
    assert "migration-state-changed the state of a channel is not the one that the source has sent" in said


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda body: b"WXYZ" + body[4:], "migration-state-unknown"),
        (lambda body: b"", "migration-state-unknown"),
        (lambda body: b"SVMD" + body[4:] + bytes(40), "migration-state-foreign"),
        (lambda body: body[:9], "malformed-message"),
    ],
)
def test_states_that_are_none(change: Callable[[bytes], bytes], code: str) -> None:
    """What another server sends may be anything; it is said, and nothing is guessed."""
    said = lines(written(SEAMLESS, changing("inputs:0", change, "server")), "!!")
    assert any(code in line for line in said), said


def test_a_message_of_the_agent_begins_at_one_server_and_ends_at_the_other() -> None:
    """Cut in two, as a server might: its first half is sent before the source leaves."""

    def cut(items: list[Said]) -> Iterator[Said]:
        grab = [item for item in items if (item.sender, item.name) == ("server", "AGENT_DATA")][-1]
        leaves = next(item for item in items if (item.place, item.name) == ("main:0", "MIGRATE"))
        assert grab.connection != leaves.connection
        for item in items:
            if item is leaves:
                yield mini(item, grab.body[:25], "AGENT_DATA")
            yield mini(grab, grab.body[25:]) if item is grab else item

    whole, halves = lines(SEAMLESS, " agent "), lines(written(SEAMLESS, cut), " agent ")
    assert halves[-1].split()[1:] == whole[-1].split()[1:]
    assert "CLIPBOARD_GRAB 24 selection=CLIPBOARD" in halves[-1]
    assert not lines(written(SEAMLESS, cut), "!!")


# -- parts of recordings


@pytest.mark.parametrize(("path", "kind"), [(SEMI, "semi-seamless"), (SEAMLESS, "seamless")])
def test_nothing_of_the_source(path: Any, kind: str) -> None:
    capture = rewritten(path, tuple(SOURCE[path]))
    found = only(capture)
    assert (found.kind, found.outcome, found.source) == (kind, "arrived", "")
    assert "from a server whose main channel is not in this capture to 127.0.0.1:" in str(found)
    assert found.announced is None and not (found.same or found.changed or found.lost)
    assert set(found.unseen) == ({"main:0", "display:0", "inputs:0", "port:0"} if kind == "seamless" else set())
    # Main names a session that nobody knows; what the client says there explains it.
    assert not lines(capture, "!!")


@pytest.mark.parametrize(("path", "kind"), [(SEMI, "semi-seamless"), (SEAMLESS, "seamless")])
def test_nothing_of_the_destination(path: Any, kind: str) -> None:
    capture = rewritten(path, tuple(DESTINATION[path]))
    found = only(capture)
    assert (found.kind, found.outcome, found.destination) == (kind, "left", "")
    assert f"to {found.told}, whose main channel is not in this capture" in str(found)
    assert "not seen to go on there" in str(found)
    assert not (found.same or found.changed or found.lost or found.linked)
    assert set(found.unseen) == ({"main:0", "display:0", "inputs:0", "port:0"} if kind == "seamless" else set())
    assert not lines(capture, "!!")


def test_one_channel_of_the_source_only() -> None:
    """States of which both ends were seen are compared, others not."""
    found = only(rewritten(SEAMLESS, (1,)))
    assert found.unseen == ("main:0",) and set(found.same) == {"display:0", "inputs:0", "port:0"}


@pytest.mark.parametrize("path", [SEMI, SEAMLESS, TWICE, CANCELLED])
def test_begins_in_the_middle(path: Any) -> None:
    """Wherever a capture begins, it is one session, and nothing is said that the whole one does not say."""
    blocks, truth = Blocks(rewritten(path)), moved(path)
    for first in range(0, blocks.packets, max(blocks.packets // 24, 1)):
        capture = blocks.cut(first)
        for found in moved(capture):
            fits = [
                item
                for item in truth
                if found.kind in ("", item.kind)
                and found.source in ("", item.source)
                and found.destination in ("", item.destination)
                and (found.outcome in ("unfinished", item.outcome) or (found.outcome, item.outcome) == ("left", "arrived"))
            ]
            assert fits, (first, found)
            assert not found.changed
            assert not found.lost or found.lossy, (first, found)


@pytest.mark.parametrize("path", [SEMI, SEAMLESS, TWICE, CANCELLED])
def test_ends_in_the_middle(path: Any) -> None:
    blocks, truth = Blocks(rewritten(path)), moved(path)
    for last in range(0, blocks.packets, max(blocks.packets // 24, 1)):
        capture = blocks.without(range(last + 1, blocks.packets + 1))
        for found, item in zip(moved(capture), truth, strict=False):
            assert (found.source, found.told) == (item.source, item.told)
            assert found.outcome in (item.outcome, "unfinished", "left") and not found.changed


@pytest.mark.parametrize("path", [SEMI, SEAMLESS, TWICE, CANCELLED])
def test_packets_are_missing(path: Any) -> None:
    """One in nine: nothing is concluded from what is not there, and it is said that it is not."""
    blocks, truth = Blocks(rewritten(path)), moved(path)
    for first in range(1, 10):
        for found in moved(blocks.without(range(first, blocks.packets + 1, 9))):
            assert not found.changed
            assert found.kind in ("", *[item.kind for item in truth]), found
            if found.lost or found.outcome not in ("unfinished", *[item.outcome for item in truth]):
                assert found.lossy or not (found.source and found.destination), found


# -- what peers may do and QEMU does not


def put(behind: str, sender: str, name: str, body: bytes = b"", place: str = "main:0") -> Change:
    """Another message behind the first of that name on a channel."""

    def changed(items: list[Said]) -> Iterator[Said]:
        done = False
        for item in items:
            yield item
            if not done and (item.place, item.name) == (place, behind):
                done = True
                yield mini(item._replace(sender=sender), body, name)

    return changed


def without(*names: str, sender: str = "", place: str = "") -> Change:
    def changed(items: list[Said]) -> Iterator[Said]:
        for item in items:
            if item.name not in names or sender not in ("", item.sender) or place not in ("", item.place):
                yield item

    return changed


def test_the_client_could_not_connect() -> None:
    def refused(items: list[Said]) -> Iterator[Said]:
        for item in items:
            if item.name == "MIGRATE_CONNECTED_SEAMLESS":
                yield mini(item, b"", "MIGRATE_CONNECT_ERROR")
            elif item.name != "MIGRATE_CANCEL":
                yield item

    found = only(written(CANCELLED, refused, without=range(5, 9)))
    assert (found.outcome, found.answer) == ("refused", "MIGRATE_CONNECT_ERROR")
    assert "the client could not connect there" in str(found)


def test_no_state_comes() -> None:
    found = only(written(SEAMLESS, without("MIGRATE_DATA", sender="client", place="port:0")))
    assert found.lost == ("port:0",) and "no state of port:0 came" in str(found)


def test_a_migration_that_has_no_end() -> None:
    found = only(written(CANCELLED, without("MIGRATE_CANCEL")))
    assert found.outcome == "unfinished" and "the capture does not have the end of that" in str(found)


def test_refused_by_the_destination() -> None:
    """What was announced as seamless becomes semi-seamless."""

    def refused(items: list[Said]) -> Iterator[Said]:
        for item in items:
            if item.name == "MIGRATE_DST_SEAMLESS_ACK":
                yield mini(item, b"", "MIGRATE_DST_SEAMLESS_NACK")
            elif item.name == "MIGRATE_CONNECTED_SEAMLESS":
                yield mini(item, b"", "MIGRATE_CONNECTED")
            else:
                yield item

    assert only(written(CANCELLED, refused)).kind == "semi-seamless"


def test_steps_of_a_migration_outside_of_one() -> None:
    truth = only(rewritten(SEMI))
    for sender, name in (("client", "MIGRATE_CONNECTED"), ("client", "MIGRATE_END"), ("server", "MIGRATE_CANCEL")):
        found = only(written(SEMI, put("ATTACH_CHANNELS", sender, name)))
        assert (found.kind, found.outcome, found.answer) == (truth.kind, truth.outcome, truth.answer)


@pytest.mark.parametrize(("path", "goes_on"), [(SEAMLESS, True), (SEMI, False)])
def test_where_cached_images_come_from(path: Any, goes_on: bool) -> None:
    """The tree names the message of the source only where the cache goes over."""
    source, destination = (4, 12) if path is SEAMLESS else (2, 8)

    def change(items: list[Said]) -> Iterator[Said]:
        commands = [item for item in items if item.name == "DRAW_COPY"]
        first = next(item for item in commands if item.connection == source)
        last = [item for item in commands if item.connection == destination][-1]
        for item in items:
            if item is first:
                value = dispatch.parse("display", "server", 304, item.body)
                image = value.data.src_bitmap
                kept = replace(image, descriptor=replace(image.descriptor, id=0x5EED, flags=ImageFlags.CACHE_ME))
                value = replace(value, data=replace(value.data, src_bitmap=kept))
                yield mini(item, dispatch.build("display", "server", value)[1])
            elif item is last:
                box = make.rect(0, 0, 320, 200)
                value = make.copy(box, make.cached(0x5EED), box)
                yield mini(item, dispatch.build("display", "server", value)[1])
            elif item.name != "INVAL_ALL_PIXMAPS":
                yield item

    said = [line for line in decoded(written(path, change), TreeReport)[1] if "0x5eed of the cache" in line]
    assert ["kept by message" in line for line in said] == [goes_on], said
