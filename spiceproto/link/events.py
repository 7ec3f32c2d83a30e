"""What a client or a server learns in the link stage."""

from __future__ import annotations

import msgspec

from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import AuthMechanism, LinkErr
from spiceproto.messages.link import LinkMess, LinkReply

__all__ = ["Established", "Event", "KeyReceived", "LinkMessageReceived", "LinkReplyReceived", "Refused"]


class LinkMessageReceived(msgspec.Struct, frozen=True):
    """A client wants a channel."""

    message: LinkMess
    capabilities: Capabilities


class LinkReplyReceived(msgspec.Struct, frozen=True):
    """The server has the channel; authentication follows."""

    reply: LinkReply
    capabilities: Capabilities


class KeyReceived(msgspec.Struct, frozen=True):
    """The server waits for a ticket under this key, and the client was given no password yet."""

    public_key: bytes


class Refused(msgspec.Struct, frozen=True):
    """The link stage ended without a connection; the connection is to be closed.

    * ``error``: what the server said; None if it said nothing
    * ``stage``: where it happened: "header", "message", "reply", "mechanism", "ticket", "sasl" or "result"
    * ``text``: what happened, for people
    """

    error: LinkErr | int | None
    stage: str
    text: str = ""


class Established(msgspec.Struct, frozen=True):
    """Messages follow.

    * ``client``, ``server``: what each announced
    * ``mini_header``: which header the messages have
    * ``mechanism``: how the client logged in
    * ``client_offset``, ``server_offset``: where the messages of each direction begin in its stream
    * ``client_rest``, ``server_rest``: bytes behind that, as far as they were received already
    """

    message: LinkMess
    client: Capabilities
    server: Capabilities
    mini_header: bool
    mechanism: AuthMechanism | int
    client_offset: int
    server_offset: int
    client_rest: bytes = b""
    server_rest: bytes = b""


Event = LinkMessageReceived | LinkReplyReceived | KeyReceived | Refused | Established
