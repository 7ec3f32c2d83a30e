"""A capture that is read in a thread while it is written, for those who look meanwhile.

One works at a time: the thread has the lock while it reads messages, and lets go of it where it waits for bytes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

from spiceproto.capture.decode import Decoder
from spiceproto.capture.source import Readable
from spiceproto.errors import SpiceError, in_words
from spiceproto.view.feed import Cursor, Feed
from spiceproto.view.latest_displays import LatestDisplays
from spiceproto.view.live_recorder import LiveRecorder

__all__ = ["Concluding", "Watch"]

_PIECE: Final = 1 << 16
"""Bytes that are read at a time: those who look wait for as long as that takes."""

_BREATH: Final = 0.001
"""Seconds for somebody who waits: a lock is not handed over in turn."""


class Concluding(Protocol):
    """Who judges, at the end."""

    said: list[str]

    def ended(self, frames: int, last_time_ns: int) -> None:
        """All was read."""

    def went(self, moved: Any) -> None:
        """Where sessions went."""


class Watch:
    """``make`` begins to read a file that it is given, and tells the recorder.

    * ``failure``: why the capture can not be read, or not to its end
    * ``begun``: there is a decoder; ``hopeless``: nothing was found in what can not be read
    * ``news`` is called in the thread when there is something new, ``over`` at the end
    """

    def __init__(
        self,
        capture: Readable,
        feed: Feed,
        make: Callable[[Readable], Decoder],
        *,
        judge: Concluding | None = None,
        news: Callable[[], object],
        over: Callable[[], object],
    ) -> None:
        self.feed = feed
        self.failure: SpiceError | None = None
        self.begun = False
        self.hopeless = False
        self.name = getattr(capture, "name", "")
        self._capture = capture
        self._recorder: LiveRecorder = feed.recorder
        self._make = make
        self._judge = judge
        self._news = news
        self._over = over
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._thread = threading.Thread(target=self._work, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def join(self, seconds: float) -> bool:
        """Wait until all is read; whether it is."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def next(self, cursor: Cursor) -> bytes | None:
        """What a page does not have yet; see :meth:`Feed.next`. From any thread."""
        with self._counting:
            self._waiting += 1
        with self._lock:
            with self._counting:
                self._waiting -= 1
            displays = self._recorder.displays
            if isinstance(displays, LatestDisplays):
                displays.settle()
            return self.feed.next(cursor)

    def tell(self, state: str) -> None:
        """What became of the capture."""
        self.feed.state = state
        self._news()

    def read(self, size: int = _PIECE, /) -> bytes | None:
        """For the decoder: what the capture has next."""
        if self.begun:
            self._recorder.settle()
        self._lock.release()
        try:
            self._news()
            if self._waiting:
                time.sleep(_BREATH)
            return self._capture.read(min(size, _PIECE))
        finally:
            self._lock.acquire()

    def _work(self) -> None:
        with self._lock:
            try:
                decoder = self._make(self)
                self._recorder.begin(decoder, self.name)
                self.begun = True
                decoder.run()
            except SpiceError as error:
                self.failure = error
            except Exception as error:  # a page that is open is told, too
                self.failure = SpiceError(f"the view has failed: {error!r}")
            self.hopeless = self.failure is not None and not (self.begun and decoder.connections)
            if self.begun:
                self._conclude(decoder)
        self._news()
        self._over()

    def _conclude(self, decoder: Decoder) -> None:
        recorder, feed = self._recorder, self.feed
        recorder.settle()
        said = recorder.end()
        if self._judge is not None:
            self._judge.ended(decoder.capture.totals.frames, decoder.capture.last_time_ns)
            self._judge.went(decoder.moved)
            said += [words for words in self._judge.said if words not in said]
        feed.said = said
        if self.failure is not None:
            feed.state = f"the capture can not be read any further: {in_words(self.failure)}"
        else:
            feed.state = f"{feed.state}; it has ended" if feed.state else "the capture has ended"
