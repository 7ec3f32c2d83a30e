"""The door to FFmpeg: PyAV, the extra ``video``, imported when the first decoder or encoder asks for it."""

from __future__ import annotations

from types import ModuleType

from spiceproto.errors import MissingExtraError

__all__ = ["load"]


def load() -> ModuleType:
    """The module ``av``.

    :raises MissingExtraError: it is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingExtraError(
            "this codec needs PyAV", expected="pip install spiceproto[video]", actual=str(error)
        ) from error
    return av
