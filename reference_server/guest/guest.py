"""All devices of one guest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from reference_server.guest.agent import Agent
from reference_server.guest.attached_reader import AttachedReader
from reference_server.guest.card_reader import CardReader
from reference_server.guest.clipboard import Clipboard
from reference_server.guest.cursor import Cursor
from reference_server.guest.disk import Disk
from reference_server.guest.keyboard import Keyboard
from reference_server.guest.pointer import Pointer, PointerKind
from reference_server.guest.port import Ports
from reference_server.guest.screen import Screen
from reference_server.guest.sound import Microphone, Speaker
from reference_server.guest.timer import Timer
from reference_server.guest.usb import UsbSocket

__all__ = ["Guest"]


class _Screens(dict[int, Screen]):
    """A screen is there as soon as somebody looks."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self._size = size

    def __missing__(self, number: int) -> Screen:
        found = self[number] = Screen(self._size)
        return found


class _Cursors(dict[int, Cursor]):
    """So is a pointer."""

    def __missing__(self, number: int) -> Cursor:
        found = self[number] = Cursor()
        return found


class _Sockets(dict[int, UsbSocket]):
    """So is a USB socket; some are there from the beginning."""

    def __init__(self, count: int) -> None:
        super().__init__({number: UsbSocket(number) for number in range(count)})

    def __missing__(self, number: int) -> UsbSocket:
        found = self[number] = UsbSocket(number)
        return found


class Running(Protocol):
    """What runs in a guest; see :mod:`reference_server.guests`."""

    @property
    def name(self) -> str:
        """What it is called."""

    def pack(self) -> dict[str, Any]:
        """What it remembers, for a server to which the guest goes."""

    def stop(self) -> None:
        """Listen to the devices no more."""


class Guest:
    """A guest that shows a picture. ``size`` is width and height of every screen, ``pointer`` what it listens to,
    ``readers`` and ``usb`` how many card readers and USB sockets there are for clients. A server has the channels of what is
    there when it is made, and of ports that are added.

    ``screens``   by the number of the display; each begins with a colour chart
    ``cursors``   by the number of the display; each is without a shape at first
    ``pointer``   the mouse or the tablet
    ``keyboard``  the keyboard
    ``agent``     the port of the agent, which is absent at first
    ``clipboard`` what its programs copy and paste
    ``disk``      where files go
    ``speaker``, ``microphone``  the sound card
    ``readers``   of smart cards, as many as are wanted; what is :class:`AttachedReader` is somewhere else
    ``ports``     its serial lines that have names, none at first
    ``usb``       USB sockets, by the number of the channel
    ``timer``     the clock chip
    ``agent_program``  what plays an agent in it; None for the usual one
    ``program``   what runs in it, None for nothing
    """

    def __init__(
        self, *, size: tuple[int, int] = (640, 480), pointer: PointerKind = "relative", readers: int = 0, usb: int = 0
    ) -> None:
        self.screens = _Screens(size)
        self.cursors = _Cursors()
        self.pointer = Pointer(pointer)
        self.keyboard = Keyboard()
        self.agent = Agent()
        self.clipboard = Clipboard()
        self.disk = Disk()
        self.speaker = Speaker()
        self.microphone = Microphone()
        self.readers: list[CardReader | AttachedReader] = [CardReader() for _ in range(readers)]
        self.ports = Ports()
        self.usb = _Sockets(usb)
        self.timer = Timer()
        self.agent_program: Callable[..., Any] | None = None
        self.program: Running | None = None
