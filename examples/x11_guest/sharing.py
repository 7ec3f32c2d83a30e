"""The guest's agent for an X display: clipboards are shared, and the display gets the size that a client wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reference_server import Guest, Program
from reference_server.guest import Offered, Pasted
from reference_server.guests.agent import Monitors, PlayedAgent
from spiceproto.enums.agent import ClipboardSelection, ClipboardType
from spiceproto.messages.agent import MonitorsConfig
from x11_guest.watcher import Watcher

__all__ = ["Sharing"]

_TEXT: Final = ClipboardType.UTF8_TEXT
_SHARED: Final = (ClipboardSelection.CLIPBOARD, ClipboardSelection.PRIMARY)


class Sizes(Monitors):
    """Monitors of a client: the first that is on is what the display should be as large as."""

    def __init__(self, guest: Guest, wish: Callable[[int, int], None]) -> None:
        super().__init__(guest, 1)
        self._wish = wish

    def set(self, value: MonitorsConfig) -> bool:
        """Ask for it; an X server that can not do that stays as it is."""
        on = [(each.width, each.height) for each in value.monitors if each.width and each.height]
        if not on:
            return False
        self._wish(*on[0])
        return True


class Sharing:
    """Plays the agent of ``program``; ``watcher`` is asked for what is to be done in X, and tells :meth:`copied` and so on."""

    def __init__(self, program: Program, watcher: Watcher) -> None:
        self._program = program
        self._clipboard = program.guest.clipboard
        self._order = watcher.order
        agent = program.guest.agent_program or PlayedAgent
        played = agent(program.guest, program.displays)
        played.monitors = Sizes(program.guest, lambda width, height: watcher.order(lambda server: server.resize(width, height)))
        program.at_end(played.stop)
        program.watch(self._clipboard, self._offered, Offered)
        program.watch(self._clipboard, self._pasted, Pasted)

    def _offered(self, news: Offered) -> None:
        if news.selection in _SHARED:
            self._order(lambda server: server.offer(news.selection, _TEXT in news.types))

    def _pasted(self, news: Pasted) -> None:
        if news.selection in _SHARED:
            self._order(lambda server: server.arrive(news.selection, news.data))

    # -- on the watcher's thread

    def copied(self, selection: int, text: bytes) -> None:
        """A program of X has copied this."""
        self._program.call(lambda: self._clipboard.copy({_TEXT: text}, selection))

    def cleared(self, selection: int) -> None:
        """Nothing of X can be pasted any more."""
        self._program.call(lambda: self._clipboard.clear(selection))

    def wanted(self, selection: int) -> None:
        """A program of X wants what a client has copied."""
        self._program.call(lambda: self._clipboard.paste(_TEXT, selection))
