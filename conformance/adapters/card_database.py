"""An NSS database whose certificates play a smart card in libcacard, for clients of spice-gtk."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

from conformance.adapters.process import TargetUnusable, missing_programs, program

__all__ = ["make_card_database"]

_PROGRAM: Final = "certutil"
_NAMES: Final = ("user1", "user2", "user3")
"""libcacard wants three of them: one to log in, one to sign, one to decrypt."""

_NOISE: Final = 2048
_SECONDS: Final = 60


def make_card_database(folder: Path) -> str:
    """Make one in this folder, and say what libcacard calls it. Raises TargetUnusable where that is not possible."""
    missing = missing_programs(_PROGRAM)
    if missing:
        raise TargetUnusable(f"{missing}; Debian has it in libnss3-tools")
    folder.mkdir(exist_ok=True)
    noise = folder / "noise"
    noise.write_bytes(os.urandom(_NOISE))
    name = f"sql:{folder}"
    commands = [["-N", "--empty-password"]]
    for number, user in enumerate(_NAMES, 1):
        what = ["-n", user, "-s", f"CN={user}", "-x", "-t", "CT,CT,CT", "-v", "120", "-m", str(number)]
        commands.append(["-S", "-z", str(noise), *what])
    for command in commands:
        try:
            done = subprocess.run([program(_PROGRAM), *command, "-d", name], capture_output=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TargetUnusable(f"{_PROGRAM}: {error}") from None
        if done.returncode:
            raise TargetUnusable(f"{_PROGRAM}: {done.stderr.decode(errors='replace').strip()}")
    return name
