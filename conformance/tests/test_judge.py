"""The judge of connections: what it parses, and what it tells the session."""

from __future__ import annotations

from conformance.judge import Judge, Judged
from spiceproto import dispatch, framing
from spiceproto.capabilities import NONE
from spiceproto.enums.link import AuthMechanism, ChannelType
from spiceproto.errors import RemoteError
from spiceproto.link import Established, LinkObserver
from spiceproto.machine import Coverage, Forbidden, Keys, Machine, Machines, Place, Rule, Split
from spiceproto.messages import common, cursor, display, main
from spiceproto.messages.geometry import Point16
from spiceproto.messages.link import LinkMess
from spiceproto.rules import MACHINES
from spiceproto.tests.link_samples import RECORDED

POINTER = Machine(
    "pointer",
    channels=("cursor",),
    states={"left": "It is on the left.", "right": "It is on the right."},
    rules=(
        Rule("left", "server", "MOVE right", "right", "SPICE-X-001"),
        Rule("right", "server", "MOVE left", "left", "SPICE-X-001"),
    ),
    splits=(Split("server", "MOVE", ("position.x",), (((0,), "left"),), "right"),),
    forbidden=(Forbidden("server", "MOVE right", "SPICE-X-002"), Forbidden("server", "MOVE left", "SPICE-X-003")),
)

SURFACES = Machine(
    "surfaces",
    channels=("display",),
    states={"absent": "There is none.", "alive": "There is one."},
    rules=(
        Rule("absent", "server", "SURFACE_CREATE", "alive", "SPICE-X-004"),
        Rule("alive", "server", "SURFACE_DESTROY", "absent", "SPICE-X-004"),
    ),
    forbidden=(Forbidden("server", "SURFACE_CREATE", "SPICE-X-005"), Forbidden("server", "SURFACE_DESTROY", "SPICE-X-006")),
    keys=Keys(
        "surface",
        ("surface_id",),
        (Place("server", "SURFACE_CREATE", ("surface_id",)), Place("server", "SURFACE_DESTROY", ("surface_id",))),
    ),
)


INIT = main.Init(
    session_id=77,
    display_channels_hint=1,
    supported_mouse_modes=1,
    current_mouse_mode=1,
    agent_connected=0,
    agent_tokens=10,
    multi_media_time=0,
    ram_hint=0,
)


def linked(judge: Judge, kind: ChannelType, connection_id: int = 0, server: str = "server") -> Judged:
    """A connection whose link stage is over."""
    judged = judge.connection(server)
    message = LinkMess(
        connection_id=connection_id,
        channel_type=kind,
        channel_id=0,
        num_common_caps=0,
        num_channel_caps=0,
        caps_offset=18,
        caps=b"",
    )
    judged.link(Established(message, NONE, NONE, False, AuthMechanism.SPICE, 0, 0), 0.0)
    return judged


def tell(judged: Judged, *values: object) -> None:
    """The server sends messages, as they are on the wire."""
    for value in values:
        number, body = dispatch.build(judged.table, "server", value)
        judged.raw("server", number, body, 0.0)


def broken(judge: Judge) -> list[str]:
    return [item.requirement for item in judge.findings]


def test_a_machine_of_another_channel_reads_fields() -> None:
    judge = Judge(machines=Machines([POINTER]))
    judged = linked(judge, ChannelType.CURSOR)
    tell(judged, cursor.Move(Point16(5, 0)), cursor.Move(Point16(0, 9)))
    assert broken(judge) == []
    tell(judged, cursor.Move(Point16(0, 9)))
    assert broken(judge) == ["SPICE-X-003"]


def test_a_machine_of_lives_reads_keys() -> None:
    judge = Judge(machines=Machines([SURFACES]))
    judged = linked(judge, ChannelType.DISPLAY)
    tell(judged, display.SurfaceCreate(surface_id=3, width=8, height=8, format=32, flags=0), display.SurfaceDestroy(3))
    assert broken(judge) == []
    tell(judged, display.SurfaceDestroy(4))
    assert broken(judge) == ["SPICE-X-006"]


def test_a_body_that_cannot_be_parsed_is_a_finding_and_not_judged_by_its_fields() -> None:
    judge = Judge(machines=Machines([POINTER]))
    judged = linked(judge, ChannelType.CURSOR)
    judged.raw("server", 104, b"\0", 0.0)
    (finding,) = judge.findings
    assert finding.requirement == "SPICE-FRAME-041" and judge.messages == 1
    assert "MOVE" in finding.text and "position" in finding.text and "byte 0" in finding.text
    assert finding.expected and finding.actual


def test_bytes_behind_the_last_field_are_tolerated() -> None:
    judge = Judge(machines=Machines([]))
    judged = linked(judge, ChannelType.CURSOR)
    judged.raw("server", 104, bytes(6), 0.0)
    (finding,) = judge.findings
    assert (finding.requirement, finding.tolerated) == ("SPICE-FRAME-044", True)
    assert (finding.expected, finding.actual) == ("4 bytes", "6 bytes")


def test_a_list_behind_the_last_field_is_not() -> None:
    judge = Judge(machines=Machines([]))
    judged = linked(judge, ChannelType.CURSOR)
    inside = [(104, bytes(4))]
    for behind in (b"", b"x"):
        body, at = framing.with_sub_messages(bytes(4), inside)
        judged.spans["server"] = framing.list_spans(at, framing.sub_messages(body, at))
        judged.raw("server", 104, body + behind, 0.0)
    (finding,) = judge.findings
    assert (finding.requirement, finding.actual) == ("SPICE-FRAME-044", f"{len(body) + 1} bytes")


