"""What the tour does on a display channel: compressions and codecs are asked for, something is drawn, a film is played."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.talk import Talk
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageCompression, VideoCodecType
from spiceproto.messages import display

__all__ = ["look"]

_COMPRESSIONS: Final = tuple([item for item in ImageCompression if item != ImageCompression.INVALID])
_SOON: Final = 2.0
"""Seconds by which a film is video, where it ever is."""
_FRAMES: Final = 5
_PICTURES: Final = 2
"""What the guest draws in each of them, if it can be told to."""


def look(client: SuiteClient, talk: Talk) -> None:
    """Something is drawn, in every compression if the server lets a client choose; and a film is played, where it can be."""
    still = not _drawn(client, talk)
    if talk.server.has(DisplayCapability.PREF_COMPRESSION):
        for compression in _COMPRESSIONS:
            talk.send(display.PreferredCompression(compression), text=f"PREFERRED_COMPRESSION {compression.name}")
            # A picture that stands still and nobody can change is not waited for again and again.
            if not still:
                still = not _drawn(client, talk)
    if talk.server.has(DisplayCapability.PREF_VIDEO_CODEC_TYPE):
        talk.send(display.PreferredVideoCodecType(tuple(VideoCodecType)), text="PREFERRED_VIDEO_CODEC_TYPE, all of them")
        if not still:
            _drawn(client, talk)
    if talk.channel_id == 0 and client.target.meets("control:guest") and client.target.meets("control:streaming-video"):
        _film(client, talk)


def _film(client: SuiteClient, talk: Talk) -> None:
    """A film begins, has a few frames as video, and is over."""
    client.control("streaming-video", "all")
    client.control("guest", "video")
    if talk.wait_count("STREAM_CREATE", within=_SOON):
        talk.wait_count("STREAM_DATA", _FRAMES)
    client.control("guest", "chart")
    talk.wait_count("STREAM_DESTROY", talk.count("STREAM_CREATE"))


def _drawn(client: SuiteClient, talk: Talk) -> bool:
    """Whether something is drawn in a short time; the guest is told to where it can be."""
    before = _pictures(talk)
    told = client.target.meets("control:animate") and talk.channel_id == 0
    if told:
        client.control("animate", _PICTURES)
    quiet = client.network.quiet
    client.run(lambda: _pictures(talk) > before or talk.closed, 2 * quiet if told else quiet)
    return _pictures(talk) > before


def _pictures(talk: Talk) -> int:
    return sum(count for name, count in talk.heard.items() if name.startswith(("DRAW_", "COPY_", "STREAM_DATA")))
