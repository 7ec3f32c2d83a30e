"""What a client would show of a display channel: its messages, drawn on a canvas, and the images that were in them.

A picture is judged where the rules have found nothing wrong on a display channel of the conversation, and every message could
be drawn: a mistake that has a sentence of its own is not told once more as a wrong picture.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conformance.as_client import SuiteClient
from conformance.cases.display.commands import Commands
from conformance.cases.display.server_steps import more_comes, settle
from conformance.likeness import Likeness, likeness
from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.talk import Message, Talk
from conformance.three_pictures import three_pictures
from spiceproto import png
from spiceproto.canvas.cache import PixmapCache
from spiceproto.canvas.display import Display
from spiceproto.canvas.problem import Problem, ProblemCode
from spiceproto.codecs import glz
from spiceproto.descriptors import glz_header
from spiceproto.enums.display import SurfaceFmt
from spiceproto.enums.image import ImageType
from spiceproto.image_places import images

__all__ = ["Drawn", "Picture", "View", "alike", "check_picture", "check_rules", "compared", "in_order", "own_picture"]

Picture = NDArray[np.uint8]
"""Height, width, 3: red first."""

_LOSSY: Final = (ImageType.JPEG, ImageType.JPEG_ALPHA)
_DAMAGED: Final = (ProblemCode.UNDECODABLE_IMAGE, ProblemCode.BAD_IMAGE)
_TRIES: Final = 8
"""Times that two pictures are compared, where the guest may draw in between."""
_LEAST: Final = 5.0
"""Seconds in which that is done."""
_MOST: Final = 20.0
"""Seconds after which that ends although more comes."""
_WAITS: Final = 5
"""Quiet times that pass before each."""
_FLOOR: Final = Likeness(28.0, 0.9)
"""What a picture reaches at least in which there was JPEG or video."""
_FIVE_BITS: Final = np.uint8(0xF8)


class Drawn(NamedTuple):
    """An image that came: ``name`` of the message, and the image."""

    name: str
    image: Any

    @property
    def type(self) -> int:
        """How its pixels are encoded."""
        return int(self.image.descriptor.type)


class View:
    """A display channel as its client sees it.

    * ``talk``: the channel
    * ``display``: the canvas; ``commands``: what was drawn where
    * ``drawn``: every image that came, in order
    * ``lossy``: whether something came whose pixels are not those of the guest
    """

    def __init__(
        self, client: SuiteClient, talk: Talk, *, pixmaps: PixmapCache | None = None, window: glz.Window | None = None
    ) -> None:
        self.client = client
        self.talk = talk
        self.display = Display(pixmaps=pixmaps, window=window)
        self.commands = Commands(self.display)
        self.drawn: list[Drawn] = []
        self.lossy = False

    def take(self) -> None:
        """Draw all that has come."""
        self.client.pump_all()
        while self.talk.inbox:
            self.draw(self.talk.inbox.popleft())

    def draw(self, message: Message) -> None:
        """Draw one message."""
        found = [Drawn(message.name, image) for image in images(message.value)]
        self.drawn += found
        self.lossy |= message.name.startswith("STREAM_DATA") or any(item.type in _LOSSY for item in found)
        if message.value is not None:
            self.commands.add(message.name, message.value)
            self.display.draw(message.value)

    def over(self, column: int, row: int) -> str:
        """The last draw command over a pixel that is shown; "" for none."""
        shown = next((id for id, surface in self.display.surfaces.items() if surface is self.display.primary), None)
        return "" if shown is None else self.commands.over(shown, column, row)

    @property
    def problems(self) -> Sequence[Problem]:
        """What could not be drawn, but for what no decoder is installed for here."""
        return [item for item in self.display.problems if item.code != ProblemCode.MISSING_DECODER]

    def check_images(self) -> None:
        """Every image could be decoded. Raises Failure, or Blocked if something else is wrong."""
        check_rules(self.client)
        for problem in self.problems:
            if problem.code not in _DAMAGED:
                raise Blocked(f"{self.talk.name}: what came cannot be drawn: {problem}")
        if self.problems:
            raise Failure("images that can be decoded", f"{self.talk.name}: {self.problems[0]}")

    def shown(self) -> Picture:
        """What a client shows. Raises Blocked where not all could be drawn, and NotApplicable where it is not known."""
        self.take()
        with self.client.preparing("what a client shows"):
            self.check_images()
        if len(self.problems) < len(self.display.problems):
            raise NotApplicable(f"no decoder is installed here: {self.display.problems[0].error}")
        if not self.display.marked:
            raise NotApplicable(f"{self.talk.name} shows nothing: no MARK has come")
        return self.display.picture()


def check_rules(client: SuiteClient) -> None:
    """Raises Blocked if the rules have found something on a display channel of the conversation."""
    for seen in client.network.transcript.seen:
        if seen.channel.startswith("display") and not seen.tolerated:
            raise Blocked(f"{seen.requirement} is broken on {seen.channel}: {seen.text}", [f"{seen.requirement}/observed"])


def in_order(views: Sequence[View]) -> None:
    """Draw what has come on several channels that share a dictionary: images by their numbers in it."""
    views[0].client.pump_all()
    while any(view.talk.inbox for view in views):
        waiting: dict[int, View] = {}
        for view in views:
            while view.talk.inbox:
                number = _number(view.talk.inbox[0])
                if number is not None:
                    waiting[number] = view
                    break
                view.draw(view.talk.inbox.popleft())
        if waiting:
            view = waiting[min(waiting)]
            view.draw(view.talk.inbox.popleft())


def _number(message: Message) -> int | None:
    """The number of the first GLZ image in a message."""
    heads = [glz_header(image) for image in images(message.value)]
    return next((head.image_id for head in heads if head is not None), None)


# -- the server's own picture


def own_picture(client: SuiteClient, number: int) -> Picture:
    """What the server says that it shows. Raises NotApplicable where nobody can ask."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        client.control("picture", str(path), number)
        try:
            return png.decode(path.read_bytes())
        except (OSError, ValueError) as error:
            raise Blocked(f"the server's own picture can not be read: {error}") from None


