"""A guest on its way to another server: all that its devices know, as values.

    moved = pack(guest)          what they know now; the guest is to stand still
    unpack(guest, moved)         another guest knows the same; nobody is told

What runs in the guest is not in here, see :mod:`reference_server.moved`; nor what is outside of it, behind sockets. Who packs
and who unpacks are two programs: :func:`unpack` takes nothing that a device could not know, and raises RemoteError for it.
"""

from __future__ import annotations

from typing import Final, get_args

import msgspec

from reference_server.guest.card_reader import CardReader
from reference_server.guest.clipboard import Held
from reference_server.guest.cursor import Shape
from reference_server.guest.guest import Guest
from reference_server.guest.pointer import PointerKind
from reference_server.guest.port import Port
from reference_server.guest.screen import PackedSurface
from spiceproto.enums.agent import AgentPort
from spiceproto.enums.inputs import KeyboardModifierFlags
from spiceproto.errors import LocalError, RemoteError
from spiceproto.messages.display import Head

__all__ = ["MovedGuest", "pack", "unpack"]

_DISPLAYS: Final = 256
_SURFACES: Final = 10_000
_LOCKS: Final = int(sum(KeyboardModifierFlags))


class MovedScreen(msgspec.Struct, frozen=True, kw_only=True):
    """What one display shows.

    * ``surfaces``: all of them, the primary one first
    * ``heads``: parts of them that are monitors
    * ``steps``, ``images``: how often it has drawn by itself, and the number of its last picture
    """

    surfaces: tuple[PackedSurface, ...]
    heads: tuple[Head, ...]
    steps: int
    images: int


class MovedCursor(msgspec.Struct, frozen=True, kw_only=True):
    """The pointer of one display."""

    shape: Shape | None
    place: tuple[int, int]
    visible: bool
    trail: tuple[int, int]


class MovedReader(msgspec.Struct, frozen=True, kw_only=True):
    """A card reader: what a client calls it, the card in it, and the commands that the card has not answered."""

    present: bool
    name: bytes
    atr: bytes | None
    commands: tuple[bytes, ...]


class MovedPort(msgspec.Struct, frozen=True, kw_only=True):
    """A serial line: type and id of its channel, its name, and whether the guest has it open; the number of the last connection
    through it, and those that are open.
    """

    key: tuple[int, int]
    name: str
    opened: bool
    last: int
    open: tuple[int, ...]


class MovedGuest(msgspec.Struct, frozen=True, kw_only=True):
    """All devices of a guest.

    * ``screens``, ``cursors``: by the number of the display
    * ``pointer``: what it listens to
    * ``locks``, ``held_locks``: lock keys that are on; those that are down, as scan codes
    * ``agent``: whether an agent is there; ``unread`` is what the server has told it and it has not read
    * ``clipboards``: what each selection has
    * ``files``: those on a disk in memory
    * ``speaker``, ``microphone``: left volume, right volume, and whether it is muted; ``listens``: whether it wants to hear
    * ``readers``: card readers of the guest's own
    * ``ports``: its serial lines
    """

    screens: dict[int, MovedScreen]
    cursors: dict[int, MovedCursor]
    pointer: str
    locks: int
    held_locks: tuple[bytes, ...]
    agent: bool
    unread: tuple[bytes, ...]
    clipboards: dict[int, Held]
    files: dict[str, bytes]
    speaker: tuple[int, int, bool]
    microphone: tuple[int, int, bool]
    listens: bool
    readers: tuple[MovedReader, ...]
    ports: tuple[MovedPort, ...]


