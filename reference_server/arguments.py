"""The options of ``spice-reference-server``: which there are, what goes with what, and what they mean for a server.

They are named like those of QEMU's ``-spice``.
"""

from __future__ import annotations

import argparse
import ipaddress
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from reference_server.compression import COMPRESSIONS, Compression
from reference_server.faults import FAULTS
from reference_server.guests import GUESTS
from reference_server.guests.own import OwnGuest, load
from reference_server.handover import place
from reference_server.options import Options
from reference_server.port_bridge import PortWish
from reference_server.qemu_options import words_of
from reference_server.streaming import STREAMING
from spiceproto import suggestion, ticket
from spiceproto.channels import NAMES, channel_type
from spiceproto.errors import LocalError, RemoteError
from spiceproto.log_lines import LogParser
from spiceproto.sound_modes import WISHES
from spiceproto.usbredir_filter import Filter

__all__ = ["complete", "make_parser", "server_options"]

_SOCKETS: Final = 16
"""Most usbredir channels of each kind."""

_DEFAULT: Final = "default"
"""Stands for all channels that are not named."""

_LATENCY: Final = 60_000
"""Most milliseconds that clients can be asked to hold sound back."""


def make_parser() -> argparse.ArgumentParser:
    """The options, and what each may be."""
    parser = LogParser(prog="spice-reference-server", description="A SPICE server that keeps the specification.")
    qemu = "options as QEMU has them behind -spice: port=5900,addr=127.0.0.1,disable-ticketing=on"
    parser.add_argument("--spice", action=_Spice, metavar="OPTIONS", help=qemu)
    where = parser.add_argument_group("where to listen")
    where.add_argument("--addr", default="127.0.0.1", help="address for TCP (default: loopback)")
    where.add_argument("--port", type=int, help="port without TLS; 0 for a free one, which is the default without other places")
    where.add_argument("--tls-port", type=int, help="port with TLS; 0 for a free one")
    where.add_argument("--unix", metavar="PATH", help="Unix socket")
    where.add_argument("--ipv4", action="store_true", help="of a name, addresses of IPv4 only")
    where.add_argument("--ipv6", action="store_true", help="of a name, addresses of IPv6 only")
    tls = parser.add_argument_group("TLS")
    tls.add_argument("--x509-dir", metavar="DIR", help="folder with server-cert.pem, server-key.pem and ca-cert.pem")
    for name, what in (("cert", "the certificate"), ("key", "its key"), ("cacert", "who signed it, for --write-vv")):
        tls.add_argument(f"--x509-{name}-file", metavar="FILE", help=f"{what}, instead of that in the folder")
    tls.add_argument("--x509-key-password", metavar="TEXT", help="of the key, if it is encrypted")
    tls.add_argument("--x509-dh-key-file", metavar="FILE", help="parameters for Diffie-Hellman")
    tls.add_argument("--tls-ciphers", metavar="LIST", help="as OpenSSL writes them, for TLS 1.2")
    tls.add_argument("--make-certificates", metavar="DIR", help="make such a folder first")
    tls.add_argument("--tls-channel", action="append", default=[], type=_channel, metavar="NAME", help="needs TLS")
    tls.add_argument("--plaintext-channel", action="append", default=[], type=_channel, metavar="NAME", help="must not have it")
    login = parser.add_argument_group("who may log in")
    login.add_argument("--password", help="of the ticket; others on this machine can see it: see --password-file")
    login.add_argument("--password-file", metavar="FILE", help="its first line is the password")
    login.add_argument("--disable-ticketing", action="store_true", help="anybody")
    login.add_argument("--sasl", action="store_true", help="log in by SASL instead of a ticket")
    login.add_argument("--username", default="spice", help="for SASL (default: spice)")
    guest = parser.add_argument_group("the guest")
    guest.add_argument("--name", default="reference", help="for clients to show")
    guest.add_argument("--uuid", type=uuid.UUID, default=uuid.UUID(bytes=bytes(range(16))), help="for clients to show")
    guest.add_argument("--displays", type=int, default=1, metavar="N", help="display channels")
    guest.add_argument("--size", type=_size, default=(640, 480), metavar="WxH", help="of the displays")
    runs = f"what runs in it: {', '.join(GUESTS)} (the first unless said), or one of your own"
    guest.add_argument("--guest", default="chart", metavar="NAME|FILE.py|MODULE:NAME", help=runs)
    guest.add_argument("--picture", metavar="FILE", help="show this picture instead")
    guest.add_argument("--pointer", choices=("relative", "absolute"), default="relative", help="what the guest listens to")
    guest.add_argument("--animate", type=float, metavar="RATE", help="draw so many times a second")
    guest.add_argument("--smartcard", action="store_true", help="a card reader, into which clients put their smart cards")
    socket = "a card reader whose device connects here, as QEMU's ccid-card-passthru does"
    guest.add_argument("--smartcard-socket", metavar="PATH", help=socket)
    usb = parser.add_argument_group("USB")
    usb.add_argument(
        "--usb", type=_usb, metavar="N", help="usbredir channels, whose devices the guest looks at (default: none)"
    )
    usb.add_argument("--usb-copy", metavar="FILE", help="write the disc of a shared CD drive, as the guest reads it")
    usb.add_argument("--usb-filter", type=_filter, metavar="RULES", help="which devices it takes: 0x08,-1,-1,-1,1 and the like")
    where_usb = "a usbredir channel for who connects there, as a chardev of QEMU's usb-redir; others follow those of --usb"
    usb.add_argument("--usb-socket", action="append", default=[], metavar="PATH", help=where_usb)
    latency = "ask clients to hold sound and frames back for so long, at least"
    guest.add_argument("--latency", type=_latency, default=0, metavar="MS", help=latency)
    ports = parser.add_argument_group("ports of the guest")
    behind = "a port with this name: behind a Unix socket, or an echo, or closed; may be given several times"
    ports.add_argument("--guest-port", action="append", default=[], type=_port, metavar="NAME[=unix:PATH|=echo]", help=behind)
    browse = "let browsers see the folder that a client shares; 0 for a free port"
    ports.add_argument("--webdav-listen", type=_place, metavar="[HOST:]PORT", help=browse)
    agent = parser.add_argument_group("the guest's agent")
    agent.add_argument("--files", metavar="FOLDER", help="where the guest puts files that clients send (default: in memory)")
    agent.add_argument("--agent-socket", metavar="PATH", help="a Unix socket for an agent: spice-vdagentd -s PATH")
    for name, same, what in (
        ("no-copy-paste", "disable-copy-paste", "no clipboard is shared"),
        ("no-file-transfer", "disable-agent-file-xfer", "clients send no files"),
    ):
        agent.add_argument(f"--{name}", f"--{same}", action="store_true", help=what)
    pointed = "off: an agent does not move the pointer, and mouse mode CLIENT needs a tablet"
    agent.add_argument("--agent-mouse", choices=("on", "off"), default="on", help=pointed)
    images = parser.add_argument_group("images")
    images.add_argument("--image-compression", choices=tuple(COMPRESSIONS), default="off", help="how they are compressed")
    for name, what in (("jpeg-wan-compression", "JPEG in place of QUIC"), ("zlib-glz-wan-compression", "zlib around GLZ")):
        images.add_argument(f"--{name}", choices=("auto", "never", "always"), default="auto", help=f"{what}; auto is never")
    sound = parser.add_argument_group("sound")
    sound.add_argument("--sound-mode", choices=WISHES, default="auto", help="announce and use this codec alone, or none")
    sound.add_argument("--playback-compression", choices=("on", "off"), default="on", help="off: play samples as they are")
    images.add_argument("--streaming-video", choices=STREAMING, default="off", help="which of them become video; filter: films")
    rest = parser.add_argument_group("the rest")
    rest.add_argument("--multi-client", action="store_true", help="a second client does not end the first one's session")
    rest.add_argument("--write-vv", metavar="FILE", help="write a connection file for remote-viewer, for the owner alone")
    incoming = "wait for the guest of another server, whose control command migrate brings it: a Unix socket, or HOST:PORT"
    rest.add_argument("--incoming", type=_incoming, metavar="PLACE", help=incoming)
    kept = "off: clients keep their links when the guest moves, and no state"
    rest.add_argument("--seamless-migration", choices=("on", "off"), default="on", help=kept)
    rest.add_argument("--exit-after-migration", action="store_true", help="end when the guest has gone, and its clients")
    rest.add_argument("--fault", type=_fault, metavar="NAME", help="break a rule; see --list-faults")
    rest.add_argument("--list-faults", action="store_true", help="print the faults and end")
    rest.add_argument("--duration", type=float, metavar="S", help="end after so many seconds")
    rest.add_argument("--control", action="store_true", help="take JSON lines on standard input, and answer them")
    rest.add_argument("--control-socket", type=_path, metavar="PATH", help="the same on a Unix socket: see spice-reference-ctl")
    capture = "write what is said and heard, without TLS and WebSocket, for Wireshark and others"
    rest.add_argument("--capture", metavar="FILE.pcapng", help=capture)
    parser.add_log(rest)
    return parser


