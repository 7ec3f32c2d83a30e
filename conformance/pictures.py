"""The images of a recording, decoded: whether each of them is what its server says.

Headers are looked at always (:mod:`spiceproto.descriptors`). Decoding costs more, and needs the libraries of the codecs; it is
done when somebody asks for it. Everything is drawn as a client would draw it, since an image may be a part of another surface,
of a cache, or of a GLZ window that several displays share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from spiceproto.canvas.cache import PixmapCache
from spiceproto.canvas.display import Display
from spiceproto.canvas.problem import Problem, ProblemCode
from spiceproto.codecs import glz
from spiceproto.descriptors import glz_header
from spiceproto.finding import Finding
from spiceproto.image_places import images
from spiceproto.messages import display

__all__ = ["Pictures"]

_DECODES, _WINDOW = "SPICE-DISPLAY-077", "SPICE-CODEC-049"

_SENTENCES: Final[Mapping[ProblemCode, str]] = {
    ProblemCode.UNDECODABLE_IMAGE: _DECODES,
    ProblemCode.BAD_IMAGE: _DECODES,
    ProblemCode.MISSING_GLZ_IMAGE: _WINDOW,
}
"""What else cannot be drawn, the tables say themselves, or it is nobody's fault."""


class Pictures:
    """The displays of one session. ``judged`` has the sentences that some image gave an occasion for.

    Channels overtake each other: where two share a window, nobody knows in which order they came. What several need is judged
    only where one has it alone, and nothing is judged behind a hole.
    """

    def __init__(self) -> None:
        self.judged = set[str]()
        self._pixmaps: dict[int, PixmapCache] = {}
        self._windows: dict[int, glz.Window] = {}
        self._users: dict[int, set[tuple[int, int]]] = {}
        self._displays: dict[tuple[int, int], Display | None] = {}

    def forget(self, channel: tuple[int, int]) -> None:
        """Some of what was said there was not seen: it is drawn no more, nor is what rests on it."""
        for other in list(self._displays):
            self._displays[other] = None
        self._displays[channel] = None

    def message(self, channel: tuple[int, int], sender: str, value: Any, now: float) -> Iterator[Finding]:
        """A message of a display channel; None for one that nobody can read."""
        if sender == "client":
            if isinstance(value, display.Init):
                self._begin(channel, value)
            return
        canvas = self._displays.get(channel)
        if canvas is None or value is None:
            return
        for image in images(value, masks=False):
            self.judged |= {_DECODES} if glz_header(image) is None else {_DECODES, _WINDOW}
        known = canvas.problem_count
        canvas.draw(value)
        if canvas.problem_count > known and canvas.problems:
            yield from self._found(channel, canvas.problems[-1], now)

    def _begin(self, channel: tuple[int, int], init: display.Init) -> None:
        pixmaps = self._pixmaps.setdefault(init.pixmap_cache_id, PixmapCache())
        window = self._windows.setdefault(init.glz_dictionary_id, glz.Window())
        self._users.setdefault(init.glz_dictionary_id, set()).add(channel)
        self._displays.setdefault(channel, Display(pixmaps=pixmaps, window=window))

    def _found(self, channel: tuple[int, int], problem: Problem, now: float) -> Iterator[Finding]:
        requirement = _SENTENCES.get(problem.code)
        alone = all(len(users) < 2 for users in self._users.values() if channel in users)
        if requirement is None or not problem.message.startswith("Draw") or (requirement == _WINDOW and not alone):
            return
        error = problem.error
        text = f"{problem.message} has an image that can not be drawn: {error.what}"
        yield Finding(requirement, "server", channel, text, error.expected, error.actual, now)
