"""What a conforming end may do otherwise than the references is nobody's fault: each here is a reference, changed a little."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import msgspec
import pytest

from conformance.faults import held_against
from conformance.program_target import AdapterClient
from conformance.results import CaseResult
from conformance.run import Options, Run
from conformance.runner import Runner
from conformance.tests.one_after_another_program import OneAfterAnother
from spiceproto import dispatch, framing
from spiceproto.channel import Channel
from spiceproto.enums.link import ChannelType
from spiceproto.fault import Fault
from spiceproto.messages import common, display, main
from spiceproto.size_limits import FOREIGN, SizeLimits, named_limit

Server: Any = import_module("reference_server.server").Server
ServerLine: Any = import_module("reference_server.line").Line
ServerDisplay: Any = import_module("reference_server.channels.display").DisplayChannel
ServerMain: Any = import_module("reference_server.channels.main").MainChannel
ServerPlayback: Any = import_module("reference_server.channels.playback").PlaybackChannel
_INIT = 101
_ANNOUNCED = (102, 103, 105)
"""Of the types on display whose numbers stand in a chapter, INIT and those that the reference announces."""


def _known(type: int) -> bool:
    return type <= _INIT or type in _ANNOUNCED


Client: Any = import_module("reference_client.client").Client
ClientDisplay: Any = import_module("reference_client.channels.display").DisplayChannel
ClientInputs: Any = import_module("reference_client.channels.inputs").InputsChannel
ClientMain: Any = import_module("reference_client.channels.main").MainChannel


def results(monkeypatch: pytest.MonkeyPatch, role: str, part: type, select: str) -> dict[str, CaseResult]:
    """What the suite says of a reference with ``part`` in place of what that derives from."""
    catalogue: Any = import_module(f"reference_{role}").FAULTS
    made = Fault("unusual", "SPICE-LINK-001", ("SPICE-LINK-001",), "", catalogue.with_part(part))
    monkeypatch.setitem(catalogue._declared, "unusual", made)
    found, _ = held_against(role, "unusual", select)
    return found


def accused(found: dict[str, CaseResult]) -> list[str]:
    return [
        f"{result.id}: {result.outcome}: {result.expected}; {result.actual}; {result.reason}"
        for result in found.values()
        if result.outcome not in ("pass", "not-applicable")
    ]


# -- servers


class DisplayAlone(Server):  # type: ignore[misc]
    """Its list names no inputs, which SPICE-MAIN-028 allows."""

    def __init__(self, *values: Any, **more: Any) -> None:
        super().__init__(*values, **more)
        for key in [key for key in self.listing.channels if key[0] not in (ChannelType.MAIN, ChannelType.DISPLAY)]:
            del self.listing.channels[key]


class TwoDisplays(Server):  # type: ignore[misc]
    """An absolute pointer need not bring CLIENT (SPICE-MOUSE-010)."""

    def __init__(self, options: Any, *values: Any, **more: Any) -> None:
        super().__init__(msgspec.structs.replace(options, displays=2), *values, **more)


class AgentThere(Server):  # type: ignore[misc]
    """An agent keeps CLIENT supported, whatever the pointing device is."""

    def __init__(self, options: Any, guest: Any, **more: Any) -> None:
        super().__init__(options, guest, **more)
        self._played = self.played_class(guest, self.listing.displays)


class InLists(ServerLine):  # type: ignore[misc]
    """Most messages come in a LIST of one, which counts once (SPICE-FRAME-017)."""

    def send(self, *values: Any) -> None:
        for value in values:
            free = self.open and not self._waiting and not self.messages.blocked
            if free and type(value).__name__ != "Init" and not isinstance(value, common.Disconnecting):
                self.put(self.messages.send_list(value))
            else:
                super().send(value)


class AsksTwice(ServerDisplay):  # type: ignore[misc]
    """SET_ACK before the client's INIT, and a second one behind it."""

    def start(self, now: float) -> None:
        super().start(now)
        self.line.set_ack()


class IdAgain(Server):  # type: ignore[misc]
    """A session gets the id of one that is over."""

    def new_session_id(self) -> int:
        number: int = 7 if 7 not in self.sessions and 7 not in self.migrations else super().new_session_id()
        return number