class _Spice(argparse.Action):
    """The options of QEMU's -spice stand for so many of this command."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: Any, values: Any, option_string: str | None = None) -> None:
        try:
            words = words_of(values)
        except LocalError as error:
            raise argparse.ArgumentError(self, str(error)) from None
        parser.parse_args(words, namespace)


def _channel(text: str) -> str:
    try:
        if text != _DEFAULT:
            channel_type(text)
    except LocalError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _fault(text: str) -> str:
    try:
        FAULTS.make(text)
    except LocalError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _port(text: str) -> PortWish:
    try:
        return PortWish(text)
    except LocalError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"not like 127.0.0.1:9843: {text!r}")
    return host.strip("[]") or "127.0.0.1", int(port)


def _incoming(text: str) -> str:
    try:
        place(text)
    except LocalError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _latency(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _LATENCY:
        raise argparse.ArgumentTypeError(f"milliseconds are from 0 to {_LATENCY}")
    return int(text)


def _usb(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _SOCKETS:
        raise argparse.ArgumentTypeError(f"there can be 0 to {_SOCKETS}")
    return int(text)


def _filter(text: str) -> Filter:
    try:
        return Filter.parse(text)
    except RemoteError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _path(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("a path is needed, and not nothing")
    return text


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    try:
        size = int(width), int(height)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not like 640x480: {text!r}") from None
    if not all(1 <= side <= 8192 for side in size):
        raise argparse.ArgumentTypeError("sides are from 1 to 8192")
    return size


def complete(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Check what depends on several options, and fill in what follows from them. Ends the program if it is wrong."""
    if options.port is None and options.tls_port is None and options.unix is None:
        options.port = 0
    for port in (options.port, options.tls_port):
        if port is not None and not 0 <= port <= 65535:
            parser.error(f"no port: {port}")
    if not 1 <= options.displays <= 256:
        parser.error("there can be 1 to 256 displays")
    if options.password_file is not None:
        try:
            lines = Path(options.password_file).read_text().splitlines()
        except (OSError, UnicodeError) as error:
            parser.error(f"the password cannot be read: {error}")
        options.password = lines[0] if lines else ""
    if options.disable_ticketing:
        if options.password is not None or options.sasl:
            parser.error("--disable-ticketing does not go with a password or SASL")
    elif options.sasl and not options.password:
        parser.error("--sasl needs a password")
    elif options.password is None and options.unix is None and not _is_loopback(options.addr):
        parser.error("anybody could log in from the network: give a password, or --disable-ticketing")
    if options.password is not None and not options.sasl:
        try:
            ticket.checked(options.password)
        except LocalError as error:
            parser.error(f"--password: {error}")
    try:
        Compression(options.image_compression, jpeg=options.jpeg_wan_compression == "always")
    except ValueError as error:
        parser.error(str(error))
    if options.files is not None and not Path(options.files).is_dir():
        parser.error(f"not a folder: {options.files}")
    options.own_guest = None
    if options.guest not in GUESTS:
        try:
            options.own_guest = _own_guest(options.guest)
        except LocalError as error:
            parser.error(f"--guest: {error}")
    if options.agent_socket is not None and options.guest in ("agent", "agent-crlf"):
        parser.error(f"--guest {options.guest} has an agent of its own: it does not go with --agent-socket")
    if options.control and options.log == "text":
        parser.error("with --control all lines are JSON: it does not go with --log text")
    own = options.x509_cert_file and options.x509_key_file
    if options.tls_port is not None and not (options.x509_dir or options.make_certificates or own):
        parser.error("--tls-port needs --x509-dir, --make-certificates, or --x509-cert-file and --x509-key-file")
    if options.ipv4 and options.ipv6:
        options.ipv4 = options.ipv6 = False  # both is any


