"""``spice-reference-server``: serve a guest that draws. Options are named like those of QEMU's ``-spice``.

The first line on standard output is a JSON object with the ports; with ``--log`` a line follows for everything that
happens. SIGINT and SIGTERM end all sessions in order.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import ipaddress
import json
import os
import ssl
import sys
import tempfile
import threading
import uuid
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from reference_server import FAULTS, Guest, Options, make_server
from reference_server.beside import Beside
from reference_server.compression import COMPRESSIONS, Compression, CompressionUsed
from reference_server.controls import Controls, answer
from reference_server.encoding import CeltUsed
from reference_server.guest import Disk, InputEvent, Screen, on_cards, on_input
from reference_server.guests import GUESTS
from reference_server.guests.picture import picture
from reference_server.happenings import log_agent, log_media
from reference_server.port_bridge import PortWish
from reference_server.shell import Shell
from reference_server.streaming import STREAMING
from spiceproto.channels import channel_type
from spiceproto.codecs import machine_code
from spiceproto.enums.display import ImageCompression
from spiceproto.errors import LocalError, MissingExtraError, RemoteError
from spiceproto.signals import when_asked_to_end
from spiceproto.sound_modes import WISHES
from spiceproto.usbredir_filter import Filter

__all__ = ["main"]

_USAGE = 2
_ENDED = 0
_FAILED = 1
_SOCKETS = 16
"""Most usbredir channels of each kind."""

_LINE = 1 << 20
"""Bytes of a question."""
_LATENCY = 60_000
"""Most milliseconds that clients can be asked to hold sound back."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status: 0 ended in order, 1 could not listen, 2 usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.list_faults:
        for fault in FAULTS.values():
            print(f"{fault.name:40} {fault.requirement:18} {fault.title}")
        return _ENDED
    _complete(parser, options)
    try:
        return asyncio.run(_serve(options))
    except BrokenPipeError:  # nobody reads what is printed any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _ENDED
    except (OSError, ssl.SSLError, MissingExtraError) as error:
        print(f"{parser.prog}: {_words(error)}", file=sys.stderr)
        return _FAILED


def _words(error: Exception) -> str:
    if not isinstance(error, OSError) or not error.filename or not error.strerror:
        return str(error)
    advice = "; --port 0 takes a free one" if error.errno == errno.EADDRINUSE else ""
    return f"{error.filename}: {error.strerror}{advice}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="spice-reference-server", description="A SPICE server that keeps the specification.")
    where = parser.add_argument_group("where to listen")
    where.add_argument("--addr", default="127.0.0.1", help="address for TCP (default: loopback)")
    where.add_argument("--port", type=int, help="port without TLS; 0 for a free one, which is the default without other places")
    where.add_argument("--tls-port", type=int, help="port with TLS; 0 for a free one")
    where.add_argument("--unix", metavar="PATH", help="Unix socket")
    tls = parser.add_argument_group("TLS")
    tls.add_argument("--x509-dir", metavar="DIR", help="folder with server-cert.pem, server-key.pem and ca-cert.pem")
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
    guest.add_argument("--guest", choices=tuple(GUESTS), default="chart", help="what runs in it (default: a colour chart)")
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
    agent.add_argument("--no-copy-paste", action="store_true", help="no clipboard is shared")
    agent.add_argument("--no-file-transfer", action="store_true", help="clients send no files")
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
    rest.add_argument("--fault", type=_fault, metavar="NAME", help="break a rule; see --list-faults")
    rest.add_argument("--list-faults", action="store_true", help="print the faults and end")
    rest.add_argument("--duration", type=float, metavar="S", help="end after so many seconds")
    rest.add_argument("--control", action="store_true", help="take JSON lines on standard input, and answer them")
    rest.add_argument("--log", action="store_true", help="print a JSON line for everything that happens")
    return parser


def _channel(text: str) -> str:
    try:
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


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    try:
        size = int(width), int(height)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not like 640x480: {text!r}") from None
    if not all(1 <= side <= 8192 for side in size):
        raise argparse.ArgumentTypeError("sides are from 1 to 8192")
    return size


