"""spice-html5, the SPICE project's client for browsers, in Chromium.

Debian's package is served from where it is installed. Seen to work with spice-html5 0.3.0 and Chromium 156: tickets, keys,
buttons, the wheel, motions and positions, pictures. It asks for client mouse mode by itself whenever the server offers it.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

from conformance.adapters.browser_client import BrowserClient

__all__ = ["SpiceHtml5"]

_FOLDER: Final = Path("/usr/share/spice-html5")


class SpiceHtml5(BrowserClient):
    """spice-html5 of the system."""

    scheme = "spice-html5"
    module = "main.js"

    @classmethod
    def installed(cls) -> Path | None:
        return _FOLDER if (_FOLDER / cls.module).exists() else None

    def release_name(self) -> str:
        # Its files do not say it.
        try:
            asked = ["dpkg-query", "-W", "-f=${Version}", "spice-html5"]
            found = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False).stdout
        except OSError:
            return ""
        return re.sub(r"-[^-]*$", "", found.strip())