def _own_guest(text: str) -> OwnGuest:
    if not set(text) & set(":./") and not Path(text).is_dir():
        there = f"{suggestion.expected(text, GUESTS)}; or FILE.py, or MODULE:NAME"
        raise LocalError("there is no such guest", expected=there, actual=text)
    return load(text)


def _is_loopback(address: str) -> bool:
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _channels(names: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Names of channel types; those that ``default`` stands for are all that are in neither list."""
    if _DEFAULT not in names:
        return tuple(names)
    return (*[name for name in names if name != _DEFAULT], *[name for name in NAMES if name not in (*names, *others)])


def server_options(options: argparse.Namespace) -> Options:
    """What of them is the server's own."""
    password = None if options.password is None else options.password.encode()
    return Options(
        password=None if options.sasl else password,
        ticket=not options.sasl,
        sasl=options.sasl,
        sasl_users={options.username: options.password} if options.sasl else {},
        name=options.name,
        uuid=options.uuid.bytes,
        displays=options.displays,
        multi_client=options.multi_client,
        image_compression=options.image_compression,
        jpeg=options.jpeg_wan_compression == "always",
        zlib_glz=options.zlib_glz_wan_compression == "always",
        sound_mode=options.sound_mode,
        playback_compression=options.playback_compression == "on",
        streaming_video=options.streaming_video,
        secured=_channels(options.tls_channel, options.plaintext_channel),
        unsecured=_channels(options.plaintext_channel, options.tls_channel),
        latency=options.latency,
        copy_paste=not options.no_copy_paste,
        file_transfer=not options.no_file_transfer,
        agent_mouse=options.agent_mouse == "on",
        seamless=options.seamless_migration == "on",
    )
