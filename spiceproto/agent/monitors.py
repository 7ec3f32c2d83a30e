"""MONITORS_CONFIG as the agent at the other end takes it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from spiceproto import limits
from spiceproto.agent.terms import Terms
from spiceproto.enums.agent import MonitorsConfigFlags
from spiceproto.errors import LocalError
from spiceproto.messages.agent import MonConfig, MonitorMM, MonitorsConfig

__all__ = ["Monitor", "monitors_config"]


class Monitor(msgspec.Struct, frozen=True):
    """What a client would like of one monitor; pixels, and millimetres (0 if they are not known). 0 by 0 is off."""

    width: int
    height: int
    x: int = 0
    y: int = 0
    depth: int = 32
    width_mm: int = 0
    height_mm: int = 0


def monitors_config(terms: Terms, monitors: Sequence[Monitor], *, positions: bool = True) -> MonitorsConfig:
    """The message; what the agent did not announce is left out.

    Positions stand only where the agent has MONITORS_CONFIG_POSITION (and ``positions`` are wanted), else they are 0 and the
    guest arranges its monitors; monitors that are off only where it has SPARSE_MONITORS_CONFIG; sizes in millimetres only where
    one is known and :attr:`Terms.physical_sizes` allows it. Raises LocalError for more than ``limits.MONITORS``.
    """
    chosen = [monitor for monitor in monitors if terms.sparse_monitors or (monitor.width and monitor.height)]
    if len(chosen) > limits.MONITORS:
        raise LocalError("too many monitors", expected=f"at most {limits.MONITORS}", actual=str(len(chosen)))
    places = positions and terms.positions
    sizes = terms.physical_sizes and any(monitor.width_mm or monitor.height_mm for monitor in chosen)
    flags = MonitorsConfigFlags(0)
    if places:
        flags |= MonitorsConfigFlags.USE_POS
    if sizes:
        flags |= MonitorsConfigFlags.PHYSICAL_SIZE
    return MonitorsConfig(
        flags=flags,
        monitors=tuple(
            [
                MonConfig(
                    height=monitor.height,
                    width=monitor.width,
                    depth=monitor.depth,
                    x=monitor.x if places else 0,
                    y=monitor.y if places else 0,
                )
                for monitor in chosen
            ]
        ),
        physical_sizes=tuple([MonitorMM(monitor.height_mm, monitor.width_mm) for monitor in chosen]) if sizes else None,
    )
