"""Where tests find recorded sessions: a few beside the tests, more in the folder that SPICEPROTO_CAPTURES names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "captures"
FOLDER = Path(os.environ["SPICEPROTO_CAPTURES"]) if os.environ.get("SPICEPROTO_CAPTURES") else None


def names() -> list[str]:
    """Names of the recordings in the folder, without suffix."""
    return sorted(path.stem for path in FOLDER.glob("*.pcapng")) if FOLDER is not None else []


def recording(name: str) -> Path:
    """The file; skips the test if it is not there."""
    for folder in (FOLDER, HERE):
        if folder is not None and (folder / f"{name}.pcapng").exists():
            return folder / f"{name}.pcapng"
    pytest.skip("set SPICEPROTO_CAPTURES to a folder with recordings")
