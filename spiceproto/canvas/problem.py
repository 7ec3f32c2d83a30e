"""What goes wrong while drawing, as values.

A drawing command that cannot be carried out must not take the others with it: the client's picture is wrong in one
place, and what is wrong can be named. So the functions of this package raise :class:`DrawError` (or whatever
:class:`~spiceproto.errors.RemoteError` a codec raises), and :class:`spiceproto.canvas.display.Display` turns that
into a :class:`Problem` and goes on with the next message.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from spiceproto.codecs.glz import MissingImage
from spiceproto.errors import LimitError, MissingExtraError, RemoteError, SpiceError

__all__ = ["DrawError", "MissingPixmap", "Problem", "ProblemCode", "code_of"]


class ProblemCode(StrEnum):
    """What kind of thing went wrong."""

    UNKNOWN_SURFACE = "unknown-surface"
    """A message names a surface that does not exist."""
    BAD_SURFACE = "bad-surface"
    """A surface of an unknown format, without pixels, or of a format that this use does not allow."""
    LIMIT = "limit"
    """A named limit of this package or of a codec."""
    MISSING_PIXMAP = "missing-pixmap"
    """FROM_CACHE of an image that the pixmap cache does not hold."""
    MISSING_LOSSLESS = "missing-lossless"
    """FROM_CACHE_LOSSLESS of an image that is not there, or only as a lossy copy."""
    MISSING_PALETTE = "missing-palette"
    """PAL_FROM_CACHE of a palette that the palette cache does not hold."""
    MISSING_GLZ_IMAGE = "missing-glz-image"
    """A GLZ stream refers to an image that the window does not hold."""
    MISSING_CURSOR = "missing-cursor"
    """FROM_CACHE of a shape that the cursor cache does not hold."""
    UNDECODABLE_IMAGE = "undecodable-image"
    """The bytes of an image, a frame or a cursor break the rules of their codec."""
    BAD_IMAGE = "bad-image"
    """An image that is whole but contradicts its descriptor, or is of a kind that this use does not allow."""
    BAD_COMMAND = "bad-command"
    """A field of a drawing command has a value without meaning."""
    UNKNOWN_STREAM = "unknown-stream"
    """A message names a video stream that does not exist, or creates one that does."""
    MISSING_DECODER = "missing-decoder"
    """A codec is not installed here; no fault of the peer."""


class DrawError(RemoteError):
    """A command that cannot be carried out; ``code`` says in one word why."""

    def __init__(self, code: ProblemCode, what: str, *, path: str = "", expected: str = "", actual: str = "") -> None:
        super().__init__(what, path=path, expected=expected, actual=actual)
        self.code = code


class MissingPixmap(DrawError):
    """FROM_CACHE of an image that is not there, or FROM_CACHE_LOSSLESS of one that is not there without loss."""

    def __init__(self, id: int, *, lossless: bool, actual: str) -> None:
        if lossless:
            code, what = ProblemCode.MISSING_LOSSLESS, "no lossless copy of the image is in the pixmap cache"
        else:
            code, what = ProblemCode.MISSING_PIXMAP, "image is not in the pixmap cache"
        super().__init__(code, what, path="id", expected="a lossless copy" if lossless else "", actual=actual)
        self.id = id
        self.lossless = lossless


class Problem(NamedTuple):
    """One thing that could not be drawn: its ``code``, the class name of the ``message``, the ``error``, and the ``number`` of
    the message for those who count them, 0 for others."""

    code: ProblemCode
    message: str
    error: SpiceError
    number: int = 0

    def __str__(self) -> str:
        return f"{self.message}: {self.code}: {self.error}"

    @classmethod
    def of(cls, error: SpiceError, message: object, number: int = 0) -> Problem:
        """The problem of a message. The error is kept for what it says: its traceback would keep pictures alive."""
        error.__traceback__ = error.__context__ = error.__cause__ = None
        return cls(code_of(error), type(message).__name__, error, number)


def code_of(error: SpiceError) -> ProblemCode:
    """The code under which an error is collected."""
    if isinstance(error, DrawError):
        return error.code
    if isinstance(error, MissingImage):
        return ProblemCode.MISSING_GLZ_IMAGE
    if isinstance(error, MissingExtraError):
        return ProblemCode.MISSING_DECODER
    if isinstance(error, LimitError):
        return ProblemCode.LIMIT
    return ProblemCode.UNDECODABLE_IMAGE
