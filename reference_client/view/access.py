"""Where a view listens: on loopback, or with TLS, or where its user says that others may listen in.

Who may come in then is the matter of :mod:`spiceproto.page_access`.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from spiceproto import page_access
from spiceproto.errors import LocalError
from spiceproto.page_access import Place

__all__ = ["place_of", "tls_context"]


def place_of(text: str) -> Place:
    """``HOST:PORT``, or ``PORT`` of loopback. Raises LocalError for what is neither."""
    return page_access.place_of(text, "--view", ", and the session's address before --view")


def tls_context(folder: str) -> ssl.SSLContext:
    """TLS with ``server-cert.pem`` and ``server-key.pem`` of a folder. Raises LocalError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(Path(folder, "server-cert.pem"), Path(folder, "server-key.pem"))
    except (OSError, ssl.SSLError) as error:
        expected = "a folder with server-cert.pem and server-key.pem"
        raise LocalError("--view-tls can not be had", expected=expected, actual=f"{folder}: {error}") from None
    return context
