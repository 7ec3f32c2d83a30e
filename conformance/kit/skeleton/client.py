#!/usr/bin/env python3
"""@NAME@ as a client that is driven: questions are lines of JSON on standard input, answers on standard output.

    spiceconf adapter check 'python3 client.py'
    spiceconf run 'client:python3 client.py'

What it starts is a stand-in. Put your client into COMMAND, and add a method ``do_VERB`` for each verb that it can do;
``spice-reference-ctl --role client --list`` has all of them, ``--schema`` the schema of every line. A verb without a method is
answered "unsupported", and the cases that need it are not applicable.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import Any

NAME = "@NAME@"
COMMAND = "spice-reference-client {vv}"
"""Of a session; the words in braces are keys of ``connect``: host, port, tls_port, uri, vv, password, username, ca."""

LEFT_OUT = {"password": "", "username": ""}
"""What ``connect`` does not say where the server wants none."""


class Trouble(Exception):
    """What could not be done, and why."""


class Adapter:
    """One client; ``do_VERB`` is given the question, and gives back what its answer has besides "ok"."""

    client: subprocess.Popen[bytes] | None = None

    def do_hello(self, question: dict[str, Any]) -> dict[str, Any]:
        """What this is, and which verbs it has."""
        verbs = [name.removeprefix("do_").replace("_", "-") for name in dir(self) if name.startswith("do_")]
        return {"text": NAME, "version": "1", "verbs": verbs}

    def do_connect(self, question: dict[str, Any]) -> dict[str, Any]:
        """Begin a session, and wait for nothing: the server speaks only when this is answered."""
        self.do_disconnect(question)
        try:
            words = [word.format(**LEFT_OUT | question) for word in shlex.split(COMMAND)]
        except KeyError as error:
            raise Trouble(f"connect does not say {error}") from None
        self.client = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        return {}

    def do_disconnect(self, question: dict[str, Any]) -> dict[str, Any]:
        """End the session; no mistake where there is none."""
        if self.client is not None:
            self.client.terminate()
            self.client.wait()
            self.client = None
        return {}

    def do_state(self, question: dict[str, Any]) -> dict[str, Any]:
        """What is known, by keys of your own choice."""
        return {"running": self.client is not None and self.client.poll() is None}

    def do_quit(self, question: dict[str, Any]) -> dict[str, Any]:
        """The end."""
        return self.do_disconnect(question)

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer to a question."""
        verb = str(question.get("do", ""))
        method = getattr(self, f"do_{verb.replace('-', '_')}", None)
        if method is None:
            return {"answer": "unsupported", "text": f"there is no verb {verb}"}
        try:
            return {"answer": "ok", **method(question)}
        except (Trouble, OSError) as error:
            return {"answer": "error", "text": str(error)}


def main() -> None:
    """Answer until the end of standard input, or until told to quit."""
    adapter = Adapter()
    for line in sys.stdin:
        question: Any = None
        try:
            question = json.loads(line)
        except ValueError as error:
            found: dict[str, Any] = {"answer": "error", "text": f"no JSON: {error}"}
        else:
            found = adapter.answer(question) if isinstance(question, dict) else {"answer": "error", "text": "no object"}
        print(json.dumps(found), flush=True)
        if isinstance(question, dict) and question.get("do") == "quit":
            break
    adapter.do_disconnect({})


if __name__ == "__main__":
    main()
