"""axe-core, which says of a page what keeps people from using it; ``npm install axe-core`` puts it there."""

from __future__ import annotations

import os
from pathlib import Path

from spiceproto.tests.peers import absent

__all__ = ["axe"]


def axe() -> str:
    """Its source."""
    folders = [Path(os.environ["SPICEPROTO_AXE"])] if os.environ.get("SPICEPROTO_AXE") else list(Path(__file__).parents)
    found = [path for folder in folders if (path := folder / "node_modules/axe-core/axe.min.js").exists()]
    return found[0].read_text(encoding="utf-8") if found else absent("not installed: axe-core (SPICEPROTO_AXE)")
