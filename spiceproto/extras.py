"""Dependencies that not everybody needs, by the extra that brings them: ``pip install 'spiceproto[EXTRA]'``.

Without ``fast`` codecs are slow, without ``captures``, ``pictures`` and ``video`` some formats cannot be read or written,
without ``sound`` a client has no loudspeaker, without ``webdav`` it shares no folder, without ``x11`` no guest is an X
display, without ``learn`` the suite learns no machines, without ``archive`` no archive of captures is written, and without
``dask`` there is one machine for all jobs. They are imported when they are asked for.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Final

from spiceproto.errors import MissingExtraError

__all__ = ["EXTRAS", "install", "load", "present"]

EXTRAS: Final = {
    "numba": ("numba", "fast"),
    "PIL.Image": ("Pillow", "pictures"),
    "lz4.block": ("lz4", "pictures"),
    "lz4.frame": ("lz4", "captures"),
    "backports.zstd": ("backports.zstd", "captures"),
    "simplejpeg": ("simplejpeg", "pictures"),
    "av": ("PyAV", "video"),
    "sounddevice": ("sounddevice", "sound"),
    "wsgidav.wsgidav_app": ("WsgiDAV", "webdav"),
    "wsgidav.fs_dav_provider": ("WsgiDAV", "webdav"),
    "h11": ("h11", "webdav"),
    "Xlib.display": ("python-xlib", "x11"),
    "aalpy": ("AALpy", "learn"),
    "aalpy.learning_algs": ("AALpy", "learn"),
    "distributed": ("distributed", "dask"),
    "pyarrow": ("PyArrow", "archive"),
    "pyarrow.compute": ("PyArrow", "archive"),
    "pyarrow.parquet": ("PyArrow", "archive"),
}
"""Module to the name of what it belongs to, and the extra."""


def install(module: str) -> str:
    """The command that brings a module."""
    return f"pip install 'spiceproto[{EXTRAS[module][1]}]'"


@cache
def present(module: str) -> bool:
    """Whether a module is installed, without importing it. It is looked for once."""
    try:
        return find_spec(module) is not None
    except ImportError:  # what it is part of is not
        return False


def load(module: str, what: str) -> ModuleType:
    """A module, imported. ``what`` needs it, in words.

    :raises MissingExtraError: it is not installed.
    """
    found = sys.modules.get(module)
    if found is not None:
        return found
    try:
        return import_module(module)
    except ImportError as error:
        need = f"{what} needs {EXTRAS[module][0]}"
        raise MissingExtraError(need, expected=install(module), actual=str(error)) from error
