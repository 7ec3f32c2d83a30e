"""An AC'97 sound card of QEMU that plays and records from now on, as if a driver in the guest had started it.

QEMU opens both directions when the card is there, so that playback and record channels are listed; nothing is said on them
before a driver sets the card to work. Intel 82801AA: numbers are those of its data sheet; it has 48000 frames a second of two
sound channels, 16 bits each, the left one first.

A card goes once through a list of buffers. At first that is one of silence, and its last sample is repeated;
:meth:`SoundCard.play` and :meth:`SoundCard.listen` begin another list.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from conformance.adapters.pci import Pci
from conformance.adapters.qtest import Qtest

__all__ = ["DEVICE", "FREQUENCY", "SoundCard", "start_sound"]

DEVICE: Final = "AC97"
"""Its name at QEMU."""

_VENDOR_AND_DEVICE: Final = 0x24158086
_FIRST_BASE, _SECOND_BASE = 0x10, 0x14
"""Where the configuration says where the mixer, and the directions, have their ports."""

_MASTER, _SAMPLES_OUT = 0x02, 0x18
"""Registers of the mixer: what they take away of the sound, 0 for nothing; at first both are mute."""

_RECORD, _PLAYBACK = 0, 0x10
"""Where the registers of each direction begin: address of the list of buffers, its last entry, control."""
_LAST, _STATUS, _CONTROL = 5, 6, 11
_HALTED: Final = 1
_RUN: Final = 1

_MEMORY: Final = 32 << 20
"""Where the lists and buffers lie, far from what a guest of ours uses."""
_APART: Final = 0x10000
_HEARD: Final = _MEMORY + (4 << 20)
_SAMPLES: Final = 0x4000

_BUFFERS: Final = 32
"""Entries of a list."""
_ENTRY: Final = 8
_RESET: Final = 2
_MOST: Final = 0xFFFE
"""Samples of a buffer."""

FREQUENCY: Final = 48000
"""Frames a second."""

_FRAME: Final = 4
"""Bytes of a frame."""


class SoundCard:
    """A card that was set to work; ``machine`` is the connection to its machine for the moment.

    ``registers`` and ``mixer`` are where its ports begin.
    """

    def __init__(self, machine: Qtest, registers: int, mixer: int) -> None:
        self._machine = machine
        self._registers = registers
        self._mixer = mixer

    def be_loud(self) -> None:
        """Play as loud as it can; at first it is mute."""
        for register in (_MASTER, _SAMPLES_OUT):
            self._machine.outw(self._mixer + register, 0)

    def play(self, data: bytes) -> None:
        """Play these bytes of samples 32 times, one behind the other; at most 32767 frames."""
        place = _MEMORY + 4 * _APART
        self._machine.write(place + _APART, data)
        self._begin(_PLAYBACK, place, [(place + _APART, len(data) // 2)] * _BUFFERS)

    def listen(self, frames: int) -> None:
        """Record so many frames, 524240 at most, from now on."""
        size = min(frames * 2, _BUFFERS * _MOST)
        starts = range(0, size, _MOST)
        self._begin(_RECORD, _HEARD, [(_HEARD + _APART + 2 * at, min(size - at, _MOST)) for at in starts])
        self._frames = size // 2

    @property
    def listens(self) -> bool:
        """Whether it has not recorded all of it."""
        return not self._machine.inb(self._registers + _RECORD + _STATUS) & _HALTED

    def heard(self, frames: int) -> bytes:
        """The first frames of what was recorded."""
        return self._machine.read(_HEARD + _APART, frames * _FRAME)

    def _begin(self, direction: int, place: int, buffers: list[tuple[int, int]]) -> None:
        machine, base = self._machine, self._registers + direction
        machine.outb(base + _CONTROL, 0)
        machine.outb(base + _CONTROL, _RESET)
        for number, (address, samples) in enumerate(buffers):
            machine.writel(place + _ENTRY * number, address)
            machine.writel(place + _ENTRY * number + 4, samples)
        machine.outl(base, place)
        machine.outb(base + _LAST, len(buffers) - 1)
        machine.outb(base + _CONTROL, _RUN)


def start_sound(machine: Qtest, paused: Callable[[], AbstractContextManager[None]]) -> tuple[int, int]:
    """Wait until the firmware has set up the card, and set both directions to work; where their ports and the mixer's are.

    Raises OSError if that never happens.

    ``paused`` stops the machine for a while: the registers through which cards are found are the guest's, too.
    """
    bus = Pci(machine, paused)
    registers = bus.ports(_VENDOR_AND_DEVICE, _SECOND_BASE)
    _run(machine, registers)
    return registers, bus.ports(_VENDOR_AND_DEVICE, _FIRST_BASE)


def _run(machine: Qtest, registers: int) -> None:
    for number, direction in enumerate((_RECORD, _PLAYBACK)):
        buffers = _MEMORY + 2 * number * _APART
        machine.writel(buffers, buffers + _APART)
        machine.writel(buffers + 4, _SAMPLES)
        machine.outl(registers + direction, buffers)
        machine.outb(registers + direction + _LAST, 0)
        machine.outb(registers + direction + _CONTROL, _RUN)
