"""What runs inside a guest: it draws, and answers keys and the mouse. A new one is a file here and a row below.

Each is started with a guest and the number of its displays, and watches devices until another one is. It knows no client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from reference_server.guest import Guest
from reference_server.guests.agent import agent, agent_crlf
from reference_server.guests.card import card
from reference_server.guests.desktop import desktop
from reference_server.guests.flash import flash
from reference_server.guests.gallery import gallery
from reference_server.guests.meter import meter
from reference_server.guests.program import Program
from reference_server.guests.sweep import sweep
from reference_server.guests.tone import tone
from reference_server.guests.two_displays import two_displays
from reference_server.guests.video import video

__all__ = ["GUESTS", "Start"]

Start = Callable[..., None]


def chart(program: Program) -> None:
    """A colour chart is what every screen begins with."""


def _starts(name: str, start: Callable[[Program], None]) -> Start:
    def run(guest: Guest, displays: int, had: Mapping[str, Any] | None = None) -> None:
        if guest.program is not None:
            guest.program.stop()
        guest.program = program = Program(guest, displays, name, had)
        start(program)

    return run


GUESTS: Final[Mapping[str, Start]] = MappingProxyType(
    {
        name: _starts(name, start)
        for name, start in (
            ("chart", chart),
            ("gallery", gallery),
            ("desktop", desktop),
            ("two-displays", two_displays),
            ("tone", tone),
            ("sweep", sweep),
            ("meter", meter),
            ("flash", flash),
            ("video", video),
            ("card", card),
            ("agent", agent),
            ("agent-crlf", agent_crlf),
        )
    }
)
"""What starts each program, by name: called with the guest and the number of its displays; ``had`` is what the program
remembers from another server."""
