"""The sound of ``spec/vectors/celt051``, and measures of sound."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from spiceproto.codecs import celt051, tier

__all__ = ["FOLDER", "INDEX", "READ", "TIERS", "decoded", "each_tier", "expected", "packets"]

FOLDER: Final = Path(__file__).parents[2] / "spec" / "vectors" / "celt051"


def _json(name: str) -> Any:
    path = FOLDER / name
    return json.loads(path.read_text()) if path.exists() else None


INDEX: Final[dict[str, list[dict[str, Any]]]] = _json("index.json") or {"sounds": [], "damaged": []}
READ: Final[list[dict[str, Any]]] = _json("read.json") or []

TIERS: Final[tuple[tier.Tier, ...]] = ("interpreted", "compiled")
each_tier: Final = pytest.mark.parametrize("which", TIERS)


def packets(name: str) -> list[bytes]:
    """All packets of a sound."""
    (size,) = (sound["packet_bytes"] for sound in INDEX["sounds"] if sound["name"] == name)
    data = (FOLDER / f"{name}.celt").read_bytes()
    return [data[at : at + size] for at in range(0, len(data), size)]


def expected(name: str) -> NDArray[np.int64]:
    """What the reference made of the first packets of a sound, or of what is damaged: ``(packets, 256, 2)``."""
    sound = np.fromfile(FOLDER / f"{name}.s16", "<i2").astype(np.int64)
    return sound.reshape(-1, celt051.FRAME, celt051.CHANNELS)


def decoded(these: Iterable[bytes | None], decoder: celt051.Decoder | None = None) -> NDArray[np.int64]:
    """What a decoder makes of packets: ``(packets, 256, 2)``."""
    decoder = decoder or celt051.Decoder()
    return np.stack([decoder.decode(packet) for packet in these]).astype(np.int64)
