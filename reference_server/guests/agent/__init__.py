"""A guest with an agent: clipboards, files, monitors, volume and the pointer, and a screen that shows what came of them."""

from __future__ import annotations

from reference_server.guests.agent.board import Board
from reference_server.guests.agent.keeper import Keeper
from reference_server.guests.agent.monitors import Monitor, Monitors
from reference_server.guests.agent.played import DesktopConfigured, LineEnds, PlayedAgent
from reference_server.guests.desktop import arrow
from reference_server.guests.mouse import Mouse
from reference_server.guests.program import Program

__all__ = ["DesktopConfigured", "LineEnds", "Monitor", "Monitors", "PlayedAgent", "agent", "agent_crlf"]


def _run(program: Program, line_ends: LineEnds) -> None:
    kind = program.guest.agent_program or PlayedAgent
    played = program.guest.agent.player if program.resumed else None
    if played is None:
        played = kind(program.guest, program.displays, line_ends=line_ends)
    Keeper(program)
    Board(program, played)
    Mouse(program).show(arrow())
    program.at_end(played.stop)


def agent(program: Program) -> None:
    """An agent of a guest whose lines end with LF."""
    _run(program, "lf")


def agent_crlf(program: Program) -> None:
    """An agent of a guest whose lines end with CR LF, as those of Windows do."""
    _run(program, "crlf")
