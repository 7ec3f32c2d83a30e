"""spice-client of npm, a port of spice-html5 to TypeScript, in Chromium.

It is looked for where Node.js looks for packages: in the folders that ``NODE_PATH`` names, in ``node_modules`` of this folder
and of those above it, and where ``npm install -g`` puts it. Seen to work with spice-client 1.2.0 and Chromium 156, as
spice-html5 does.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from conformance.adapters.browser_client import BrowserClient

__all__ = ["NpmSpiceClient"]

_PACKAGE: Final = "spice-client"
_GLOBAL: Final = (Path("/usr/local/lib/node_modules"), Path("/usr/lib/node_modules"))


class NpmSpiceClient(BrowserClient):
    """spice-client, wherever npm has put it."""

    scheme = "npm-spice-client"
    module = "dist/esm/index.js"

    @classmethod
    def installed(cls) -> Path | None:
        here = Path.cwd()
        named = [Path(name) for name in os.environ.get("NODE_PATH", "").split(os.pathsep) if name]
        folders = [*named, *[folder / "node_modules" for folder in (here, *here.parents)], *_GLOBAL]
        return next((folder / _PACKAGE for folder in folders if (folder / _PACKAGE / cls.module).exists()), None)

    def release_name(self) -> str:
        folder = self.installed()
        assert folder is not None
        return str(json.loads((folder / "package.json").read_text()).get("version", ""))
