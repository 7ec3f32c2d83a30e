#!/usr/bin/env python3
"""QEMU as a server to which things can be done from outside, through its monitor (QMP): what `spiceconf adapter new` begins.

python3 server.py start PORT            runs QEMU, until it is ended; the password is sesame
python3 server.py picture FILE.png      what its screen shows
python3 server.py set-password TEXT     of the next connection
python3 server.py expire-password S     in so many seconds

spiceconf run 127.0.0.1:5900 --config server.toml
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

SOCKET = Path(__file__).resolve().parent / "server.socket"
COMMAND = (
    "qemu-system-x86_64 -nodefaults -m 32 -display none -vga std -object secret,id=ticket,data=sesame"
    " -spice port={port},addr=127.0.0.1,password-secret=ticket -qmp unix:{socket},server=on,wait=off"
)
SECONDS = 10.0
"""In which QEMU answers."""


def commands(verb: str, value: str) -> list[dict[str, Any]]:
    """What the monitor is told for a verb. Raises KeyError for one that there is not."""
    spice = {"protocol": "spice"}
    return {
        "picture": [{"execute": "screendump", "arguments": {"filename": os.path.abspath(value), "format": "png"}}],
        "set-password": [
            {"execute": "set_password", "arguments": spice | {"password": value}},
            {"execute": "expire_password", "arguments": spice | {"time": "never"}},
        ],
        "expire-password": [{"execute": "expire_password", "arguments": spice | {"time": f"+{value}"}}],
    }[verb]


def told(questions: list[dict[str, Any]]) -> str:
    """Tell the monitor; what is wrong, "" for nothing."""
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.settimeout(SECONDS)
        monitor.connect(str(SOCKET))
        with monitor.makefile("rw") as lines:
            lines.readline()  # its greeting
            for question in [{"execute": "qmp_capabilities"}, *questions]:
                lines.write(json.dumps(question) + "\n")
                lines.flush()
                while "event" in (answer := json.loads(lines.readline())):
                    pass
                if "error" in answer:
                    return str(answer["error"]["desc"])
    return ""


def main(words: list[str]) -> int:
    """The exit status: 0 where what was asked for is done."""
    if len(words) != 2:
        print("expected: start PORT, picture FILE.png, set-password TEXT or expire-password SECONDS", file=sys.stderr)
        return 2
    if words[0] == "start":
        SOCKET.unlink(missing_ok=True)
        command = [word.format(port=words[1], socket=SOCKET) for word in COMMAND.split()]
        os.execvp(command[0], command)
    try:
        wrong = told(commands(*words))
    except KeyError:
        wrong = f"there is no verb {words[0]}"
    except (OSError, ValueError) as error:
        wrong = f"the monitor does not answer: {error}"
    if wrong:
        print(wrong, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
