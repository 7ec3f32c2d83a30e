"""A small session in bytes, for the chapters: every byte of it explained, and nothing in it left to chance.

    link             the link stage of main, by ticket
    main             INIT, ATTACH_CHANNELS, CHANNELS_LIST
    acknowledgement  windows of 1 and of 0, with pings
    inputs-link      the link stage of inputs
    inputs           a key, four movements and their acknowledgement, a button
    display          a surface, a rectangle of one colour, a bitmap, a stream of video without frames
    playback         samples as they are, for 4 frames

These are one session, in this order; the link stages of display and playback are like that of inputs, and left out. The keys of
the tickets and the random bytes that encryption needs are written here, so that whoever has the text can make the same bytes.
They are public: no server may use them.

    pieces(name)   what is sent in one of the parts
    example(name)  the same as text
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha1
from typing import Any, Final

import msgspec

from spiceproto import dispatch, schema
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.derive.spans import dissect
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import CommonCapability, InputsCapability, MainCapability
from spiceproto.enums.display import (
    BrushType,
    ClipType,
    ImageScaleMode,
    Ropd,
    StreamFlags,
    SurfaceFlags,
    SurfaceFmt,
    VideoCodecType,
)
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton, MouseButtonMask
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.framing import Writer
from spiceproto.link.exchange import link_message, link_reply
from spiceproto.link.structures_built import build_mechanism, build_result
from spiceproto.message import Sender
from spiceproto.messages import common, display, draw, inputs, main, playback
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import BitmapData, Image, ImageDescriptor
from spiceproto.messages.link import LinkAuthMechanism, LinkResult
from spiceproto.sizes import LINK_HEADER_SIZE, TICKET_SIZE
from spiceproto.ticket import TicketKey

__all__ = ["CLIENT", "EXAMPLES", "PASSWORD", "SERVER", "Piece", "example", "pieces", "ticket_key"]

PASSWORD: Final = b"sesame"
"""What the client logs in with."""

SESSION_ID: Final = 0x1A2B3C4D
_STAMP: Final = 1_000_000

_EXPONENT: Final = 65537
_PRIMES: Final = {
    ChannelType.MAIN: (
        0xD55B974E47EC01A544A05DA72F036BD068EA9864F694AF31F17256B0611A09D06E0DC4F4BC93DAA0C168AD6D1D509D1B9917BDC4D846292EA8192A40F0BFF053,
        0xC7D6392BDC4C3AF8B505808F20E20CC0C07FFD318BFC81B12CAB3A65A6DE8E2A9C7EDA3D17D09DAC5A210C8F23816BFA002B74E944CF8B6D3D42BDF22EC41F87,
    ),
    ChannelType.INPUTS: (
        0xEFAAC97F4CC0EB7E7D3BC3CADF63D144A7033B7D3B334A7BA62ECAC2EDE89DD7BB91D63C19CFD66BB55906B9302776FC13698FCD004A78F86083CC632CC81F73,
        0xD9E5AA471C0EC3EBC111DF3EBF968F44266C20AEF6A0E7D712728350F5ED0D2A0171BA8C342C6530F28991ED1994EBB49B50F520C84BF6929195934703D88FBB,
    ),
}
"""Of the two links: a key is good for one."""

_SEED: Final = bytes(range(20))
"""What RSAES-OAEP draws at random."""

_BOTH: Final = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER)
CLIENT: Final[Mapping[int, Capabilities]] = {
    ChannelType.MAIN: _BOTH.with_(MainCapability.AGENT_CONNECTED_TOKENS),
    ChannelType.INPUTS: _BOTH,
}
SERVER: Final[Mapping[int, Capabilities]] = {
    ChannelType.MAIN: _BOTH,
    ChannelType.INPUTS: _BOTH.with_(InputsCapability.KEY_SCANCODE),
}

_HEX: Final = 16
"""Bytes in a line."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What one end sends before the other has its turn.

    * ``channel``: type of the channel whose connection it is
    * ``title``: what it is
    * ``parts``: full names of structures, and their bytes
    * ``notes``: name of a field to what is said of its value
    """

    channel: ChannelType
    sender: Sender
    title: str
    parts: tuple[tuple[str, bytes], ...]
    notes: Mapping[str, str] = {}

    @property
    def data(self) -> bytes:
        """All bytes."""
        return b"".join([part for _, part in self.parts])


# -- the ticket, with nothing drawn at random


@cache
def ticket_key(channel: ChannelType) -> TicketKey:
    """The server's key of a link."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    p, q = _PRIMES[channel]
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(_EXPONENT, p * q),
    )
    return TicketKey(numbers.private_key())


