"""The SPICE remote-desktop protocol as values and pure functions.

:func:`read` gives the messages of a capture. Everything else is in the modules; docs/library.md shows the way in. Nothing is
loaded before it is asked for.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
"""As in ``typing``, whose import takes ten times as long as that of this package."""

if TYPE_CHECKING:
    from typing import Any

    from spiceproto.capture.reading import Reading, Seen, read
    from spiceproto.version import __version__

__all__ = ["Reading", "Seen", "__version__", "read"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "version" if name == "__version__" else "capture.reading"
    value = globals()[name] = getattr(import_module(f"spiceproto.{module}"), name)
    return value
