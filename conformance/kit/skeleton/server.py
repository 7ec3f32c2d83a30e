#!/usr/bin/env python3
"""@NAME@ as a server to which things can be done from outside: a command a verb.

    python3 server.py start PORT        runs the server, until it is ended
    python3 server.py VERB VALUE...     does one thing to it; server.toml says which verbs there are

What it starts is a stand-in. Put your server into COMMAND, and a command for each verb that it can be told into VERBS;
``spice-reference-ctl --role server --list`` has all of them. A verb that is not in server.toml is never asked for, and the
cases that need it are not applicable.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

SOCKET = Path(__file__).resolve().parent / "server.socket"
COMMAND = "spice-reference-server --port {port} --disable-ticketing --control-socket {socket}"
VERBS = {
    "animate": "{python} -m spiceproto.reference_ctl {socket} animate {0}",
    "lock-keys": "{python} -m spiceproto.reference_ctl {socket} lock-keys {0}",
    "picture": "{python} -m spiceproto.reference_ctl {socket} picture {0}",
}


def main(words: list[str]) -> int:
    """The exit status: 0 where what was asked for is done."""
    if len(words) == 2 and words[0] == "start":
        SOCKET.unlink(missing_ok=True)
        command = [word.format(port=words[1], socket=SOCKET) for word in shlex.split(COMMAND)]
        os.execvp(command[0], command)
    if not words or words[0] not in VERBS:
        print(f"expected: start PORT, or one of {', '.join(VERBS)} with its values", file=sys.stderr)
        return 2
    try:
        command = [word.format(*words[1:], socket=SOCKET, python=sys.executable) for word in shlex.split(VERBS[words[0]])]
    except IndexError:
        print(f"{words[0]} needs more values", file=sys.stderr)
        return 2
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
