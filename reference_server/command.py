"""``spice-reference-server``: serve a guest that shows a picture. Options are named like those of QEMU's ``-spice``.

The first line on standard output is a JSON object with the ports; with ``--log`` a line follows for everything that
happens. SIGINT and SIGTERM end all sessions in order.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import json
import os
import signal
import ssl
import sys
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from reference_server import FAULTS, Options, RecordingGuest, make_server
from reference_server.guest import InputEvent, Picture
from reference_server.policy import channel_type
from reference_server.shell import Log, Shell

__all__ = ["main"]

_USAGE = 2
_ENDED = 0
_FAILED = 1


class _Guest(RecordingGuest):
    """Tells the log what the client does."""

    log: Log | None = None

    def note(self, event: InputEvent) -> None:
        if self.log is not None:
            self.log("input", msgspec.to_builtins(event))


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
    except (OSError, ssl.SSLError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return _FAILED


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
    guest.add_argument("--picture", metavar="FILE", help="show this picture instead of a colour chart")
    guest.add_argument("--pointer", choices=("relative", "absolute"), default="relative", help="what the guest listens to")
    guest.add_argument("--animate", type=float, metavar="RATE", help="draw so many times a second")
    rest = parser.add_argument_group("the rest")
    rest.add_argument("--multi-client", action="store_true", help="a second client does not end the first one's session")
    rest.add_argument("--write-vv", metavar="FILE", help="write a connection file for remote-viewer, for the owner alone")
    rest.add_argument("--fault", choices=sorted(FAULTS), metavar="NAME", help="break a rule; see --list-faults")
    rest.add_argument("--list-faults", action="store_true", help="print the faults and end")
    rest.add_argument("--duration", type=float, metavar="S", help="end after so many seconds")
    rest.add_argument("--log", action="store_true", help="print a JSON line for everything that happens")
    return parser


def _channel(text: str) -> str:
    try:
        channel_type(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
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
        multi_client=options.multi_client,
        secured=tuple(options.tls_channel),
        unsecured=tuple(options.plaintext_channel),
    )


def _picture(path: str) -> Picture:
    import numpy as np
    from PIL import Image

    with Image.open(path) as image:
        found: Picture = np.asarray(image.convert("RGB"), np.uint8)[..., ::-1]
        return np.dstack([found, np.zeros(found.shape[:2], np.uint8)])


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server-cert.pem", folder / "server-key.pem")
    return context


def _print(name: str, fields: dict[str, Any]) -> None:
    print(json.dumps({"event": name} | fields), flush=True)


async def _serve(options: argparse.Namespace) -> int:
    guest = _Guest(size=options.size, pointer=options.pointer)
    if options.picture is not None:
        for number in range(options.displays):
            guest.paint(_picture(options.picture), number)
    server = make_server(_options(options), guest, fault=options.fault)
    shell = Shell(server, log=_print if options.log else None)
    if options.log:
        guest.log = _print
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        place = await _listen(shell, options)
        if options.write_vv is not None:
            _write_vv(Path(options.write_vv), options, place)
        _print("listening", place | {"fault": options.fault})
        animation = asyncio.create_task(_animate(shell, guest, options.animate)) if options.animate else None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), options.duration)
        if animation is not None:
            animation.cancel()
    finally:
        await shell.close()
    return _ENDED


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


async def _animate(shell: Shell, guest: _Guest, rate: float) -> None:
    while True:
        await asyncio.sleep(1 / rate)
        guest.animate(1)
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
