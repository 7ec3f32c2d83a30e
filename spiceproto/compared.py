"""The sentences that no table decides: what is counted and compared in a session (:mod:`spiceproto.session`), and why."""

from __future__ import annotations

from typing import Final

from spiceproto import (
    agent_exchange,
    agent_stream,
    contents,
    descriptors,
    extents,
    keys,
    lip_sync,
    migration_data,
    migration_offer,
    port_bytes,
    redirection,
    samples,
    shares,
    video,
)

__all__ = ["ACROSS", "PICTURES", "REQUIREMENTS", "TIMED"]

PICTURES: Final = {
    **descriptors.REQUIREMENTS,
    **extents.REQUIREMENTS,
    **shares.REQUIREMENTS,
    **video.REQUIREMENTS,
}
"""Sentences that are read off display channels and nothing else."""

ACROSS: Final = frozenset({"SPICE-MAIN-019", *shares.REQUIREMENTS, *video.ACROSS, *lip_sync.ACROSS})
"""Sentences that no machine decides and that rest on what came first on which connection."""

TIMED: Final = frozenset({"SPICE-MAIN-019", *keys.TIMED, *video.TIMED, *lip_sync.TIMED})
"""Sentences that no machine decides and that rest on how much time has passed for the observer."""

REQUIREMENTS: Final = {
    **agent_exchange.REQUIREMENTS,
    **agent_stream.REQUIREMENTS,
    **contents.REQUIREMENTS,
    **PICTURES,
    **keys.REQUIREMENTS,
    **lip_sync.REQUIREMENTS,
    **migration_data.REQUIREMENTS,
    **migration_offer.REQUIREMENTS,
    **port_bytes.REQUIREMENTS,
    **redirection.REQUIREMENTS,
    **samples.REQUIREMENTS,
    "SPICE-FRAME-007": "a table can not name the types of messages that do not exist",
    "SPICE-LINK-030": "compares a field of one connection with a field of another",
    "SPICE-LINK-032": "compares a field of one connection with a field of another",
    "SPICE-MAIN-027": "compares the entries of one message",
    "SPICE-MAIN-019": "is about time after the end of another connection",
}
"""Sentences that a session judges itself, and why no machine can."""
