"""Who moves the pointer: the mouse mode, and which modes there are (spec/04-mouse.md).

The mode belongs to the guest and is the same for all sessions. SERVER is always to be had. CLIENT is while an agent moves
the pointer, or a tablet does: that is, while nobody but the client needs to know where the pointer is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from reference_server.guest import Agent, AgentChanged, Pointer, PointerChanged
from reference_server.watched import Watched
from spiceproto.enums.main import MouseMode

__all__ = ["ModesChanged", "MouseModes"]

_BOTH: Final = MouseMode.SERVER | MouseMode.CLIENT


class ModesChanged(msgspec.Struct, frozen=True):
    """The mode is another one, or the supported ones are."""


class MouseModes(Watched):
    """Follows ``pointer`` and ``agent``; ``displays`` says how many displays there are, ``agent_mouse`` whether an agent may
    move the pointer. Tells :class:`ModesChanged`.

    ``mode``       who moves the pointer
    ``supported``  who could
    ``told``       what clients that come from another server were told there, the mode last; None where none comes
    """

    def __init__(self, pointer: Pointer, agent: Agent, displays: Callable[[], int], *, agent_mouse: bool = True) -> None:
        super().__init__()
        self._pointer = pointer
        self._agent = agent
        self._displays = displays
        self._agent_mouse = agent_mouse
        self.mode = MouseMode.SERVER
        self.supported = self.find_supported()
        self.told: tuple[int, int] | None = None
        # Clients hear of the agent before they hear what follows from it.
        # What they do is looked up then: a server may become one with a fault here (Server.become).
        pointer.watch(lambda news: self.update(news), PointerChanged, last=True)
        agent.watch(lambda news: self.update(news), AgentChanged, last=True)

    def find_supported(self) -> MouseMode:
        """What the guest's devices allow (SPICE-MOUSE-010). With two displays a tablet does not know which one it is on."""
        tablet = self._pointer.kind == "absolute" and self._displays() == 1
        return _BOTH if tablet or (self._agent_mouse and self._agent.present) else MouseMode.SERVER

    def update(self, news: Any = None) -> None:
        """Something that the modes depend on has changed; a mode that is gone gives way to SERVER (SPICE-MOUSE-009)."""
        supported = self.find_supported()
        self.change(supported, self.mode if self.mode & supported else MouseMode.SERVER)

    def move(self, supported: int, mode: int) -> None:
        """The guest comes from another server, where it had these modes; they stay, as far as they can be."""
        self.supported = self.find_supported()
        self.mode = (
            MouseMode(mode) if mode in (MouseMode.SERVER, MouseMode.CLIENT) and mode & self.supported else MouseMode.SERVER
        )
        self.told = (supported, mode)

    @property
    def differ(self) -> bool:
        """Whether clients that come from another server were told something else there."""
        return self.told is not None and self.told != (int(self.supported), int(self.mode))

    def request(self, mode: int) -> None:
        """A client asks for a mode (SPICE-MOUSE-005, SPICE-MOUSE-006)."""
        if mode in (MouseMode.SERVER, MouseMode.CLIENT) and mode & self.supported:
            self.change(self.supported, MouseMode(mode))

    def reset(self) -> None:
        """Begin with SERVER, for a client that finds nobody here; INIT says so."""
        self.mode = MouseMode.SERVER

    def change(self, supported: MouseMode, mode: MouseMode) -> None:
        """Have these modes, and say so if that is new (SPICE-MOUSE-003, SPICE-MOUSE-004)."""
        if (supported, mode) != (self.supported, self.mode):
            self.supported, self.mode = supported, mode
            self.announce()

    def announce(self) -> None:
        """Tell whoever watches."""
        self.tell(ModesChanged())
