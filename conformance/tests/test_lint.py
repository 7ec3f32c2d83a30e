"""Recordings of real programs held against the rules: no false alarm, and no blindness either."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conformance.lint import Lint
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.dispatch import rows
from spiceproto.rules import MACHINES
from spiceproto.tests.recorded import names, recording


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
                self.judge.identify(judged.server, known[number].parse(body).session_id, judged.session)

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
        "SPICE-LINK-011",  # sizes of 0, 17, 4097 and 4294967295
        "SPICE-LINK-014",  # capability words outside the message
        "SPICE-LINK-030",  # connection ids that were made up
        "SPICE-LINK-039",  # mechanisms 0, 2 and 7
        "SPICE-LINK-041",
    },
}

#: Recordings in which something is done that is only tolerated.
TOLERATED: dict[str, set[str]] = {
    "andris-xev": {"SPICE-MOUSE-004"},
    "andris-xvfb": {"SPICE-MOUSE-004"},
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
        ("html5-debian", {"INIT": 2}, {"SPICE-MAIN-002"}),
        ("qemu-vmmouse-modes", {"INIT": 0}, {"SPICE-MAIN-001", "SPICE-MAIN-006", "SPICE-MOUSE-008",
                                             "SPICE-MOUSE-013", "SPICE-MOUSE-012"}),
        ("html5-debian", {"ATTACH_CHANNELS": 0}, {"SPICE-MAIN-013"}),
        ("html5-debian", {"CHANNELS_LIST": 0}, {"SPICE-MAIN-017"}),
        ("qemu-vmmouse-modes", {"MOUSE_MODE": 0}, {"SPICE-MOUSE-012"}),
        ("qemu-migration-seamless", {"MIGRATE_DST_DO_SEAMLESS": 0}, {"SPICE-MAIN-023", "SPICE-MAIN-025"}),
        ("qemu-migration-seamless", {"MIGRATE_DST_DO_SEAMLESS": 2}, {"SPICE-MAIN-024"}),
    ],
)  # fmt: skip
def test_recordings_that_were_tampered_with(name: str, times: dict[str, int], wanted: set[str]) -> None:
    """The machines are not blind: a message told twice, or not at all, breaks the sentence about it and no other."""
    observer = observe(name, times)
    assert {item.requirement for item in observer.findings if not item.tolerated} == wanted
