"""What to do about a target that cannot be tested: a row for each way in which the first conversation fails.

The texts are the suite's own, of :mod:`conformance.outcome` and of the first case; a target's words stand in them only
where nothing else is known.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["advice"]

_ROWS: Final[tuple[tuple[str, str], ...]] = (
    (r"gone since (\S+):", "start it again and run that case alone, which shows whether it ends by it: --select {case}"),
    (r"could not be told: ", "the machine may be busy: run it again, or look at the program that drives the target"),
    (r"PERMISSION_DENIED", "{password}"),
    (r"NEED_SECURED", "main is served with TLS only: give the TLS port, as in spice+tls://HOST:PORT"),
    (r"NEED_UNSECURED", "main is served without TLS only: give the other port, as in HOST:PORT"),
    (r"CERTIFICATE_VERIFY_FAILED", "another authority has signed its certificate: give that one's with --ca-file"),
    (r"WRONG_VERSION_NUMBER|wrong version number|UNEXPECTED_EOF|unexpected eof", "is this a TLS port? Without: HOST:PORT"),
    (
        r"instead of answering|takes no more questions|does not answer|neither answer nor event",
        "a command without a placeholder is driven in JSON lines; {{uri}} or {{port}} in it has it started for each connection",
    ),
    (
        r"cannot be started|not installed: \S*/",
        "look at the command: a path is seen from the folder that spiceconf runs in, and the file must be executable",
    ),
    (r"not installed", "install the program, or put it on PATH"),
    (r"the program ended", "it ends before it connects: run its command by hand, and read what it says"),
    (r"found none for", "it does not connect: look at what its command makes of {{host}}, {{port}} or {{uri}}"),
    (r"refused|No such file|no such file", "is it running, and at this address? --wait 30 waits until it listens"),
    (r"Name or service not known|getaddrinfo|name resolution", "nobody knows this host: look at the address"),
    (r"No route|unreachable|timed out", "nobody answers at this address: look at host, port and firewall"),
    (r"bytes that are no answer: (48545450|[0-9a-f]*0d0a)", "another protocol is spoken here: look at the port"),
    (r"no WebSocket", "no WebSocket is spoken here: tcp:HOST:PORT, or another path in ws:HOST:PORT/PATH"),
    (
        r"closed without an answer|was closed|was reset",
        "is this the port of SPICE? If it is one for TLS: spice+tls://HOST:PORT",
    ),
    (r"bytes that are no answer", "another protocol is spoken here: look at the port"),
    (
        r"nothing for|nothing like it",
        "it says nothing: look at the port, or give it more time (patience, in --config)",
    ),
)
"""What is found in the reason, and the advice; the first row that fits is taken."""


def advice(why: str, *, password: bool) -> str:
    """What to do; ``password`` says whether one was given. "" where nothing is known."""
    for pattern, text in _ROWS:
        found = re.search(pattern, why)
        if found is not None:
            case = found[1] if found.re.groups else ""
            needs = "it does not take this password: look at --password-file"
            return text.format(password=needs if password else "it needs a password: --password-file FILE", case=case)
    return ""