class UuidWithList(ServerMain):  # type: ignore[misc]
    """UUID has a ping inside under full headers, as SPICE-FRAME-018 allows."""

    def send(self, *values: Any) -> None:
        for value in values:
            if isinstance(value, main.Uuid) and not self.messages.writer.mini:
                self.line.put(self.messages.send(value, inside=(common.Ping(9, 9, b""),)))
            else:
                super().send(value)


class ShortSound(ServerPlayback):  # type: ignore[misc]
    """What the guest plays ends when a second of it was sent."""

    def tick(self, now: float) -> None:
        super().tick(now)
        if self.source is not None and self._frame >= self.frequency:
            self.play(None, now)


class PausedSound(ServerPlayback):  # type: ignore[misc]
    """The guest writes a second of sound, and the rest long afterwards; the sound card is not closed meanwhile."""

    pause = 60.0

    @property
    def deadline(self) -> float | None:
        found: float | None = super().deadline
        return None if found is None else found + self.pause * (self._frame >= self.frequency)

    def tick(self, now: float) -> None:
        if self._frame < self.frequency or now >= self._began + self.pause:
            super().tick(now)


class SlowSound(ServerPlayback):  # type: ignore[misc]
    """The guest writes half a stretch for each that time has passed, and the server says when that was."""

    def stretch(self, source: Any, frame: int) -> list[Any]:
        found: list[Any] = super().stretch(source, frame)
        return found if frame // self._encoder.frames % 2 else []


class LittleKnown(Channel):
    """On display it knows INIT and what it announces, skips all else, and takes 1048576 bytes of that, as 2.3 says."""

    def __init__(self, role: Any, table: str, mini_header: bool, **more: Any) -> None:
        super().__init__(role, table, mini_header, **more)
        if table == "display":
            known = [(number, row.name) for number, row in dispatch.rows(table, "client").items() if _known(number)]
            limits = {number: named_limit(table, "client", name) or FOREIGN for number, name in known}
            self.readers = {"client": framing.Reader(mini_header, SizeLimits(limits, FOREIGN))}

    def enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        if self.table != "display" or _known(type):
            super().enqueue(sender, type, body, serial, offset, sub_list)


POINTING = (
    "SPICE-MOUSE-003, SPICE-MOUSE-004, SPICE-MOUSE-006, SPICE-MOUSE-009, SPICE-MOUSE-010, SPICE-MOUSE-014, SPICE-MOUSE-018"
)


@pytest.mark.parametrize(
    ("part", "select"),
    [
        (DisplayAlone, "SPICE-MAIN-020, SPICE-MOUSE-014, SPICE-MOUSE-018, SPICE-LINK-031"),
        (TwoDisplays, f"{POINTING}, SPICE-MAIN-013, SPICE-MAIN-014"),
        (AgentThere, POINTING),
        (InLists, "SPICE-FRAME-024, SPICE-FRAME-025"),
        (AsksTwice, "SPICE-FRAME-024, SPICE-FRAME-025"),
        (IdAgain, "SPICE-MAIN-003, SPICE-LINK-031"),
        (ShortSound, "SPICE-SYNC-008, SPICE-SOUND-003, SPICE-SOUND-004"),
        (PausedSound, "SPICE-SYNC-008, SPICE-SOUND-003"),
        (SlowSound, "SPICE-SYNC-008, SPICE-SOUND-003"),
        (LittleKnown, "SPICE-FRAME-013, SPICE-FRAME-008"),
        (UuidWithList, "SPICE-FRAME-001, SPICE-FRAME-044"),
    ],
)
def test_an_unusual_server_conforms(monkeypatch: pytest.MonkeyPatch, part: type, select: str) -> None:
    found = results(monkeypatch, "server", part, select)
    assert accused(found) == [] and any(result.outcome == "pass" for result in found.values())


class NothingInFront(ServerDisplay):  # type: ignore[misc]
    """A server like the reference, whose guest never puts the card in front of its film."""


def test_where_nothing_lies_in_front_of_a_film_nothing_is_said_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("reference_server.guests.video").Film, "turn", lambda self: None)
    found = results(monkeypatch, "server", NothingInFront, "SPICE-STREAM-034")
    assert found["SPICE-STREAM-034/in-front"].outcome == "not-applicable"


# -- clients


