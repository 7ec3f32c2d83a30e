"""What an end can do: bit ``n`` stands in word ``n // 32`` of its set, lowest bit first."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum


class CommonCapability(WireEnum):
    """Bit numbers of SPICE_COMMON_CAP_*."""

    PROTOCOL_AUTH_SELECTION = 0
    """A 4-byte mechanism number precedes authentication."""
    AUTH_SPICE = 1
    """RSA ticket login is available (number 1 is also the mechanism id)."""
    AUTH_SASL = 2
    """SASL login is available (number 2 is also the mechanism id)."""
    MINI_HEADER = 3
    """6-byte message headers once both ends announce it."""


class MainCapability(WireEnum):
    """Bit numbers of SPICE_MAIN_CAP_*."""

    SEMI_SEAMLESS_MIGRATE = 0
    """Client can link the destination of a migration ahead, and begin anew there."""
    NAME_AND_UUID = 1
    """Client accepts VM name and UUID messages."""
    AGENT_CONNECTED_TOKENS = 2
    """Agent arrival carries a fresh token count."""
    SEAMLESS_MIGRATE = 3
    """State of every channel goes to the destination through the client."""


class DisplayCapability(WireEnum):
    """Bit numbers of SPICE_DISPLAY_CAP_*."""

    SIZED_STREAM = 0
    """Stream frames may carry their own size and place."""
    MONITORS_CONFIG = 1
    """Server may send the layout of heads in a surface."""
    COMPOSITE = 2
    """Composite drawing (scaled, masked, blended) understood."""
    A8_SURFACE = 3
    """8-bit alpha surfaces understood."""
    STREAM_REPORT = 4
    """Client can report stream quality."""
    LZ4_COMPRESSION = 5
    """LZ4 images can be decoded."""
    PREF_COMPRESSION = 6
    """Server accepts a preferred image compression."""
    GL_SCANOUT = 7
    """DMA-BUF scanout over a Unix socket understood."""
    MULTI_CODEC = 8
    """Codec capabilities below are meaningful; without it only MJPEG is assumed."""
    CODEC_MJPEG = 9
    """MJPEG decoder present."""
    CODEC_VP8 = 10
    """VP8 decoder present."""
    CODEC_H264 = 11
    """H.264 decoder present."""
    PREF_VIDEO_CODEC_TYPE = 12
    """Server accepts an ordered list of preferred video codecs."""
    CODEC_VP9 = 13
    """VP9 decoder present."""
    CODEC_H265 = 14
    """H.265 decoder present."""
    GL_SCANOUT2 = 15
    """DMA-BUF scanout with several planes and a modifier understood."""


class InputsCapability(WireEnum):
    """Bit numbers of SPICE_INPUTS_CAP_*."""

    KEY_SCANCODE = 0
    """Server accepts raw scancode byte strings."""


class PlaybackCapability(WireEnum):
    """Bit numbers of SPICE_PLAYBACK_CAP_*."""

    CELT_0_5_1 = 0
    """CELT 0.5.1 playback (deprecated, removed from reference code)."""
    VOLUME = 1
    """Playback volume and mute messages."""
    LATENCY = 2
    """Server may ask for a minimum playback latency."""
    OPUS = 3
    """Opus playback."""


class RecordCapability(WireEnum):
    """Bit numbers of SPICE_RECORD_CAP_*."""

    CELT_0_5_1 = 0
    """CELT 0.5.1 recording (deprecated)."""
    VOLUME = 1
    """Record volume and mute messages."""
    OPUS = 2
    """Opus recording."""


class SpicevmcCapability(WireEnum):
    """Bit numbers of SPICE_SPICEVMC_CAP_*."""

    DATA_COMPRESS_LZ4 = 0
    """LZ4 compressed data messages."""
