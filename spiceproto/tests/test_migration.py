"""Two servers and one client: what goes on at the destination, and what is found by comparing the two."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from spiceproto import dispatch
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import DisplayCapability, MainCapability
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.link import ChannelType
from spiceproto.finding import Finding
from spiceproto.linked import Linked
from spiceproto.machine import Lives
from spiceproto.messages import common, display, inputs, main, migration
from spiceproto.migration import DESTINATION, SOURCE, Course, Migrations, Place
from spiceproto.session import Session
from spiceproto.tests import canvas_messages
from spiceproto.tests.test_session import channels_list, init

ID = 77
MAIN, DISPLAY, INPUTS, CURSOR = (
    (ChannelType.MAIN, 0),
    (ChannelType.DISPLAY, 0),
    (ChannelType.INPUTS, 0),
    (ChannelType.CURSOR, 0),
)
PLAYBACK = (ChannelType.PLAYBACK, 0)
CHANNELS = {"main": MAIN, "display": DISPLAY, "inputs": INPUTS, "cursor": CURSOR, "playback": PLAYBACK}
BOTH = MigrateFlags.NEED_FLUSH | MigrateFlags.NEED_DATA_TRANSFER
MOVES = NONE.with_(MainCapability.SEMI_SEAMLESS_MIGRATE, MainCapability.SEAMLESS_MIGRATE)
OFFER = main.DstInfo(port=5900, sport=0, host_data=b"there\0")
_DEVICE = migration.CharDevice(version=1, connected=0, num_client_tokens=10, num_send_tokens=10, write_num_client_tokens=0)
_VALUES = {
    "main": migration.Main(
        header=migration.MigrateDataHeader(0x444D4E4D, 1),
        agent_base=_DEVICE,
        client_agent_started=0,
        agent2client_chunk_header_size=0,
        agent2client_chunk_header=migration.ChunkHeader(1, 0),
        agent2client_msg_header_done=0,
        agent2client_msg_header_ptr=None,
        agent2client_msg_remaining=0,
        agent2client_msg_filter_result=0,
        client2agent_msg_remaining=0,
        client2agent_msg_filter_result=0,
    ),
    "display": migration.Display(
        header=migration.MigrateDataHeader(0x444D4344, 1),
        message_serial=5,
        low_bandwidth_setting=0,
        pixmap_cache_id=1,
        pixmap_cache_size=1000,
        pixmap_cache_freezer=1,
        pixmap_cache_clients=(5, 0, 0, 0),
        glz_dict_id=1,
        glz_dict_data=migration.GlzDictionary(1000, 1, 0),
    ),
    "inputs": migration.Inputs(migration.MigrateDataHeader(0x444D4349, 1), 1),
}
STATE = {name: dispatch.build("migration", "server", value)[1] for name, value in _VALUES.items()}
"""What a source hands over."""

EVEN = display.SurfaceCreate(surface_id=0, width=8, height=8, format=32, flags=1)


class Pair:
    """What an observer of both servers is told; ``found`` are the sentences."""

    def __init__(self) -> None:
        self.migrations = Migrations()
        self.members: dict[tuple[Place, str], tuple[Session, Linked]] = {}
        self.findings: list[Finding] = []
        self.now = 0.0

    @property
    def found(self) -> list[str]:
        """Sentences that were broken since this was last asked."""
        found = [item.requirement for item in self.findings if not item.tolerated]
        self.findings.clear()
        return found

    def link(self, place: Place, *names: str, number: int | None = None, client: Capabilities = NONE) -> None:
        for name in names:
            kind, id = CHANNELS[name]
            given = number if number is not None else 0 if (place, name) == (SOURCE, "main") else ID
            session = self.migrations.session(place, given, kind)
            server = MOVES if name == "main" else NONE
            member = session.link(kind, id, given, client if client != NONE else server, server, self.now)
            self.members[place, name] = (session, member)
            self._take(session, *self.migrations.linked(session, member, self.now))

    def close(self, place: Place, *names: str) -> None:
        for name in names:
            session, member = self.members[place, name]
            session.closed(member, self.now)
            self.migrations.closed(session, member)
            self._take(session)

    def say(self, place: Place, sender: str, channel: str, *values: Any) -> None:
        session, member = self.members[place, channel]
        for value in values:
            name, value = (value, None) if isinstance(value, str) else (_name(value), value)
            self.now += 0.01
            known = session.id
            self.migrations.before(session, member, sender, name)
            session.message(member, sender, name, value, self.now)
            if session.id is not None and session.id != known:
                self.migrations.identify(place, session.id, session)
            self._take(session, *self.migrations.message(session, member, sender, name, value, self.now))

    def _take(self, session: Session, *more: Finding) -> None:
        self.findings += (*session.take_findings(), *more)


def _name(value: Any) -> str:
    text = type(value).__name__
    return "".join([f"_{letter}" if letter.isupper() else letter.upper() for letter in text]).lstrip("_")


def fill(surface: int = 0) -> display.DrawFill:
    """Anything that draws on a surface."""
    return canvas_messages.fill(canvas_messages.rect(0, 0, 4, 4), canvas_messages.solid(0), surface_id=surface)


def running() -> Pair:
    """A session at the source: a surface, a key that is down, and one movement."""
    pair = Pair()
    pair.link(SOURCE, "main")
    pair.say(SOURCE, "server", "main", init())
    pair.say(SOURCE, "client", "main", "ATTACH_CHANNELS")
    pair.say(SOURCE, "server", "main", channels_list(DISPLAY, INPUTS, CURSOR))
    pair.link(SOURCE, "display", "inputs", "cursor")
    pair.say(SOURCE, "client", "display", "INIT")
    pair.say(SOURCE, "server", "display", EVEN)
    pair.say(SOURCE, "server", "inputs", inputs.Init(0))
    pair.say(SOURCE, "server", "cursor", "INIT")
    pair.say(SOURCE, "client", "inputs", inputs.KeyDown(0x1E), "MOUSE_MOTION")
    assert pair.found == []
    return pair


def linked_ahead(*, seamless: bool = True) -> Pair:
    """All channels are linked at the destination, and the source knows."""
    pair = running()
    offer = main.MigrateBeginSeamless(OFFER, 1) if seamless else main.MigrateBegin(OFFER)
    pair.say(SOURCE, "server", "main", offer)
    pair.link(DESTINATION, "main")
    if seamless:
        pair.say(DESTINATION, "client", "main", main.MigrateDstDoSeamless(1))
        pair.say(DESTINATION, "server", "main", "MIGRATE_DST_SEAMLESS_ACK")
    pair.link(DESTINATION, "display", "inputs", "cursor")
    pair.say(DESTINATION, "server", "inputs", inputs.Init(0))
    pair.say(SOURCE, "client", "main", "MIGRATE_CONNECTED_SEAMLESS" if seamless else "MIGRATE_CONNECTED")
    assert pair.found == []
    return pair


def hand_over(pair: Pair, name: str, *, brought: bytes | None = None) -> None:
    """A channel with state leaves the source, and the client brings it."""
    pair.say(SOURCE, "server", name, common.Migrate(BOTH))
    pair.say(SOURCE, "client", name, "MIGRATE_FLUSH_MARK")
    pair.say(SOURCE, "server", name, common.MigrateData(STATE[name]))
    pair.say(DESTINATION, "client", name, common.MigrateData(STATE[name] if brought is None else brought))


def arrived(**brought: bytes) -> Pair:
    """A seamless migration to its end; ``brought``: what the client brings to a channel in place of what it was given."""
    pair = linked_ahead()
    pair.say(SOURCE, "server", "cursor", common.Migrate(0))
    for name in ("display", "main", "inputs"):
        hand_over(pair, name, brought=brought.get(name))
    return pair


# -- what goes on


def test_a_seamless_migration_breaks_nothing_and_goes_on() -> None:
    pair = arrived()
    pair.say(DESTINATION, "server", "display", "INVAL_ALL_PALETTES", fill())
    pair.say(DESTINATION, "server", "main", "MULTI_MEDIA_TIME")
    pair.say(DESTINATION, "client", "inputs", inputs.KeyUp(0x9E))
    assert pair.found == []


def test_surfaces_are_those_of_the_source() -> None:
    pair = arrived()
    pair.say(DESTINATION, "server", "display", fill(surface=5))
    assert pair.found == ["SPICE-DISPLAY-007"]
    pair.say(DESTINATION, "server", "display", EVEN)
    assert pair.found == ["SPICE-DISPLAY-004"]


def test_movements_are_counted_on() -> None:
    pair = arrived()
    pair.say(DESTINATION, "client", "inputs", *["MOUSE_MOTION"] * 3)
    pair.say(DESTINATION, "server", "inputs", "MOUSE_MOTION_ACK")
    assert pair.found == []
    pair.say(DESTINATION, "server", "inputs", "MOUSE_MOTION_ACK")
    assert pair.found == ["SPICE-MOUSE-019"]


def test_the_mouse_mode_is_that_of_the_source() -> None:
    pair = arrived()
    pair.say(DESTINATION, "client", "inputs", "MOUSE_MOTION")
    assert pair.found == []
    pair.say(DESTINATION, "client", "inputs", "MOUSE_POSITION", "MOUSE_POSITION")
    assert pair.found == ["SPICE-MOUSE-012"]


@pytest.mark.parametrize("ahead", [False, True])
def test_sound_goes_on_whoever_is_heard_first(ahead: bool) -> None:
    pair = running()
    pair.say(SOURCE, "server", "main", channels_list(DISPLAY, INPUTS, CURSOR, PLAYBACK))
    pair.link(SOURCE, "playback")
    pair.say(SOURCE, "server", "playback", "MODE", "START", "DATA")
    pair.say(SOURCE, "server", "main", main.MigrateBeginSeamless(OFFER, 1))
    pair.link(DESTINATION, "main")
    pair.say(DESTINATION, "client", "main", main.MigrateDstDoSeamless(1))
    pair.say(DESTINATION, "server", "main", "MIGRATE_DST_SEAMLESS_ACK")
    pair.link(DESTINATION, "display", "inputs", "cursor", "playback")
    pair.say(SOURCE, "client", "main", "MIGRATE_CONNECTED_SEAMLESS")
    if ahead:
        pair.say(DESTINATION, "server", "playback", "START", "DATA")
    pair.say(SOURCE, "server", "playback", "STOP", common.Migrate(0))
    if not ahead:
        pair.say(DESTINATION, "server", "playback", "START")
    pair.say(DESTINATION, "server", "playback", "DATA", "STOP")
    assert pair.found == []
    pair.say(DESTINATION, "server", "playback", "DATA")
    assert pair.found == ["SPICE-SOUND-002"]


def test_the_pointer_has_its_shape() -> None:
    pair = arrived()
    pair.say(DESTINATION, "server", "cursor", "INVAL_ALL", "MOVE")
    assert pair.found == []


def _palette(member: Linked) -> str:
    held = member.held["palettes"]
    assert isinstance(held, Lives)
    return held.state((9,))


def test_palettes_are_forgotten() -> None:
    pair = arrived()
    (session, member) = pair.members[DESTINATION, "display"]
    assert _palette(member) == "stale"
    pair.say(DESTINATION, "server", "display", "INVAL_ALL_PALETTES")
    assert _palette(member) == "absent"
    assert session.arrived


def test_the_source_ends_and_nothing_of_it_ends_at_the_destination() -> None:
    pair = arrived()
    pair.close(SOURCE, "display", "inputs", "cursor", "main")
    pair.say(DESTINATION, "server", "display", "INVAL_ALL_PALETTES", fill())
    pair.now += 60
    pair.say(DESTINATION, "server", "display", fill())
    assert pair.found == []


def test_a_channel_goes_over_alone() -> None:
    """Whoever is not gone is where it was."""
    pair = linked_ahead()
    hand_over(pair, "display")
    pair.say(DESTINATION, "server", "display", "INVAL_ALL_PALETTES", fill())
    pair.say(SOURCE, "client", "inputs", *["MOUSE_MOTION"] * 3)
    pair.say(SOURCE, "server", "inputs", "MOUSE_MOTION_ACK")
    hand_over(pair, "inputs")
    pair.say(DESTINATION, "client", "inputs", "MOUSE_MOTION")
    assert pair.found == []


def test_a_semi_seamless_migration_begins_anew() -> None:
    pair = linked_ahead(seamless=False)
    pair.say(SOURCE, "server", "main", "MIGRATE_END")
    pair.close(SOURCE, "display", "inputs", "cursor", "main")
    pair.say(DESTINATION, "client", "main", "MIGRATE_END")
    pair.say(DESTINATION, "server", "main", init())
    pair.say(DESTINATION, "client", "main", "ATTACH_CHANNELS")
    pair.say(DESTINATION, "server", "main", channels_list(DISPLAY, INPUTS, CURSOR))
    pair.say(DESTINATION, "client", "display", "INIT")
    pair.say(DESTINATION, "server", "display", EVEN, fill())
    pair.say(DESTINATION, "server", "cursor", "INIT")
    assert pair.found == []
    pair.say(DESTINATION, "server", "display", fill(surface=5))
    assert pair.found == ["SPICE-DISPLAY-007"]
    pair.link(DESTINATION, "display")
    assert pair.found == ["SPICE-MAIN-015"]


def test_nothing_is_known_of_the_source_behind_a_semi_seamless_migration() -> None:
    pair = linked_ahead(seamless=False)
    pair.say(SOURCE, "server", "main", "MIGRATE_END")
    pair.say(DESTINATION, "client", "main", "MIGRATE_END")
    pair.say(DESTINATION, "server", "main", init())
    pair.say(DESTINATION, "server", "display", fill())
    assert pair.found == ["SPICE-DISPLAY-007"]
    pair.say(DESTINATION, "server", "cursor", "MOVE")
    assert "SPICE-MAIN-029" in pair.found


def test_a_destination_alone_is_not_judged_by_what_was_before() -> None:
    pair = Pair()
    pair.link(DESTINATION, "main", number=ID)
    pair.say(DESTINATION, "client", "main", main.MigrateDstDoSeamless(1))
    pair.say(DESTINATION, "server", "main", "MIGRATE_DST_SEAMLESS_ACK")
    pair.link(DESTINATION, "display", "inputs", "cursor")
    for name in ("display", "main"):
        pair.say(DESTINATION, "client", name, common.MigrateData(b"state"))
    pair.say(DESTINATION, "server", "display", "INVAL_ALL_PALETTES", fill(surface=5))
    pair.say(DESTINATION, "client", "inputs", "MOUSE_MOTION")
    assert pair.found == []


def test_a_session_that_goes_on_twice() -> None:
    """From the destination to a third server, or back."""
    pair = arrived()
    pair.close(SOURCE, "display", "inputs", "cursor", "main")
    pair.say(DESTINATION, "server", "display", "INVAL_ALL_PALETTES")
    there = {name: pair.members[DESTINATION, name] for name in CHANNELS if (DESTINATION, name) in pair.members}
    pair.say(DESTINATION, "server", "main", main.MigrateBeginSeamless(OFFER, 1))
    pair.link(SOURCE, "main", number=ID)
    back = {"main": pair.members[SOURCE, "main"]}
    assert back["main"][0] not in (there["main"][0], None) and back["main"][0].destination
    pair.say(SOURCE, "client", "main", main.MigrateDstDoSeamless(1))
    pair.say(SOURCE, "server", "main", "MIGRATE_DST_SEAMLESS_ACK")
    pair.link(SOURCE, "display", "inputs", "cursor")
    pair.say(DESTINATION, "client", "main", "MIGRATE_CONNECTED_SEAMLESS")
    for name in ("display", "main", "inputs"):
        pair.say(DESTINATION, "server", name, common.Migrate(BOTH))
        pair.say(DESTINATION, "client", name, "MIGRATE_FLUSH_MARK")
        pair.say(DESTINATION, "server", name, common.MigrateData(STATE[name]))
        pair.say(SOURCE, "client", name, common.MigrateData(STATE[name]))
    pair.say(SOURCE, "server", "display", "INVAL_ALL_PALETTES", fill())
    assert pair.found == []
    pair.say(SOURCE, "server", "display", fill(surface=5))
    assert pair.found == ["SPICE-DISPLAY-007"]


def test_cancelled_and_once_more() -> None:
    pair = linked_ahead(seamless=False)
    pair.say(SOURCE, "server", "main", "MIGRATE_CANCEL")
    pair.close(DESTINATION, "display", "inputs", "cursor", "main")
    pair.say(SOURCE, "server", "display", fill())
    pair.say(SOURCE, "server", "main", main.MigrateBeginSeamless(OFFER, 1))
    pair.link(DESTINATION, "main")
    pair.say(DESTINATION, "client", "main", main.MigrateDstDoSeamless(1))
    pair.say(DESTINATION, "server", "main", "MIGRATE_DST_SEAMLESS_ACK")
    pair.link(DESTINATION, "display", "inputs", "cursor")
    pair.say(SOURCE, "client", "main", "MIGRATE_CONNECTED_SEAMLESS")
    hand_over(pair, "display")
    pair.say(DESTINATION, "server", "display", "INVAL_ALL_PALETTES", fill(surface=5))
    assert pair.found == ["SPICE-DISPLAY-007"]


# -- what is found by comparing both


@pytest.mark.parametrize("missing", ["display", "inputs", "cursor"])
def test_connected_without_all_channels(missing: str) -> None:
    pair = running()
    pair.say(SOURCE, "server", "main", main.MigrateBegin(OFFER))
    pair.link(DESTINATION, "main", *{"display", "inputs", "cursor"} - {missing})
    pair.say(SOURCE, "client", "main", "MIGRATE_CONNECTED")
    assert pair.found == ["SPICE-MIG-013"]


@pytest.mark.parametrize("answer", ["", "MIGRATE_DST_SEAMLESS_NACK"])
def test_connected_seamless_without_the_word_of_the_destination(answer: str) -> None:
    pair = running()
    pair.say(SOURCE, "server", "main", main.MigrateBeginSeamless(OFFER, 1))
    pair.link(DESTINATION, "main")
    pair.say(DESTINATION, "client", "main", main.MigrateDstDoSeamless(1))
    if answer:
        pair.say(DESTINATION, "server", "main", answer)
    pair.link(DESTINATION, "display", "inputs", "cursor")
    pair.say(SOURCE, "client", "main", "MIGRATE_CONNECTED_SEAMLESS")
    assert pair.found == ["SPICE-MIG-015"]


def test_another_version() -> None:
    pair = running()
    pair.say(SOURCE, "server", "main", main.MigrateBeginSeamless(OFFER, 1))
    pair.link(DESTINATION, "main")
    pair.say(DESTINATION, "client", "main", main.MigrateDstDoSeamless(2))
    assert pair.found == ["SPICE-MIG-021"]


def test_other_capabilities() -> None:
    pair = running()
    pair.say(SOURCE, "server", "main", main.MigrateBegin(OFFER))
    pair.link(DESTINATION, "main")
    pair.link(DESTINATION, "display", client=NONE.with_(DisplayCapability.A8_SURFACE))
    assert pair.found == ["SPICE-MIG-038"]


def test_the_end_before_the_source_has_said_so() -> None:
    pair = linked_ahead(seamless=False)
    pair.say(DESTINATION, "client", "main", "MIGRATE_END")
    pair.say(SOURCE, "client", "inputs", inputs.KeyDown(0x1F))
    assert pair.found == ["SPICE-MIG-031"], "one mistake is told once"


def test_more_for_the_source_behind_the_end() -> None:
    pair = linked_ahead(seamless=False)
    pair.say(SOURCE, "server", "main", "MIGRATE_END")
    pair.say(SOURCE, "client", "inputs", inputs.KeyDown(0x1F))  # it may not have read that
    pair.say(DESTINATION, "client", "main", "MIGRATE_END")
    assert pair.found == []
    pair.say(SOURCE, "client", "inputs", inputs.KeyUp(0x9F))
    assert pair.found == ["SPICE-MIG-032"]


def test_another_session_id() -> None:
    pair = linked_ahead(seamless=False)
    pair.say(SOURCE, "server", "main", "MIGRATE_END")
    pair.say(DESTINATION, "client", "main", "MIGRATE_END")
    pair.say(DESTINATION, "server", "main", msgspec.structs.replace(init(), session_id=78))
    assert pair.found == ["SPICE-MIG-033"]


def test_data_in_a_session_that_begins_anew() -> None:
    pair = linked_ahead(seamless=False)
    pair.say(SOURCE, "server", "main", "MIGRATE_END")
    pair.say(DESTINATION, "client", "main", "MIGRATE_END")
    pair.say(DESTINATION, "client", "inputs", common.MigrateData(b"state"))
    assert pair.found == ["SPICE-MIG-034"]


@pytest.mark.parametrize("brought", [b"", STATE["inputs"][:-1] + b"\1", STATE["inputs"] + b"\0"])
def test_data_that_are_not_those_of_the_source(brought: bytes) -> None:
    pair = linked_ahead()
    hand_over(pair, "inputs", brought=brought)
    assert pair.found == ["SPICE-MIG-044"]


def test_data_that_are_not_the_first_message() -> None:
    pair = linked_ahead()
    pair.say(SOURCE, "server", "inputs", common.Migrate(BOTH))
    pair.say(SOURCE, "client", "inputs", "MIGRATE_FLUSH_MARK")
    pair.say(SOURCE, "server", "inputs", common.MigrateData(STATE["inputs"]))
    hand_over(pair, "main")
    assert pair.found == []
    pair.say(DESTINATION, "client", "inputs", "PONG")
    assert [id for id in pair.found if id.startswith("SPICE-MIG")] == []
    pair.say(DESTINATION, "client", "inputs", inputs.KeyDown(0x1F))
    assert "SPICE-MIG-044" in pair.found


def test_data_that_the_source_has_not_sent() -> None:
    pair = linked_ahead()
    pair.say(SOURCE, "server", "cursor", common.Migrate(0))
    pair.say(DESTINATION, "client", "cursor", common.MigrateData(b""))
    assert "SPICE-MIG-044" in pair.found


def test_a_course_without_sessions() -> None:
    """Who only follows what is said needs no tables."""
    course = Course()
    for channel in (MAIN, DISPLAY):
        course.link(SOURCE, channel)
    said: list[tuple[Place, tuple[int, int], str, str, Any]] = [
        (SOURCE, MAIN, "server", "MIGRATE_BEGIN", main.MigrateBegin(OFFER)),
        (SOURCE, MAIN, "client", "MIGRATE_CONNECTED", None),
        (SOURCE, MAIN, "server", "MIGRATE_END", None),
        (DESTINATION, MAIN, "client", "MIGRATE_END", None),
    ]
    for channel in (MAIN, DISPLAY):
        course.link(DESTINATION, channel)
    assert [item for step in said for item in course.hear(*step, now=0.0)] == []
    assert course.kind == "semi-seamless" and course.ended and course.offer.dst_info == OFFER
    switched = Course()
    assert not [*switched.hear(SOURCE, MAIN, "server", "MIGRATE_SWITCH_HOST", None, 0.0)] and switched.kind == "switch-host"
