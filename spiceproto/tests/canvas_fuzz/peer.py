"""The other canvas, in a process of its own: whatever a scene does to it, this process goes on.

:class:`Peer` speaks to a program as :mod:`spiceproto.tests.canvas_fuzz.program` describes, usually that one, with the
library of its user. The program is started when it is needed, and again after it has ended. What it wrote to its standard
error last is kept: an assertion of C says there what it was about.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import struct
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.surface import LAYOUTS

__all__ = ["Peer", "PeerEnded", "of_library"]

PATIENCE: Final = 20.0
"""Seconds for one answer. Commands take microseconds; a style of lines without length takes for ever."""

ROOM: Final = 32768
"""Bytes of answers that may be under way: half of what a pipe holds, so that the other process never waits to answer."""


class PeerEnded(Exception):
    """The program ended, or did not answer; the text says how."""


class Peer:
    """A canvas behind a pipe.

    * ``command``: what to start
    * ``perturbed``: a byte that malloc fills memory with, so that who reads what nobody wrote is found out
    """

    def __init__(self, command: Sequence[str], *, perturbed: int = 0x5A, patience: float = PATIENCE) -> None:
        self.command = list(command)
        self.patience = patience
        self._environment = {**os.environ, "MALLOC_PERTURB_": str(perturbed)}
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: Any = None

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def end(self) -> None:
        """Let the program end."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._errors.close()
            self._process = None

    def reset(self) -> None:
        """Begin with nothing, in a new process if the last one has ended."""
        if self._process is None or self._process.poll() is not None:
            self.end()
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115
            self._process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, env=self._environment
            )
        self._ask(b"Z", 0)

    def message(self, number: int, body: bytes) -> int:
        """Hand a message over; 0 if it was carried out."""
        return self._ask(_message(number, body), 1)[0]

    def drawn(
        self, steps: Sequence[tuple[int, bytes]], sizes: Sequence[tuple[int, int, int, int]]
    ) -> Generator[tuple[int, list[NDArray[Any]]], None, None]:
        """Hand messages over, and fetch the pixels of surfaces (id, width, height, format) after each.

        Pixels are arrays as :mod:`spiceproto.canvas.surface` has them for the formats. As many messages are under way as their
        answers have room in a pipe: waiting for each would cost more than drawing it.
        """
        reads = b"".join(b"R" + struct.pack("<II", id, 4 * width * height) for id, width, height, _ in sizes)
        size = 1 + sum(4 * width * height for _, width, height, _ in sizes)
        at_once = max(ROOM // size, 1)
        for first in range(0, len(steps), at_once):
            part = steps[first : first + at_once]
            self._put(b"".join(_message(number, body) + reads for number, body in part))
            left = len(part)
            try:
                while left:
                    left -= 1
                    yield self._pictures(self._take(size), sizes)
            finally:
                with contextlib.suppress(PeerEnded):  # nobody wants the rest, which must not be taken for other answers
                    for _ in range(left):
                        self._take(size)

    def _pictures(self, answer: bytes, sizes: Sequence[tuple[int, int, int, int]]) -> tuple[int, list[NDArray[Any]]]:
        pictures, first = [], 1
        for _, width, height, format in sizes:
            after = first + 4 * width * height
            pictures.append(_unpacked(answer[first:after], width, height, format))
            first = after
        return answer[0], pictures

    def write(self, id: int, pixels: NDArray[Any], format: int) -> None:
        """Put pixels on a surface, whole."""
        height, width = pixels.shape
        rows = np.zeros((height, 4 * width), np.uint8)
        packed = np.packbits(pixels, axis=1, bitorder="little") if LAYOUTS[format].bits == 1 else pixels.view(np.uint8)
        rows[:, : packed.shape[1]] = packed
        self._ask(b"W" + struct.pack("<II", id, rows.size) + rows.tobytes(), 0)

    def _ask(self, request: bytes, size: int) -> bytes:
        self._put(request)
        return self._take(size)

    def _put(self, request: bytes) -> None:
        process = self._process
        assert process is not None and process.stdin is not None, "reset() comes first"
        with contextlib.suppress(BrokenPipeError):  # what it answered before is still to be read, and then its end
            process.stdin.write(request)
            process.stdin.flush()

    def _take(self, size: int) -> bytes:
        process = self._process
        assert process is not None and process.stdout is not None, "reset() comes first"
        answer = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while len(answer) < size:
                if not selector.select(self.patience):
                    process.kill()
                    process.wait()
                    raise PeerEnded(f"no answer in {self.patience:g} s")
                part = os.read(process.stdout.fileno(), size - len(answer))
                if not part:
                    raise self._ended()
                answer += part
        return bytes(answer)

    def _ended(self) -> PeerEnded:
        assert self._process is not None
        status = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return PeerEnded(f"{how}{': ' + said[-1] if said else ''}")


def _message(number: int, body: bytes) -> bytes:
    return b"M" + struct.pack("<HI", number, len(body)) + body


def _unpacked(octets: bytes, width: int, height: int, format: int) -> NDArray[Any]:
    rows = np.frombuffer(octets, np.uint8).reshape(height, 4 * width)
    layout = LAYOUTS[format]
    if layout.bits == 1:
        return np.unpackbits(rows, axis=1, count=width, bitorder="little")
    wide: NDArray[Any] = np.ascontiguousarray(rows[:, : width * layout.bits // 8]).view(layout.dtype)
    return wide


def of_library(path: str | Path, **options: Any) -> Peer:
    """The canvas of a shared library that its user has built."""
    return Peer([sys.executable, "-S", "-E", str(Path(__file__).with_name("program.py")), str(path)], **options)
