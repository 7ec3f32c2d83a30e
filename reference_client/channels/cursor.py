"""The cursor channel (spec/09-cursor.md): the shape of the guest's pointer, and where the server has it.

What is shown of it :mod:`reference_client.picture` says. A client without ``canvas`` takes what comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reference_client.channels.base import ClientChannel
from reference_client.events import NotDrawn
from reference_client.host import Host
from reference_client.line import Line
from reference_client.picture import Pointers

if TYPE_CHECKING:
    from spiceproto.canvas.cursor import Pointer

__all__ = ["CursorChannel"]


class CursorChannel(ClientChannel):
    """``pointer`` is what the server said; None unless pictures are wanted."""

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self.pointer: Pointer | None = host.shared(Pointers).pointer(self.id) if host.options.canvas else None

    def handle(self, value: Any, now: float) -> None:
        """Keep the shape, or go on without one."""
        pointer = self.pointer
        if pointer is not None:
            known = len(pointer.problems)
            pointer.handle(value)
            for problem in pointer.problems[known:]:
                self.host.tell(NotDrawn.of(problem, "cursor", self.id))
            for follow in self.host.shared(Pointers).followers:
                follow(self.id)
        super().handle(value, now)