def compared(client: SuiteClient, view: View, beside: Sequence[View] = ()) -> tuple[Picture, Picture]:
    """What the server shows, and what a client shows: alike, or as far as both stood still.

    A guest may draw while both are looked at, and QEMU looks at a screen that is idle every three seconds only: they are looked
    at again and again. Where one of them has changed meanwhile, what the client shows counts as right. ``beside`` are all
    views that share a dictionary with this one. Raises NotApplicable where sizes change, and what :meth:`View.shown` raises.
    """
    client.step(f"{view.talk.name}: compare the picture with the server's own", view.talk.wire.number)
    began = client.now
    first = own = own_picture(client, view.talk.channel_id)
    seen: list[Picture] = []
    moved = np.zeros(own.shape[:2], np.bool_)
    while len(seen) < _TRIES or client.now < began + _LEAST or (client.now < began + _MOST and more_comes(client, view.talk)):
        settle(client, view.talk, _WAITS)
        in_order(beside or (view,))
        shown = view.shown()
        if alike(view, own, shown):
            return own, shown
        own = own_picture(client, view.talk.channel_id)
        if alike(view, own, shown):
            return own, shown
        seen.append(shown)
        if own.shape != first.shape or shown.shape != seen[0].shape:
            raise NotApplicable("the screen has another size each time")
        moved |= (own != first).any(axis=2)
        if shown.shape == own.shape:
            moved |= (shown != seen[0]).any(axis=2)
    shown = seen[-1].copy()
    if shown.shape == own.shape:
        shown[moved] = own[moved]
    return own, shown


def alike(view: View, own: Picture, shown: Picture) -> bool:
    """Whether they are the same, as far as what came can be."""
    if own.shape != shown.shape:
        return False
    primary = view.display.primary
    if primary is not None and primary.format in (SurfaceFmt._16_555, SurfaceFmt._16_565):
        own, shown = own & _FIVE_BITS, shown & _FIVE_BITS
    if not view.lossy:
        return bool((own == shown).all())
    return likeness(own, shown).reaches(_FLOOR)


def check_picture(client: SuiteClient, view: View, beside: Sequence[View] = ()) -> None:
    """The client's picture is the server's own; see :func:`compared`. Raises Failure, NotApplicable, Blocked."""
    own, shown = compared(client, view, beside)
    if alike(view, own, shown):
        return
    if own.shape != shown.shape:
        expected = f"a picture of {_size(own)}, as the server shows it"
        raise Failure(expected, _size(shown), pictures=three_pictures(own, shown))
    wrong = np.argwhere((own != shown).any(axis=2))
    row, column = wrong[0].tolist()
    raise Failure(
        f"the server's own picture: at {column}, {row} the colour {_colour(own[row, column])}",
        f"{_colour(shown[row, column])}; {len(wrong)} of {own.shape[0] * own.shape[1]} pixels differ",
        pictures=three_pictures(own, shown),
        place=view.over(column, row),
    )


def _size(picture: Picture) -> str:
    return f"{picture.shape[1]} x {picture.shape[0]}"


def _colour(pixel: NDArray[np.uint8]) -> str:
    return "#" + pixel.tobytes().hex()
