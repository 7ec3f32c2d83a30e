"""Secrets of TLS in the file that SSLKEYLOGFILE names, as browsers write them: with them a capture can be decrypted."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["key_log"]

_VARIABLE: Final = "SSLKEYLOGFILE"


def key_log() -> str | None:
    """The path for ``keylog_filename`` of a context, whose secrets are written behind what is there; None for no log.

    A new file is made first, which only the owner can read. Raises OSError, whose ``filename`` says what it is about.
    """
    path = os.environ.get(_VARIABLE)
    if not path:
        return None
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"{_VARIABLE}={path}") from None
    return path
