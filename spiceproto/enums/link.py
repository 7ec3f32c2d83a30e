"""What both ends say before the first message."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum


class LinkErr(WireEnum):
    """Result of the link stage, and reason of a disconnection (SPICE_LINK_ERR_*)."""

    OK = 0
    ERROR = 1
    INVALID_MAGIC = 2
    """The link header does not begin with REDQ."""
    INVALID_DATA = 3
    """A size or an offset of the link message is wrong."""
    VERSION_MISMATCH = 4
    """The major version is not 2."""
    NEED_SECURED = 5
    """Connect again with TLS."""
    NEED_UNSECURED = 6
    """Connect again without TLS."""
    PERMISSION_DENIED = 7
    """The ticket is wrong, expired or missing."""
    BAD_CONNECTION_ID = 8
    """No session has this id."""
    CHANNEL_NOT_AVAILABLE = 9
    """spice-server closes instead of sending it."""


class ChannelType(WireEnum):
    """Kind of a channel (SPICE_CHANNEL_*)."""

    MAIN = 1
    DISPLAY = 2
    INPUTS = 3
    CURSOR = 4
    PLAYBACK = 5
    RECORD = 6
    TUNNEL = 7
    """History; the number stays reserved."""
    SMARTCARD = 8
    USBREDIR = 9
    PORT = 10
    WEBDAV = 11


class AuthMechanism(WireEnum):
    """How a client logs in; also the number of the capability that announces it."""

    SPICE = 1
    """A ticket: the password, encrypted with the server's RSA key."""
    SASL = 2