class LinksAgain(Client):  # type: ignore[misc]
    """A channel that was lost is linked again at once."""

    again = 1

    def lost(self, line: Any) -> None:
        super().lost(line)
        if line.type != ChannelType.MAIN and self.ended is None and self.leaving is None and self.again:
            self.again -= 1
            self._link(line.type, line.id)


class LinksAgainOften(LinksAgain):
    """Whatever was lost is linked again."""

    again = 1000


class FourUnderWay(ClientInputs):  # type: ignore[misc]
    """No more than four movements are under way: SPICE-MOUSE-020 says no more than that eight are too many."""

    def flush(self) -> None:
        while self.host.pointing.moved and self.unacknowledged < 4:
            self.unacknowledged += 1
            self.send_movement()


class AsksForServer(ClientMain):  # type: ignore[misc]
    """Asks for SERVER, which is one of the two modes (SPICE-MOUSE-007)."""

    def on_init(self, value: main.Init, now: float) -> None:
        super().on_init(value, now)
        self.send(main.MouseModeRequest(1))


@pytest.mark.parametrize(
    ("part", "select"),
    [
        (LinksAgain, "SPICE-FRAME-034, SPICE-FRAME-035"),
        (LinksAgainOften, "SPICE-FRAME-034, SPICE-FRAME-035"),
        (FourUnderWay, "SPICE-FRAME-011, SPICE-MOUSE-020"),
        (AsksForServer, "SPICE-MOUSE-007, SPICE-MOUSE-011"),
    ],
)
def test_an_unusual_client_conforms(monkeypatch: pytest.MonkeyPatch, part: type, select: str) -> None:
    found = results(monkeypatch, "client", part, select)
    assert accused(found) == [] and any(result.outcome == "pass" for result in found.values())


class AtOnce(ClientDisplay):  # type: ignore[misc]
    """Shows every frame as soon as it comes: it has no clock."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, display.StreamData | display.StreamDataSized):
            base = msgspec.structs.replace(value.base, multi_media_time=self.clock.time(now))
            value = msgspec.structs.replace(value, base=base)
        super().handle(value, now)


def test_of_a_client_without_a_clock_nothing_is_said_to_be_kept_that_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    select = ", ".join(f"SPICE-SYNC-{number:03}" for number in (9, 10, 11, 14))
    found = results(monkeypatch, "client", AtOnce, f"{select}, SPICE-STREAM-012, SPICE-STREAM-015")
    assert found["SPICE-STREAM-015/not-before"].outcome == "fail" and found["SPICE-STREAM-015/shown"].outcome == "pass"
    clocked = {id: result.outcome for id, result in found.items() if "STREAM-015" not in id and id != "SPICE-SYNC-014/goes-on"}
    assert len(clocked) > 6 and set(clocked.values()) == {"blocked"}, clocked


class HalfAMotion(ClientInputs):  # type: ignore[misc]
    """Closes the channel inside a movement."""

    def send_motion(self, dx: int, dy: int) -> None:
        self.line.put(self.line.messages.send_raw(111, bytes(9))[:7])
        self.line.drop("no more")


def test_a_verb_for_a_channel_that_the_client_has_closed_spreads_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is found once; what needs the channel is blocked, and what does not is decided."""
    found = results(monkeypatch, "client", HalfAMotion, "SPICE-FRAME-043, SPICE-MOUSE-012, SPICE-FRAME-012, SPICE-LINK-030")
    outcomes = {result.outcome for result in found.values()}
    assert "error" not in outcomes and found["SPICE-FRAME-043/observed-client"].outcome == "fail"
    assert found["SPICE-LINK-030/session-id"].outcome == "pass"
    blocked = [result.reason for result in found.values() if result.outcome == "blocked" and result.reason]
    assert any("the target has closed inputs:0 before" in reason for reason in blocked)


def test_a_client_that_begins_a_new_session_when_its_own_is_over() -> None:
    target = AdapterClient("one-after-another:", OneAfterAnother(sessions=2), quiet=0.3)
    target.start()
    cases = Run(Options("ref:client")).cases
    found = Runner(target, cases).run(next(case for case in cases if case.id == "SPICE-MAIN-019/client-after-the-server"))
    target.stop()
    assert found.outcome == "pass", found.actual + found.reason
