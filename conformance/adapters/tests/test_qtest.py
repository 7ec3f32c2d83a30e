"""QEMU's test protocol, spoken with a socket that plays QEMU, and a sound card that it sets to work."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.adapters import pci
from conformance.adapters.qtest import Qtest
from conformance.adapters.sound_card import SoundCard, start_sound
from spiceproto.tests.peers import PATIENCE

CARD, SLOT, REGISTERS, MIXER = 0x24158086, 3, 0xC400, 0xC000


class Machine:
    """A machine with a sound card: answers reads, keeps writes; refuses what it does not know."""

    def __init__(self, *, card: int = CARD) -> None:
        self.card = card
        self.ports: dict[int, int] = {}
        self.memory: dict[int, int] = {}
        self._at = 0

    def answer(self, line: str) -> str:
        command, *words = line.split()
        place, value = int(words[0], 16), int(words[1], 16) if len(words) > 1 else 0
        if command in ("outl", "outw", "outb"):
            if place == 0xCF8:
                self._at = value
            self.ports[place] = value
        elif command == "writel":
            self.memory[place] = value
        elif command == "inl" and place == 0xCF8:
            return f"OK {self._at:#x}"
        elif command == "inl" and self._at >> 11 & 31 == SLOT:
            known = {0: self.card, 4: 0x2800103, 0x10: MIXER | 1, 0x14: REGISTERS | 1}
            return f"OK {known.get(self._at & 0xFF, 0):#x}"
        elif command == "inl":
            return "OK 0xffffffff"
        else:
            return "FAIL Unknown command"
        return "OK"


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def qtest(tmp_path: Path, machine: Machine) -> Iterator[Qtest]:
    place = str(tmp_path / "qtest")
    server = socket.socket(socket.AF_UNIX)
    server.bind(place)
    server.listen()

    def play() -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rw") as lines:
            for line in lines:
                lines.write("IRQ raise 1\n" + machine.answer(line) + "\n")
                lines.flush()

    thread = threading.Thread(target=play, daemon=True)
    thread.start()
    with Qtest(place, patience=PATIENCE) as found:
        yield found
    thread.join(PATIENCE)
    server.close()
    assert not thread.is_alive()


@contextmanager
def paused() -> Iterator[None]:
    yield


def test_values_and_refusals(qtest: Qtest, machine: Machine) -> None:
    qtest.outb(0x80, 7)
    qtest.writel(0x1000, 0x1234)
    assert machine.ports == {0x80: 7} and machine.memory == {0x1000: 0x1234}
    assert qtest.inl(0xCFC) == 0xFFFFFFFF
    with pytest.raises(OSError, match="refuses inb 0x80: FAIL Unknown command"):
        qtest.inb(0x80)


def test_both_directions_run(qtest: Qtest, machine: Machine) -> None:
    qtest.outl(0xCF8, 0x80000042)
    assert start_sound(qtest, paused) == (REGISTERS, MIXER)
    assert machine.ports[0xCF8] == 0x80000042, "what the guest had selected is selected again"
    lists = [machine.ports[REGISTERS + direction] for direction in (0, 0x10)]
    assert [machine.ports[REGISTERS + direction + 11] for direction in (0, 0x10)] == [1, 1]
    assert len({machine.memory[place] for place in lists}) == 2, "each has a buffer of its own"
    assert machine.ports[0xCFC] & 4, "the card may read and write memory"


def test_a_card_is_as_loud_as_it_can_be(qtest: Qtest, machine: Machine) -> None:
    SoundCard(qtest, REGISTERS, MIXER).be_loud()
    assert machine.ports == {MIXER + 2: 0, MIXER + 0x18: 0}


def test_a_machine_without_a_card(qtest: Qtest, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.card = 0x12345678
    monkeypatch.setattr(pci, "_PATIENCE", 0.0)
    with pytest.raises(TimeoutError, match="no PCI card"):
        start_sound(qtest, paused)
