"""Recordings of real programs held against the rules: no false alarm, and no blindness either."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pytest

import spiceproto
from conformance.command.lint import show
from conformance.lint import Lint, known_of, lint
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.channels import channel_name
from spiceproto.dispatch import rows
from spiceproto.report.text import TextReport
from spiceproto.rules import MACHINES
from spiceproto.tests.recorded import names, recording

DATA = Path(__file__).parent / "data"


class Tampered(Lint):
    """Tells some messages not once but so many times."""

    def __init__(self, times: Mapping[str, int]) -> None:
        super().__init__()
        self.times = times

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        emit = super().lane(conversation, sender)
        known = rows(conversation.table, sender)

        def repeated(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            for _ in range(self.times.get(known[number].name, 1) if number in known else 1):
                emit(number, body, serial, time_ns, frames)
            judged = self._judged[conversation]
            if known.get(number) is not None and known[number].name == "INIT" and conversation.table == "main":
                # Untold or not, it names the session that the other channels belong to.
                assert judged.session is not None
                self.judge.migrations.identify(judged.server, known[number].parse(body).session_id, judged.session)

        return repeated


def observe(name: str, times: Mapping[str, int] | None = None) -> Lint:
    lint = Tampered(times or {})
    Decoder(recording(name), lint).run()
    return lint


#: Recordings in which a peer really breaks a rule, and the sentences it breaks.
BROKEN: dict[str, set[str]] = {
    # A client of raw cases breaks whatever it can, and libspice-server 0.15.1 begins SASL that it did not announce.
    "qemu-link-probes": {
        "SPICE-LINK-001",  # a header of seven bytes, and a connection closed before the ticket
        "SPICE-LINK-005",  # major versions 1 and 3
        "SPICE-LINK-010",  # minor versions 0 and 99
        "SPICE-LINK-011",  # sizes of 0, 17, 4097 and 4294967295
        "SPICE-LINK-014",  # capability words outside the message
        "SPICE-LINK-030",  # connection ids that were made up
        "SPICE-LINK-039",  # mechanisms 0, 2 and 7
        "SPICE-LINK-041",
    },
}

#: Recordings in which something is done that is only tolerated.
TOLERATED: dict[str, set[str]] = {
    "andris-clipboard": {"SPICE-AGENT-031", "SPICE-AGENT-042"},  # a script asks for what it owns; sizes in millimetres
    "andris-xev": {"SPICE-MOUSE-004"},
    "andris-xvfb": {"SPICE-MOUSE-004"},
    "html5-debian": {"SPICE-FRAME-044"},  # a byte behind each MOUSE_MOTION
    "qemu-inputs-ps2": {"SPICE-MOUSE-012"},
    "spicy-basic": {"SPICE-MOUSE-012"},
    "qemu-link-probes": {"SPICE-LINK-029", "SPICE-LINK-040"},
}


@pytest.mark.parametrize("name", names() or ["no-recordings"])
def test_no_false_alarm(name: str) -> None:
    observer = observe(name)
    broken = {item.requirement for item in observer.findings if not item.tolerated}
    tolerated = {item.requirement for item in observer.findings if item.tolerated}
    assert broken == BROKEN.get(name, set()), "\n".join(map(str, observer.findings))
    assert tolerated == TOLERATED.get(name, set()), "\n".join(map(str, observer.findings))
    assert observer.connections


def test_recordings_use_most_rules() -> None:
    """What is observed is really judged: a machine that nothing came along would raise no alarm either."""
    wanted = ("qemu-vmmouse-modes", "qemu-migration-seamless", "andris-xev", "qemu-sasl-digest", "html5-debian")
    used: dict[str, set[str]] = {name: set() for name in MACHINES}
    for name in wanted:
        for machine, coverage in observe(name).coverage.items():
            used[machine] |= {rule.requirement for rule in coverage.used}
    assert used["link"] >= {"SPICE-LINK-001", "SPICE-LINK-037", "SPICE-LINK-041", "SPICE-LINK-061"}
    assert used["acknowledgement"] >= {"SPICE-FRAME-019", "SPICE-FRAME-020"}
    assert used["main"] >= {"SPICE-MAIN-001", "SPICE-MAIN-012", "SPICE-MAIN-022", "SPICE-MAIN-023", "SPICE-MAIN-024"}
    assert used["mouse"] >= {"SPICE-MOUSE-003", "SPICE-MOUSE-005", "SPICE-MOUSE-012", "SPICE-MOUSE-013"}
    assert used["motion"] == {"SPICE-MOUSE-018", "SPICE-MOUSE-020"}


@pytest.mark.parametrize(
    ("name", "times", "wanted"),
    [
        ("html5-debian", {"MOUSE_MOTION_ACK": 2}, {"SPICE-MOUSE-019"}),
        ("qemu-agent-mouse", {"MOUSE_POSITION": 3}, {"SPICE-MOUSE-020"}),
        ("spicy-basic", {"ACK": 2}, {"SPICE-FRAME-021"}),
        ("qemu-mode-switch", {"ACK": 0}, {"SPICE-FRAME-025"}),
        ("spicy-basic", {"SET_ACK": 0}, {"SPICE-FRAME-027"}),
        ("spicy-basic", {"PONG": 2}, {"SPICE-FRAME-029"}),
        ("html5-debian", {"INIT": 2}, {"SPICE-MAIN-002", "SPICE-DISPLAY-002"}),
        (
            "qemu-vmmouse-modes",
            {"INIT": 0},
            {
                "SPICE-INPUTS-001",
                "SPICE-MAIN-001",
                "SPICE-MAIN-006",
                "SPICE-MOUSE-008",
                "SPICE-MOUSE-012",
                "SPICE-MOUSE-013",
            },
        ),
        ("xspice-xrandr", {"SURFACE_DESTROY": 0}, {"SPICE-DISPLAY-004", "SPICE-FRAME-021"}),
        ("xspice-xrandr", {"SURFACE_DESTROY": 2}, {"SPICE-DISPLAY-009", "SPICE-FRAME-025"}),
        (
            "qemu-mode-switch",
            {"SURFACE_CREATE": 0},
            {"SPICE-DISPLAY-007", "SPICE-DISPLAY-009", "SPICE-DISPLAY-010", "SPICE-MONITOR-002", "SPICE-FRAME-021"},
        ),
        ("drawall-auto_glz", {"DRAW_COPY": 2}, {"SPICE-CACHE-015", "SPICE-FRAME-025"}),
        ("html5-debian", {"ATTACH_CHANNELS": 0}, {"SPICE-MAIN-013"}),
        ("html5-debian", {"CHANNELS_LIST": 0}, {"SPICE-MAIN-017"}),
        ("qemu-vmmouse-modes", {"MOUSE_MODE": 0}, {"SPICE-MOUSE-012"}),
        ("qemu-migration-seamless", {"MIGRATE_DST_DO_SEAMLESS": 0}, {"SPICE-MAIN-023", "SPICE-MAIN-025"}),
        ("qemu-migration-seamless", {"MIGRATE_DST_DO_SEAMLESS": 2}, {"SPICE-MAIN-024"}),
    ],
)
def test_recordings_that_were_tampered_with(name: str, times: dict[str, int], wanted: set[str]) -> None:
    """The machines are not blind: a message told twice, or not at all, breaks the sentence about it and no other."""
    observer = observe(name, times)
    assert {item.requirement for item in observer.findings if not item.tolerated} == wanted


class Emptied(Lint):
    """Tells every SURFACE_CREATE with a format that is none."""

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        emit = super().lane(conversation, sender)

        def changed(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            if (conversation.table, sender, number) == ("display", "server", 314):
                body = body[:12] + bytes(4) + body[16:]
            emit(number, body, serial, time_ns, frames)

        return changed


def test_values_are_looked_at_on_channels_that_no_rule_reads() -> None:
    lint = Emptied()
    Decoder(recording("qemu-tls13"), lint).run()
    (finding,) = [item for item in lint.findings if not item.tolerated]
    assert finding.requirement == "SPICE-FRAME-040"
    assert (finding.expected, finding.actual) == ("a name other than INVALID", "0")
    assert "SURFACE_CREATE" in finding.text and "format" in finding.text


def reported(name: str) -> list[tuple[str, str, str]]:
    """What is found in a capture of the situation that somebody reported: sentence, sender, channel and text."""
    (path,) = DATA.glob(f"{name}.pcap*")
    found = lint(path).findings
    return [(item.requirement, f"{item.sender} on {channel_name(item.channel[0])}", item.text) for item in found]


def test_values_need_capabilities_of_the_receiver() -> None:
    """And a packet of Opus of 20 ms, of which programs have room for 10."""
    found = reported("codec-not-announced")
    assert found == [
        ("SPICE-FRAME-045", "server on playback", "MODE has mode OPUS"),
        ("SPICE-SOUND-021", "server on playback", "a packet of Opus that nobody has room for"),
        ("SPICE-FRAME-045", "server on display", "STREAM_CREATE has codec_type H264"),
        ("SPICE-FRAME-045", "server on display", "DRAW_COPY has data.src_bitmap.descriptor.type LZ4"),
        ("SPICE-FRAME-005", "server on display", "STREAM_ACTIVATE_REPORT"),
    ]


def test_a_client_that_goes_on_with_the_old_kind_of_movement() -> None:
    """It reads MOUSE_MODE as two numbers of 32 bits, and is heard all the while: five seconds later it has not listened."""
    assert reported("mouse-mode-32bit") == [("SPICE-MOUSE-013", "client on inputs", "inputs.MOUSE_MOTION in state client")]


def test_positions_on_the_heads_of_one_display_channel() -> None:
    """As spice-gtk 0.42 sends them: the head in display_id, and x and y from its edges."""
    assert reported("two-heads-one-display") == []


def test_more_agent_data_than_tokens() -> None:
    """Twelve with ten tokens: the last two."""
    assert reported("token-violation") == [("SPICE-MAIN-030", "client on main", "more than was granted: agent data")] * 2


def test_agent_data_for_an_agent_that_is_gone() -> None:
    """What crosses AGENT_DISCONNECTED is no mistake; what comes six seconds later, for another agent, is one."""
    assert reported("agent-data-after-loss") == [("SPICE-MAIN-031", "client on main", "AGENT_DATA in state silent")]


def test_decode_says_of_surfaces_what_lint_says() -> None:
    path, out = DATA / "surface-life.pcap", io.StringIO()
    report = TextReport(out)
    decoder = Decoder(path, report)
    report.begin(decoder, str(path))
    decoder.run()
    report.end(None)
    told = [
        line.partition("surface-life")[2].strip().partition(" (")[0] for line in out.getvalue().splitlines() if "!!" in line
    ]
    found = [str(item).replace("server on display:0: ", "") for item in lint(path).findings]
    assert sorted(told) == sorted(found) and len(told) == 4


def test_what_is_found_at_a_message_has_its_frame(capsys: pytest.CaptureFixture[str]) -> None:
    path = DATA / "surface-life.pcap"
    found = lint(path)
    frames = {seen.number: seen.frames[-1] for seen in spiceproto.read(path)}
    assert [found.frame(item) for item in found.findings] == [frames[number] for number in (8, 11, 12, 13)]
    assert show(found, str(path)) == 1
    assert f"found DRAW (frame {frames[11]})" in capsys.readouterr().out


_IMAGE_TYPE = "data.src_bitmap.descriptor.type"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "heads-odds",
            [
                ("SPICE-MONITOR-001", "server on display", "MONITORS_CONFIG has max_allowed outside of its values"),
                ("SPICE-MONITOR-002", "server on display", "MONITORS_CONFIG of surface 9 in state absent"),
                ("SPICE-MONITOR-003", "server on display", "MONITORS_CONFIG without heads"),
                ("SPICE-MONITOR-004", "server on display", "MONITORS_CONFIG has heads[0] without pixels"),
                ("SPICE-MONITOR-005", "server on display", "MONITORS_CONFIG has heads[0] that is not inside surface 0"),
                ("SPICE-MONITOR-006", "server on display", "MONITORS_CONFIG has heads[1] with the number of an earlier one"),
                ("SPICE-MONITOR-006", "server on display", "MONITORS_CONFIG has heads[2] with the number of an earlier one"),
            ],
        ),
        (
            "surface-life",
            [
                ("SPICE-DISPLAY-004", "server on display", "SURFACE_CREATE off-screen of surface 5 in state off-screen"),
                ("SPICE-DISPLAY-007", "server on display", "DRAW_FILL of surface 5 in state absent"),
                ("SPICE-DISPLAY-007", "server on display", "DRAW_FILL of surface 77 in state absent"),
                ("SPICE-DISPLAY-009", "server on display", "SURFACE_DESTROY of surface 5 in state absent"),
            ],
        ),
        (
            "unknown-image-type",
            [("SPICE-FRAME-040", "server on display", f"DRAW_COPY has {_IMAGE_TYPE} outside of its values")] * 2,
        ),
        (
            "zero-scancodes",
            [
                ("SPICE-KEY-007", "client on inputs", "KEY_SCANCODE has data outside of its values"),
                ("SPICE-MOUSE-025", "client on inputs", "KEY_DOWN with a prefix behind its scan code"),
                ("SPICE-MOUSE-025", "client on inputs", "KEY_UP with a prefix behind its scan code"),
                ("SPICE-MOUSE-026", "client on inputs", "KEY_UP with the scan code of a press"),
            ],
        ),
        (
            # DATA that comes a millisecond behind STOP was under way.
            "record-after-stop",
            [
                ("SPICE-SOUND-013", "client on record", "DATA in state silent"),
                ("SPICE-FRAME-045", "client on record", "MODE has mode OPUS"),
            ],
        ),
        (
            "sound-odds",
            [
                *[
                    ("SPICE-FRAME-040", "server on playback", f"{field} outside of its values")
                    for field in (
                        "START has channels",
                        "START has frequency",
                        "VOLUME has nchannels",
                        "MUTE has mute",
                        "MODE has mode",
                    )
                ],
                ("SPICE-SOUND-002", "server on playback", "DATA in state linked"),
                ("SPICE-SOUND-004", "server on playback", "STOP in state silent"),
                ("SPICE-SOUND-014", "client on record", "DATA in state named"),
                ("SPICE-SOUND-005", "client on record", "DATA with a part of a frame"),
            ],
        ),
    ],
)
def test_values_that_are_none(name: str, wanted: list[tuple[str, str, str]]) -> None:
    """Of each situation its findings, and nothing else."""
    assert sorted(reported(name)) == sorted(wanted)


def test_a_cursor_may_end_behind_its_flags() -> None:
    """Flag NONE: two bytes, or a header of zeros behind them."""
    assert reported("cursor-none-two-bytes") == []


def test_of_whom_a_manner_is_known() -> None:
    assert known_of("SPICE-MOUSE-012") == ("remote-viewer", "spice-gtk", "spicy-screenshot")
    assert known_of("SPICE-MOUSE-001") == ()
