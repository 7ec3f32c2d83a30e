"""What both ends say before the first message."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum


class LinkErr(WireEnum):
    """Result of the link stage, and reason of a disconnection (SPICE_LINK_ERR_*)."""

    OK = 0
    ERROR = 1
    INVALID_MAGIC = 2
    INVALID_DATA = 3
    VERSION_MISMATCH = 4
    NEED_SECURED = 5
    NEED_UNSECURED = 6
    PERMISSION_DENIED = 7
    BAD_CONNECTION_ID = 8
    CHANNEL_NOT_AVAILABLE = 9


class ChannelType(WireEnum):
    """Kind of a channel (SPICE_CHANNEL_*)."""

    MAIN = 1
    DISPLAY = 2
    INPUTS = 3
    CURSOR = 4
    PLAYBACK = 5
    RECORD = 6
    TUNNEL = 7
    SMARTCARD = 8
    USBREDIR = 9
    PORT = 10
    WEBDAV = 11


class AuthMechanism(WireEnum):
    """How a client logs in; also the number of the capability that announces it."""

    SPICE = 1
    SASL = 2
