"""A film of a session: what the first display shows, in an MP4 file (:mod:`spiceproto.mp4`).

A picture is taken when something has changed, 60 times a second at most, and has the time of the change. It is encoded on a
thread: where that is slower than what comes, fewer pictures are taken, and their times stay right.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from typing import TYPE_CHECKING, Final

from reference_client.channels.display import Damaged
from reference_client.events import Event
from reference_client.output_files import words
from reference_client.picture import Pointers, place_of
from reference_client.shell import Shell
from spiceproto import mp4

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Recording"]

_STEP: Final = 1 / mp4.RATE
_POINTER: Final = 1 / 30
"""Seconds between two looks at the pointer, of which nobody tells."""

_WAITING: Final = 4
"""Pictures that wait for the thread."""


class Recording:
    """What ``--record-video`` wants: a file of this name, with the pointer or without it.

    Raises MissingExtraError without PyAV, and OSError for a file that can not be written.
    """

    def __init__(self, path: str, *, cursor: bool = False) -> None:
        self._writer = mp4.Writer(path)
        self._cursor = cursor
        self._shell: Shell | None = None
        self._pictures: queue.Queue[tuple[NDArray[np.uint8] | None, float]] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._encode, name="recording")
        self._timer: asyncio.TimerHandle | None = None
        self._last = float("-inf")
        self._pointer: object = None
        self._failure = ""

    def begin(self, shell: Shell) -> None:
        """Record this session, whose client watches damage."""
        self._shell = shell
        self._thread.start()
        if self._cursor:
            self._watch_pointer()

    def on_event(self, event: Event) -> None:
        """Look, if what is shown has changed."""
        if self._shell is None or not isinstance(event, Damaged) or event.display != 0:
            return
        shown = self._shell.client.displays.get(0)
        size = None if shown is None else shown.surfaces.get(event.surface)
        if size is not None and size.primary:
            self._look_later()

    def close(self) -> str:
        """The file is whole; what went wrong in words, "" for nothing."""
        shell, self._shell = self._shell, None
        if shell is None:
            return ""
        if self._timer is not None:
            self._timer.cancel()
        self._pictures.put((None, shell.now))
        self._thread.join()
        return self._failure or ("" if self._writer.files else "there was no picture to record")

    # -- in the loop

    def _look_later(self) -> None:
        if self._shell is None or self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(max(loop.time(), self._last + _STEP), self._look)

    def _look(self) -> None:
        self._timer = None
        shell = self._shell
        display = None if shell is None or shell.failure is not None else shell.client.displays.get(0)
        if shell is None or display is None or display.canvas is None:
            return
        self._last = shell.now
        if self._pictures.full():
            self._look_later()
            return
        for number, size in display.surfaces.items():
            if size.primary:
                display.take_damage(number)
        picture = display.picture(cursor=self._cursor)
        if picture.size:
            self._pictures.put_nowait((picture, self._last))
        shell.pump()  # a picture may have had something to draw, and to tell

    def _watch_pointer(self) -> None:
        shell = self._shell
        if shell is None:
            return
        asyncio.get_running_loop().call_later(_POINTER, self._watch_pointer)
        pointer = shell.client.shared(Pointers).pointer(0)
        seen = (pointer.shape, place_of(pointer, shell.client.pointing, 0))
        if seen != self._pointer:
            self._pointer = seen
            self._look_later()

    # -- on the thread

    def _encode(self) -> None:
        picture: NDArray[np.uint8] | None
        while True:
            picture, seconds = self._pictures.get()
            try:
                if picture is None:
                    self._writer.close(seconds)
                elif not self._failure:
                    self._writer.add(picture, seconds)
            except Exception as error:  # whatever it is, the session is to end in order
                self._failure = words(error) or type(error).__name__
            if picture is None:
                return