def pack(guest: Guest) -> MovedGuest:
    """What a guest knows. Raises LocalError for one of which a part is outside of it, and would stay behind."""
    if any(not isinstance(reader, CardReader) for reader in guest.readers):
        raise LocalError("a card reader of the guest is another program, and can not move")
    if any(socket.bridge is not None for socket in guest.usb.values()):
        raise LocalError("a USB socket of the guest leads to another program, and can not move")
    if guest.agent.outside:
        raise LocalError("the agent of the guest is another program, and can not move")
    return MovedGuest(
        screens={
            number: MovedScreen(surfaces=screen.pack(), heads=screen.heads, steps=screen.counts[0], images=screen.counts[1])
            for number, screen in guest.screens.items()
        },
        cursors={
            number: MovedCursor(shape=cursor.shape, place=(cursor.x, cursor.y), visible=cursor.visible, trail=cursor.trail)
            for number, cursor in guest.cursors.items()
        },
        pointer=guest.pointer.kind,
        locks=int(guest.keyboard.locks),
        held_locks=guest.keyboard.held_locks,
        agent=guest.agent.present,
        unread=guest.agent.unread_of(AgentPort.SERVER_PORT),
        clipboards=guest.clipboard.pack(),
        files=dict(guest.disk.files),
        speaker=(*guest.speaker.volume, guest.speaker.muted),
        microphone=(*guest.microphone.volume, guest.microphone.muted),
        listens=guest.microphone.listens,
        readers=tuple(
            [
                MovedReader(present=reader.present, name=reader.name, atr=reader.atr, commands=reader.commands)
                for reader in guest.readers
                if isinstance(reader, CardReader)
            ]
        ),
        ports=tuple([_moved_port(key, guest.ports[key]) for key in guest.ports.keys]),
    )


def _moved_port(key: tuple[int, int], port: Port) -> MovedPort:
    return MovedPort(key=key, name=port.name, opened=port.opened, last=port.last, open=tuple(sorted(port.open)))


def unpack(guest: Guest, moved: MovedGuest) -> None:
    """Know the same, and tell nobody. Raises RemoteError, after which the guest may know a part of it."""
    check(guest, moved)
    for number, screen in moved.screens.items():
        guest.screens[number].unpack(screen.surfaces, screen.heads, (screen.steps, screen.images))
    for number, found in moved.cursors.items():
        cursor = guest.cursors[number]
        cursor.shape, (cursor.x, cursor.y) = found.shape, found.place
        cursor.visible, cursor.trail = found.visible, found.trail
    guest.pointer.kind = moved.pointer  # type: ignore[assignment]  # it was looked at
    guest.keyboard.unpack(KeyboardModifierFlags(moved.locks), moved.held_locks)
    guest.agent.arrive(moved.agent, [(AgentPort.SERVER_PORT, chunk) for chunk in moved.unread])
    guest.clipboard.unpack(moved.clipboards)
    for name, content in moved.files.items():
        guest.disk.put(name, content)
    for device, (left, right, muted) in ((guest.speaker, moved.speaker), (guest.microphone, moved.microphone)):
        device.volume, device.muted = (left, right), muted
    guest.microphone.listens = moved.listens
    for reader, had in zip(guest.readers, moved.readers, strict=False):
        if isinstance(reader, CardReader):
            reader.unpack(present=had.present, name=had.name, atr=had.atr, commands=had.commands)
    for port in moved.ports:
        guest.ports.unpack(port.key, port.name, opened=port.opened, last=port.last, left=port.open)


def check(guest: Guest, moved: MovedGuest) -> None:
    """Whether a guest like this one can know that. Raises RemoteError."""
    numbers = {*moved.screens, *moved.cursors}
    if not numbers <= set(range(_DISPLAYS)):
        raise RemoteError("a display that can not be", path="screens", expected=f"0 to {_DISPLAYS - 1}")
    if moved.pointer not in get_args(PointerKind):
        raise RemoteError("a pointer is relative or absolute", path="pointer", actual=moved.pointer[:40])
    if moved.locks & ~_LOCKS or moved.locks < 0:
        raise RemoteError("lock keys that there are not", path="locks", actual=str(moved.locks))
    if len(moved.readers) > len(guest.readers):
        raise RemoteError(
            "the guest had more card readers than there are here",
            path="readers",
            expected=f"at most {len(guest.readers)}",
            actual=str(len(moved.readers)),
        )
    for number, screen in moved.screens.items():
        if len(screen.surfaces) > _SURFACES:
            raise RemoteError("a display has too many surfaces", path=f"screens.{number}", expected=f"at most {_SURFACES}")
