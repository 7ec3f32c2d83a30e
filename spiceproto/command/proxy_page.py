"""The page of a proxy: ``spiceproto view --live`` in a process of its own, which is written what passes as a capture.

So nothing that a page costs, drawing, rules and browsers, is paid for by those who talk through the proxy. What that process is
too slow for is missing in it, like packets that were not captured; the page says how many bytes, and the proxy that it is so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from spiceproto.capture_file import CaptureFile
from spiceproto.errors import LocalError
from spiceproto.proxy.observers import Recorder
from spiceproto.proxy.traffic import Observer

__all__ = ["ProxyPage"]

_END: Final = 15.0
"""Seconds in which the page takes what it does not have yet, and ends."""


class ProxyPage:
    """Raises LocalError where no page can be had. ``observer`` sees what is shown in it, ``address`` is for the browser."""

    def __init__(self, place: str, *, title: str, expression: str | None, judged: bool, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._said: deque[str] = deque(maxlen=20)
        self._turn = threading.Lock()
        self._ready = False
        command = [
            sys.executable,
            "-m",
            "spiceproto",
            "view",
            "-",
            "--live",
            "--until-end",
            "--listen",
            place,
            "--title",
            title,
        ]
        command += [] if judged else ["--no-rules"]
        command += [] if expression is None else ["--filter", expression]
        theirs, ours = os.pipe()
        try:
            self._process = subprocess.Popen(
                command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
            )
        finally:
            os.close(theirs)
        self._listener = threading.Thread(target=self._listen, name="page", daemon=True)
        self._listener.start()
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            os.close(ours)
            self._process.wait()
            self._listener.join()
            words = self._said[-1].removeprefix("spiceproto: ") if self._said else f"it ended with {self._process.returncode}"
            raise LocalError("the page can not be served", actual=words)
        self.address = line.rpartition(" ")[2]
        with self._turn:
            self._ready = True
            for text in self._said:
                self._pass_on(text)
        path = f"/dev/fd/{ours}"
        try:
            self._file = CaptureFile(path, application="spice-proxy", tell=lambda text: tell(text.replace(path, "the page")))
        finally:
            os.close(ours)
        self.observer: Observer = Recorder(self._file)

    def close(self) -> None:
        """Show what waits, and end."""
        self._file.close()
        try:
            self._process.wait(_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listen(self) -> None:
        """What the process says for people, told as what the page says; at the start it says why there is none."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._turn:
                self._said.append(line.strip())
                if self._ready:
                    self._pass_on(line.strip())

    def _pass_on(self, text: str) -> None:
        self._tell(f"the page: {text.removeprefix('spiceproto: ')}")
