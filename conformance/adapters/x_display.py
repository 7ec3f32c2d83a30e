"""An X display without a screen: Xvfb. There is no window manager: who wants the keyboard for a window gives it the focus.

openbox was seen to stop managing windows after some clients had been killed as they started: no later window appeared.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Final

from conformance.adapters.process import Process, program

__all__ = ["PROGRAMS", "XDisplay"]

PROGRAMS: Final = ("Xvfb", "xdotool")

_PATIENCE: Final = 10.0
_PAUSE: Final = 0.02
_COMMAND: Final = 10.0


class XDisplay:
    """``environment`` is what a program needs to open its windows there. Raises TargetUnusable if it does not come up."""

    def __init__(self, folder: Path, size: tuple[int, int] = (1600, 1200)) -> None:
        number = folder / "display-number"
        screen = f"{size[0]}x{size[1]}x24"
        # The number of the first free display goes to standard output, which is the log.
        self.server = Process(
            [program("Xvfb"), "-displayfd", "1", "-screen", "0", screen, "-nolisten", "tcp", "-noreset"], log=number
        )
        try:
            self.environment = {
                "DISPLAY": self._display(number),
                "GDK_BACKEND": "x11",
                "NO_AT_BRIDGE": "1",
                "GTK_THEME": "Adwaita",
                "HOME": str(folder),
                "XDG_CONFIG_HOME": str(folder),
            }
        except BaseException:
            self.stop()
            raise

    def _display(self, number: Path) -> str:
        deadline = time.monotonic() + _PATIENCE
        while True:
            found = next((line for line in number.read_text(errors="replace").splitlines(True) if line.strip().isdigit()), "")
            if found.endswith("\n"):
                return f":{found.strip()}"
            if self.server.ended is not None or time.monotonic() > deadline:
                raise self.server.unusable("does not come up")
            time.sleep(_PAUSE)

    def xdotool(self, *words: str) -> str:
        """What xdotool prints; "" if it fails, as it does when it finds no window."""
        found = subprocess.run(
            [program("xdotool"), *words],
            capture_output=True,
            text=True,
            timeout=_COMMAND,
            check=False,
            env={"PATH": "/usr/bin:/bin", **self.environment},
        )
        return found.stdout.strip() if not found.returncode else ""

    def stop(self) -> None:
        """End it."""
        self.server.stop()