def test_bytes_behind_the_last_field_on_any_channel_and_of_either_end() -> None:
    judge = Judge(machines=Machines([]))
    for kind, sender, number, size in (
        (ChannelType.DISPLAY, "client", 2, 1),  # ACK has no fields
        (ChannelType.MAIN, "client", 105, 2 + 4),  # MOUSE_MODE_REQUEST
        (ChannelType.INPUTS, "server", 111, 1),  # MOUSE_MOTION_ACK
        (ChannelType.CURSOR, "server", 104, 4 + 1),  # MOVE
    ):
        linked(judge, kind).raw(sender, number, b"\1" + bytes(size - 1), 0.0)
    assert [(item.requirement, item.sender, item.tolerated) for item in judge.findings] == [
        ("SPICE-FRAME-044", "client", True),
        ("SPICE-FRAME-044", "client", True),
        ("SPICE-FRAME-044", "server", True),
        ("SPICE-FRAME-044", "server", True),
    ]
    assert [item.actual for item in judge.findings] == ["1 bytes", "6 bytes", "1 bytes", "5 bytes"]


def test_nobody_is_blamed_for_bytes_that_a_recording_lacks() -> None:
    judge = Judge(machines=Machines([]))
    judged = linked(judge, ChannelType.CURSOR)
    judged.doubted.add("server")
    judged.raw("server", 104, b"\0", 0.0)
    judged.raw("server", 104, bytes(6), 0.0)
    judged.announced("server", 104, 1 << 30, 0.0)
    judged.cut("server", 3, 6, 0.0)
    judged.unlisted("server", 8, RemoteError("outside"), 0.0)
    assert judge.findings == [] and judge.messages == 2
    judged.announced("client", 3, 1 << 30, 0.0)
    assert broken(judge) == ["SPICE-FRAME-012"]


def test_what_ends_with_its_session_may_end_anywhere() -> None:
    judge = Judge(machines=Machines([]))
    judged, other = linked(judge, ChannelType.CURSOR, 5), linked(judge, ChannelType.MAIN, 5)
    judged.cut("server", 3, 6, 0.0)
    other.closed("server", 0.0)
    judged.cut("server", 3, 6, 0.0)
    assert broken(judge) == ["SPICE-FRAME-043"]


def test_pings_of_every_channel_are_read() -> None:
    coverage = {name: Coverage(machine) for name, machine in MACHINES.items()}
    judge = Judge(coverage)
    tell(linked(judge, ChannelType.CURSOR), common.Ping(1, 2, b""))
    assert {rule.message for rule in coverage["ping"].used} == {"PING"}


def test_sessions_are_told_apart_by_their_id() -> None:
    judge = Judge()
    judged = linked(judge, ChannelType.MAIN)
    tell(judged, INIT)
    assert judge.migrations.session("server", 77) is judged.session
    assert linked(judge, ChannelType.DISPLAY, 77).session is judged.session and judge.sessions == 1
    assert broken(judge) == ["SPICE-MAIN-017"]
    assert linked(judge, ChannelType.DISPLAY, 78).session is not judged.session


def test_messages_before_the_link_stage_is_over_are_nobodys() -> None:
    judge = Judge()
    judged = judge.connection()
    judged.raw("server", 104, b"", 0.0)
    judged.message("server", "MOVE", None, 0, 0.0)
    judged.unknown("server", 999, 0.0)
    assert judge.messages == 0 and judged.channel == (0, 0)


def test_a_connection_that_closes_ends_the_life_of_its_channel() -> None:
    coverage = {name: Coverage(machine) for name, machine in MACHINES.items()}
    judge = Judge(coverage)
    linked(judge, ChannelType.DISPLAY, 5).closed("", 1.0)
    assert linked(judge, ChannelType.DISPLAY, 5).member is not None
    assert broken(judge) == []  # at a destination, and linked once at a time
    linked(judge, ChannelType.DISPLAY, 5)
    assert broken(judge) == ["SPICE-MAIN-015"]


def test_keys_are_compared_where_somebody_keeps_them() -> None:
    """Of a run, and not of a recording; zeros are no key."""
    recording = RECORDED["good-main"]

    def found(keys: set[bytes] | None, *, zeros: bool = False) -> list[tuple[str, str]]:
        judge = Judge()
        judge.keys = keys
        for number in range(2):
            judged, observer = judge.connection("server"), LinkObserver()
            for sender, data in recording.steps:
                key_at = data.find(b"\x30\x81\x9f")
                if zeros and key_at >= 0:
                    data = data[:key_at] + bytes(162) + data[key_at + 162 :]
                for item in observer.receive(sender, data):
                    judged.link(item, float(number))
        return [(item.requirement, item.sender) for item in judge.findings if item.requirement == "SPICE-LINK-044"]

    assert found(set()) == [("SPICE-LINK-044", "server")]
    assert found(None) == found(set(), zeros=True) == []


def test_a_session_that_goes_to_another_server() -> None:
    """Main that brings the id of a session to another server is its destination; what is wrong between them is found there."""
    judge = Judge()
    source = linked(judge, ChannelType.MAIN, 0)
    tell(source, INIT)
    there = linked(judge, ChannelType.MAIN, 77, server="elsewhere")
    found = judge.migrations.migration(source.session) if source.session is not None else None
    assert found is not None and found.destination is there.session and judge.sessions == 2
    there.message("client", "MIGRATE_END", None, 0, 1.0)
    assert broken(judge) == ["SPICE-FRAME-005", "SPICE-MIG-031"]
    judge.distrust()
    assert broken(judge) == ["SPICE-FRAME-005"] and "SPICE-MIG-031" in judge.undecided