def _mask(seed: bytes, size: int) -> bytes:
    """MGF1 with SHA-1 (RFC 8017, B.2.1)."""
    blocks = [sha1(seed + number.to_bytes(4, "big")).digest() for number in range(size // 20 + 1)]
    return b"".join(blocks)[:size]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes([left ^ right for left, right in zip(one, other, strict=True)])


def _ticket(channel: ChannelType) -> bytes:
    """PASSWORD and a zero byte under RSAES-OAEP (RFC 8017, 7.1.1), with a seed that is known."""
    p, q = _PRIMES[channel]
    plain = PASSWORD + b"\0"
    block = sha1(b"").digest() + bytes(TICKET_SIZE - len(plain) - 2 * 20 - 2) + b"\1" + plain
    masked = _xor(block, _mask(_SEED, len(block)))
    encoded = b"\0" + _xor(_SEED, _mask(masked, len(_SEED))) + masked
    return pow(int.from_bytes(encoded, "big"), _EXPONENT, p * q).to_bytes(TICKET_SIZE, "big")


# -- what is said


def _names(channel: ChannelType, bits: Capabilities) -> str:
    own, of_channel = bits.names(channel)
    return f"{', '.join(own)}; of the channel: {', '.join(of_channel) or 'none'}"


def _link(channel: ChannelType, connection_id: int) -> tuple[Piece, ...]:
    asked = link_message(channel, 0, connection_id, CLIENT[channel])
    reply = link_reply(ticket_key(channel).public_key_der, SERVER[channel])
    name = channel.name.lower()

    def piece(sender: Sender, title: str, *parts: tuple[str, bytes], **notes: str) -> Piece:
        return Piece(channel=channel, sender=sender, title=title, parts=parts, notes=notes)

    def with_header(kind: str, data: bytes) -> tuple[tuple[str, bytes], ...]:
        return ("link.LinkHeader", data[:LINK_HEADER_SIZE]), (kind, data[LINK_HEADER_SIZE:])

    return (
        piece(
            "client",
            f"link header and link message for {name}",
            *with_header("link.LinkMess", asked),
            magic="the letters REDQ",
            caps=_names(channel, CLIENT[channel]),
        ),
        piece(
            "server",
            "link header and link reply",
            *with_header("link.LinkReply", reply),
            magic="the letters REDQ",
            caps=_names(channel, SERVER[channel]),
        ),
        piece(
            "client",
            "mechanism and ticket",
            ("link.LinkAuthMechanism", build_mechanism(LinkAuthMechanism(AuthMechanism.SPICE))),
            ("link.LinkEncryptedTicket", _ticket(channel)),
        ),
        piece("server", "link result", ("link.LinkResult", build_result(LinkResult(LinkErr.OK)))),
    )


def _said(channel: ChannelType, sender: Sender, *values: Any) -> Piece:
    """Messages behind mini headers."""
    table = channel.name.lower()
    parts: list[tuple[str, bytes]] = []
    titles: dict[str, int] = {}
    for value in values:
        number, body = dispatch.build(table, sender, value)
        row = schema.rows(table, sender)[number]
        title = f"{row.name} ({number})"
        titles[title] = titles.get(title, 0) + 1
        parts.append(("link.MiniDataHeader", Writer(True).frame(number, body)[: -len(body) or None]))
        if body:
            parts.append((row.body.name, body))
    text = ", ".join(f"{title}{f', {count} times' if count > 1 else ''}" for title, count in titles.items())
    return Piece(channel=channel, sender=sender, title=text, parts=tuple(parts))


def _main() -> tuple[Piece, ...]:
    kind = ChannelType.MAIN
    init = main.Init(
        session_id=SESSION_ID,
        display_channels_hint=0,
        supported_mouse_modes=MouseMode.SERVER | MouseMode.CLIENT,
        current_mouse_mode=MouseMode.SERVER,
        agent_connected=0,
        agent_tokens=10,
        multi_media_time=1000,
        ram_hint=64 << 20,
    )
    kinds = (ChannelType.INPUTS, ChannelType.DISPLAY, ChannelType.PLAYBACK)
    listed = main.ChannelsList(tuple([main.ChannelId(other, 0) for other in kinds]))
    return (_said(kind, "server", init), _said(kind, "client", main.AttachChannels()), _said(kind, "server", listed))


def _acknowledgement() -> tuple[Piece, ...]:
    kind = ChannelType.MAIN

    def ping(number: int) -> common.Ping:
        return common.Ping(number, _STAMP, b"")

    def pong(number: int) -> common.Pong:
        return common.Pong(number, _STAMP)

    return (
        _said(kind, "server", common.SetAck(1, 1)),
        _said(kind, "client", common.AckSync(1)),
        _said(kind, "server", ping(1)),
        _said(kind, "client", common.Ack(), pong(1)),
        _said(kind, "server", common.SetAck(2, 0)),
        _said(kind, "client", common.Ack(), common.AckSync(2)),
        _said(kind, "server", ping(2)),
        _said(kind, "client", pong(2)),
    )


def _inputs() -> tuple[Piece, ...]:
    kind = ChannelType.INPUTS
    left = MouseButtonMask.LEFT
    return (
        _said(kind, "server", inputs.Init(KeyboardModifierFlags.NUM_LOCK)),
        _said(kind, "client", inputs.KeyDown(0x1E), inputs.KeyUp(0x9E)),
        _said(kind, "client", inputs.MouseMotion(5, -3, 0), *[inputs.MouseMotion(1, 0, 0)] * 3),
        _said(kind, "server", inputs.MouseMotionAck()),
        _said(
            kind, "client", inputs.MousePress(MouseButton.LEFT, left), inputs.MouseRelease(MouseButton.LEFT, MouseButtonMask(0))
        ),
    )


_WHOLE: Final = draw.Clip(ClipType.NONE)
_NO_MASK: Final = draw.QMask(flags=0, pos=Point(0, 0), bitmap=None)


def _two_pixels() -> Image:
    """Red and blue."""
    rows = bytes.fromhex("0000ff00 ff000000")
    flags = BitmapFlags.TOP_DOWN
    bitmap = BitmapData(format=BitmapFmt._32BIT, flags=flags, x=2, y=1, stride=8, palette_id=None, palette=None, data=rows)
    return Image(descriptor=ImageDescriptor(id=1, type=ImageType.BITMAP, flags=ImageFlags(0), width=2, height=1), bitmap=bitmap)


def _display() -> tuple[Piece, ...]:
    kind = ChannelType.DISPLAY
    window = display.Init(pixmap_cache_id=0, pixmap_cache_size=1 << 20, glz_dictionary_id=0, glz_dictionary_window_size=1 << 20)
    surface = display.SurfaceCreate(surface_id=0, width=64, height=32, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY)
    whole, two = Rect(top=0, left=0, bottom=32, right=64), Rect(top=8, left=16, bottom=9, right=18)
    green = draw.Brush(type=BrushType.SOLID, color=0x00FF00)
    fill = display.DrawFill(draw.DisplayBase(0, whole, _WHOLE), draw.Fill(green, Ropd.OP_PUT, _NO_MASK))
    copy = draw.Copy(
        src_bitmap=_two_pixels(),
        src_area=Rect(top=0, left=0, bottom=1, right=2),
        rop_descriptor=Ropd.OP_PUT,
        scale_mode=ImageScaleMode.INTERPOLATE,
        mask=_NO_MASK,
    )
    stream = display.StreamCreate(
        surface_id=0,
        id=0,
        flags=StreamFlags.TOP_DOWN,
        codec_type=VideoCodecType.MJPEG,
        stamp=0,
        stream_width=32,
        stream_height=16,
        src_width=32,
        src_height=16,
        dest=Rect(top=8, left=16, bottom=24, right=48),
        clip=_WHOLE,
    )
    return (
        _said(kind, "client", window),
        _said(kind, "server", surface, fill, display.Mark()),
        _said(kind, "server", display.DrawCopy(draw.DisplayBase(0, two, _WHOLE), copy)),
        _said(kind, "server", stream, display.StreamDestroy(0)),
    )


def _playback() -> tuple[Piece, ...]:
    samples = bytes.fromhex("0000 0000 1027 1027 0000 0000 f0d8 f0d8")
    return (
        _said(
            ChannelType.PLAYBACK,
            "server",
            playback.Mode(time=1000, mode=AudioDataMode.RAW, data=b""),
            playback.Start(channels=2, format=AudioFmt.S16, frequency=44100, time=1200),
            playback.Data(time=1200, data=samples),
            playback.Stop(),
        ),
    )


@cache
def _session() -> Mapping[str, tuple[Piece, ...]]:
    return {
        "link": _link(ChannelType.MAIN, 0),
        "main": _main(),
        "acknowledgement": _acknowledgement(),
        "inputs-link": _link(ChannelType.INPUTS, SESSION_ID),
        "inputs": _inputs(),
        "display": _display(),
        "playback": _playback(),
    }


EXAMPLES: Final = ("link", "main", "acknowledgement", "inputs-link", "inputs", "display", "playback")
"""The parts, in the order of the session."""


def pieces(name: str) -> tuple[Piece, ...]:
    """What is sent in one part. Raises KeyError for a name that is none."""
    return _session()[name]


# -- as text


def example(name: str) -> str:
    """One part in Markdown: a heading and a listing for each piece; a link begins with its key."""
    found = pieces(name)
    lines = _key(found[0].channel) if name.endswith("link") else []
    for piece in found:
        lines += [f"**{piece.sender.capitalize()}: {piece.title}**", "", "```text", *_listing(piece), "```", ""]
    return "\n".join(lines[:-1]) + "\n"


def _key(channel: ChannelType) -> list[str]:
    numbers = {"p": _PRIMES[channel][0].to_bytes(64, "big"), "q": _PRIMES[channel][1].to_bytes(64, "big"), "seed": _SEED}
    return [
        f"The server's key is made of two primes, with the exponent {_EXPONENT}. The password is `{PASSWORD.decode()}`. "
        "`seed` is what OAEP usually draws at random.",
        "",
        "```text",
        *[f"{name:5}{data.hex()}" for name, data in numbers.items()],
        "```",
        "",
    ]


def _listing(piece: Piece) -> Iterator[str]:
    """Offset in the piece, bytes, field and value, a line for every 16 bytes of a field."""
    start = 0
    for kind, data in piece.parts:
        # What a pointer leads to is read where the pointer stands, and comes behind it.
        for span in sorted(dissect(schema.records()[kind], data).leaves(), key=lambda span: span.start):
            raw = data[span.start : span.end]
            text = f"{kind.rpartition('.')[2]}.{span.path}"
            note = piece.notes.get(span.name) or ("" if span.kind == "bytes" else span.text)
            text += f" = {note}" if note else f", {len(raw)} bytes"
            for at in range(0, len(raw), _HEX):
                line = f"{start + span.start + at:4}  {raw[at : at + _HEX].hex(' '):47}  "
                yield (line + text * (not at)).rstrip()
        start += len(data)
