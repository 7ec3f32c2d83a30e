"""A film for servers: the guest plays one, and what changes fast is sent as video."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.cases.display.server_steps import SEEN, screen
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.messages import display

__all__ = ["MJPEG", "NEEDS", "create_of", "frames", "play", "prefer_codecs", "stop"]

NEEDS: Final = ("control:guest", "control:streaming-video")
"""What a server has to be told."""

MJPEG: Final = (DisplayCapability.MULTI_CODEC, DisplayCapability.CODEC_MJPEG)
"""What a client announces that has this codec."""


def prefer_codecs(talk: Talk, *codecs: int) -> None:
    """PREFERRED_VIDEO_CODEC_TYPE. Raises NotApplicable if the server does not take one."""
    if not talk.server.has(DisplayCapability.PREF_VIDEO_CODEC_TYPE):
        raise NotApplicable(f"the server announced {talk.server.channel:#x} on display, without PREF_VIDEO_CODEC_TYPE")
    talk.send(display.PreferredVideoCodecType(codecs), text=f"PREFERRED_VIDEO_CODEC_TYPE {', '.join(map(str, codecs)) or '-'}")


def play(client: SuiteClient, *announced: WireEnum, codecs: tuple[int, ...] = ()) -> Talk:
    """The first display of a new session, with these capabilities and codecs, and a film that has begun."""
    talk = screen(client, announced=(*SEEN, *announced))
    if codecs:
        prefer_codecs(talk, *codecs)
    client.control("streaming-video", "all")
    client.control("guest", "video")
    return talk


def stop(client: SuiteClient) -> None:
    """The film stands still."""
    client.control("guest", "chart")


def _there(talk: Talk) -> dict[int, Any]:
    """STREAM_CREATE of each stream that is there, by number, as far as the inbox says."""
    found: dict[int, Any] = {}
    for message in talk.unread("STREAM_CREATE", "STREAM_DESTROY", "STREAM_DESTROY_ALL"):
        if message.name == "STREAM_CREATE":
            found[message.parsed.id] = message.parsed
        elif message.name == "STREAM_DESTROY":
            found.pop(message.parsed.id, None)
        else:
            found.clear()
    return found


def create_of(client: SuiteClient, talk: Talk) -> Any:
    """STREAM_CREATE of the film; it stays in the inbox. Raises NotApplicable if none comes, which is up to servers."""
    client.step("wait for a stream that lasts", talk.wire.number)
    client.run(lambda: bool(_there(talk)) or talk.closed)
    talk.expect_open("a film is played")
    found = list(_there(talk).values())
    if not found:
        raise NotApplicable("no stream begins")
    return found[-1]


def frames(talk: Talk) -> int:
    """How many frames have come."""
    return talk.heard.get("STREAM_DATA", 0) + talk.heard.get("STREAM_DATA_SIZED", 0)
