"""Campaigns against programs of other people: few conversations, and what is seen of a process that ends or grows."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from conformance.adapters.programs import CATALOGUE
from conformance.address import open_target
from conformance.fuzz.campaign import Campaign
from conformance.fuzz.known import Known
from conformance.fuzz.play import Play
from conformance.fuzz.stage import Stage
from conformance.fuzz.steps import parse, text
from conformance.fuzz.watch import Watch
from spiceproto.tests.peers import absent

COUNT = 15
GENTLE = ("again", "answer", "illegal", "unknown")
"""Kinds of mistakes behind which real programs go on."""


@contextmanager
def started(address: str, *, secure: bool = False) -> Iterator[Stage]:
    missing = CATALOGUE[address.partition(":")[0]].missing()
    if missing:
        absent(missing)
    stage = Stage(open_target(address), secure=secure)
    try:
        stage.start()
        yield stage
    finally:
        stage.stop()


@pytest.mark.parametrize(
    ("address", "channels"),
    [("qemu:", ["inputs", "cursor", "record"]), ("andris:", ["inputs"]), ("spice-gtk:", ["inputs", "cursor", "playback"])],
)
def test_real_programs_are_accused_of_nothing_that_is_not_known(address: str, channels: Sequence[str]) -> None:
    with started(address) as stage:
        campaign = Campaign(stage, seed=1, kinds=GENTLE, channels=channels)
        campaign.run(count=COUNT)
        known = Known("builtin", address)
        new = [(str(item.finding), text(item.steps)) for item in campaign.found if not known.of(item.finding)]
        assert campaign.conversations == COUNT and len(campaign.pairs) > 5 and not new


@pytest.mark.parametrize(
    ("address", "kind", "secure"),
    [("qemu:?over=tls", "tls", False), ("qemu:?over=ws", "websocket", False), ("spice-gtk:", "tls", True)],
)
def test_real_programs_go_on_however_records_and_frames_are_cut(address: str, kind: str, secure: bool) -> None:
    with started(address, secure=secure) as stage:
        assert stage.layers == {kind}
        campaign = Campaign(stage, seed=2, kinds=[kind], channels=["inputs", "cursor"])
        campaign.run(count=COUNT)
        assert campaign.conversations == COUNT and not [(str(item.finding), text(item.steps)) for item in campaign.found]


@pytest.mark.parametrize(
    ("address", "how", "seen"),
    [
        ("client:anything {uri}", "exit status 1", ""),
        ("client:anything {uri}", "killed by SIGFPE", "killed by SIGFPE"),
        ("spice-gtk:", "exit status 1", "exit status 1"),
    ],
)
def test_a_client_may_leave_only_where_each_session_starts_it(
    address: str, how: str, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = open_target(address)
    monkeypatch.setattr(type(target), "ended", property(lambda target: how))
    assert Watch(target).ended == seen


@pytest.mark.parametrize("address", ["qemu:", "spice-gtk:"])
def test_the_end_of_a_process_is_seen_and_the_next_conversation_has_another(address: str) -> None:
    with started(address) as stage:

        def kill(play: Play) -> None:
            process = stage.watch.process
            assert process is not None and process.ended is None
            play.do(parse("main: type 999"))
            os.kill(process.id, signal.SIGABRT)

        (finding,) = stage.converse(kill).findings
        assert (finding.kind, finding.where) == ("ended", "killed by SIGABRT")
        assert "main" not in finding.outline and finding.outline.endswith(": peer process ended")
        assert not stage.replay([parse("main: type 999")]).findings
        assert stage.watch.ended == ""


def test_the_memory_of_a_process_is_known() -> None:
    with started("qemu:") as stage:
        assert stage.watch.memory > 10 << 20 and not stage.watch.too_much
        tight = Watch(stage.target, most=-(1 << 40))
        tight.begin()
        assert "more than" in tight.too_much
        log = stage.watch.process.log  # type: ignore[union-attr]
        stage.watch.sanitizer()
        with log.open("ab") as out:
            out.write(b"==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x6020 at pc 0x1\n")
        assert stage.watch.sanitizer() == "AddressSanitizer: heap-use-after-free" and stage.watch.sanitizer() == ""
