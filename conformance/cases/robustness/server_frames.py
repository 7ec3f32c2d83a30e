"""Servers: frames of WebSocket, where a server takes any (20.7)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.link.web_socket import requested
from conformance.channels import COMMON
from conformance.outcome import Failure
from conformance.wire_form import link_message
from spiceproto.enums.link import ChannelType

_MESSAGE: Final = link_message(ChannelType.MAIN, common_caps=COMMON.common)
_SIGN: Final = b"still there?"
_LONG: Final = 1 << 16
"""Bytes of a frame whose length takes 64 bits."""

_TAKEN: Final = ("SPICE-LINK-007/web-socket",)


@server_case("SPICE-ROBUST-009/fragments", channel="main", needs=("raw-stream",), requires=_TAKEN)
def fragments(client: SuiteClient) -> None:
    """A link message in three fragments, a Ping between them: a Pong, and a link reply."""
    frames = requested(client.connect())
    if frames is None:
        return
    protocol = frames.protocol
    protocol.send_binary(_MESSAGE[:7], fin=False)
    protocol.send_ping(_SIGN)
    protocol.send_continuation(_MESSAGE[7:20], fin=False)
    protocol.send_continuation(_MESSAGE[20:], fin=True)
    frames.flush("a link message in three fragments, and a Ping behind the first")
    frames.expect_reply()

    def answered() -> bool:
        frames.listen()
        return bool(frames.pongs)

    client.run(answered)
    if frames.pongs != [_SIGN]:
        raise Failure(f"a Pong with {_SIGN!r}", f"{frames.pongs or 'none'}")


@server_case("SPICE-ROBUST-009/many-frames", channel="main", needs=("raw-stream",), requires=_TAKEN)
def many_frames(client: SuiteClient) -> None:
    """A link message, each byte in a frame of its own: a link reply."""
    frames = requested(client.connect())
    if frames is None:
        return
    for at in range(len(_MESSAGE)):
        frames.protocol.send_binary(_MESSAGE[at : at + 1])
    frames.flush("a link message, a byte in each frame")
    frames.expect_reply()


@server_case("SPICE-ROBUST-009/long-frame", channel="main", needs=("raw-stream",), requires=_TAKEN)
def long_frame(client: SuiteClient) -> None:
    """A frame whose length takes 64 bits, and which begins with a link message: a link reply."""
    frames = requested(client.connect())
    if frames is None:
        return
    frames.protocol.send_binary(_MESSAGE.ljust(_LONG, b"\0"))
    frames.flush(f"a link message and zeros in a frame of {_LONG} bytes")
    frames.expect_reply()