def _complete(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Check what depends on several options, and fill in what follows from them."""
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
    try:
        Compression(options.image_compression, jpeg=options.jpeg_wan_compression == "always")
    except ValueError as error:
        parser.error(str(error))
    if options.files is not None and not Path(options.files).is_dir():
        parser.error(f"not a folder: {options.files}")
    if options.agent_socket is not None and options.guest.startswith("agent"):
        parser.error(f"--guest {options.guest} has an agent of its own: it does not go with --agent-socket")
    if options.tls_port is not None and not (options.x509_dir or options.make_certificates):
        parser.error("--tls-port needs --x509-dir or --make-certificates")


def _is_loopback(address: str) -> bool:
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _options(options: argparse.Namespace) -> Options:
    password = None if options.password is None else options.password.encode()
    return Options(
        password=None if options.sasl else password,
        ticket=not options.sasl,
        sasl=options.sasl,
        sasl_users={options.username: options.password} if options.sasl else {},
        name=options.name,
        uuid=options.uuid.bytes,
        displays=options.displays,
        usb=(options.usb or 0) + len(options.usb_socket),
        multi_client=options.multi_client,
        image_compression=options.image_compression,
        jpeg=options.jpeg_wan_compression == "always",
        zlib_glz=options.zlib_glz_wan_compression == "always",
        sound_mode=options.sound_mode,
        playback_compression=options.playback_compression == "on",
        streaming_video=options.streaming_video,
        secured=tuple(options.tls_channel),
        unsecured=tuple(options.plaintext_channel),
        latency=options.latency,
        copy_paste=not options.no_copy_paste,
        file_transfer=not options.no_file_transfer,
    )


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server-cert.pem", folder / "server-key.pem")
    return context


def _print(name: str, fields: dict[str, Any]) -> None:
    print(json.dumps({"event": name} | fields), flush=True)


def _complain(name: str, fields: dict[str, Any]) -> None:
    """Without a log, what the owner of the machine has to know."""
    if name == "exhausted":
        print(f"spice-reference-server: {fields['text']}", file=sys.stderr)


def _print_input(event: InputEvent) -> None:
    _print("input", msgspec.to_builtins(event))


def _prepare(news: CompressionUsed) -> None:
    machine_code.prepare_in_thread()


def _prepare_celt(news: CeltUsed) -> None:
    threading.Thread(target=machine_code.prepare_kind, args=(machine_code.CELT_ENCODER,), name="kernels", daemon=True).start()


async def _serve(options: argparse.Namespace) -> int:
    guest = Guest(size=options.size, pointer=options.pointer, readers=int(options.smartcard or options.guest == "card"))
    if options.files is not None:
        guest.disk = Disk(Path(options.files))
    beside = Beside(guest, options, _print)
    server = make_server(_options(options), guest, fault=options.fault)
    if options.picture is not None:
        picture(guest, options.displays, options.picture)
    GUESTS[options.guest](guest, options.displays)
    server.compression.ready = machine_code.ready
    if server.compression.kind != ImageCompression.OFF:
        machine_code.prepare_in_thread()
    else:
        server.compression.watch(_prepare, CompressionUsed)
    server.encoding.ready = partial(machine_code.is_prepared, machine_code.CELT_ENCODER)
    server.encoding.watch(_prepare_celt, CeltUsed)
    shell = Shell(server, log=_print if options.log else _complain)
    if options.log:
        on_input(guest, _print_input)
        on_cards(guest, _print)
        log_media(server, _print)
        log_agent(server, _print)
    stop = asyncio.Event()
    when_asked_to_end(stop.set)
    try:
        place = await _listen(shell, options) | await beside.listen(shell)
        if options.write_vv is not None:
            _write_vv(Path(options.write_vv), options, place)
        _print("listening", place | {"fault": options.fault})
        animation = asyncio.create_task(_animate(shell, guest.screens[0], options.animate)) if options.animate else None
        controlled = asyncio.create_task(_control(shell, stop)) if options.control else None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), options.duration)
        for task in (animation, controlled):
            if task is not None:
                task.cancel()
    finally:
        await shell.close()
        await beside.close()
    return _ENDED


async def _control(shell: Shell, stop: asyncio.Event) -> None:
    """Answer the lines of standard input, until it ends."""
    controls = Controls(shell.server, stop.set)
    reader = asyncio.StreamReader(limit=_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while True:
        try:
            line = await reader.readline()
        except ValueError:
            _print("answer", {"answer": "error", "text": f"a line is longer than {_LINE} bytes"})
            continue
        if not line:
            return
        _print("answer", answer(controls, line.decode(errors="replace")))
        shell.flush()


async def _listen(shell: Shell, options: argparse.Namespace) -> dict[str, Any]:
    place: dict[str, Any] = {"host": options.addr, "port": None, "tls_port": None, "unix": options.unix}
    if options.port is not None:
        place["port"] = await shell.listen(options.addr, options.port)
    if options.tls_port is not None:
        folder = Path(options.x509_dir or options.make_certificates)
        if options.make_certificates:
            from spiceproto import certificates

            names = dict.fromkeys(("localhost", "127.0.0.1", options.addr))
            made = certificates.make(tuple(names))
            made.write(folder)
            place["host_subject"] = made.subject
        place["tls_port"] = await shell.listen(options.addr, options.tls_port, _context(folder))
    if options.unix is not None:
        await shell.listen_unix(options.unix)
    return place


async def _animate(shell: Shell, screen: Screen, rate: float) -> None:
    while True:
        await asyncio.sleep(1 / rate)
        screen.animate()
        shell.flush()


def _write_vv(path: Path, options: argparse.Namespace, place: dict[str, Any]) -> None:
    """A connection file of virt-viewer; it is whole when it appears."""
    fields: dict[str, Any] = {"type": "spice", "title": options.name}
    if place["unix"] is not None and place["port"] is None and place["tls_port"] is None:
        fields["unix-path"] = place["unix"]
    else:
        fields |= {"host": place["host"], "port": place["port"], "tls-port": place["tls_port"]}
    if options.sasl:
        fields["username"] = options.username
    fields["password"] = options.password
    if options.tls_port is not None:
        authority = Path(options.x509_dir or options.make_certificates) / "ca-cert.pem"
        if authority.exists():
            fields["ca"] = authority.read_text().replace("\n", "\\n")
    if options.tls_channel:
        fields["secure-channels"] = ";".join(options.tls_channel)
    lines = ["[virt-viewer]", *[f"{name}={value}" for name, value in fields.items() if value is not None]]
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as out:
        out.write("\n".join(lines) + "\n")
    os.replace(name, path)
