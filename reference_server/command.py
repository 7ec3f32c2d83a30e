"""``spice-reference-server``: serve a guest that draws. Options are named like those of QEMU's ``-spice``.

The first line on standard output is a JSON object with the ports; with ``--log`` a line follows for everything that
happens. SIGINT and SIGTERM end all sessions in order.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import json
import os
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from reference_server import FAULTS, Guest, make_server
from reference_server.arguments import complete, make_parser, server_options
from reference_server.beside import Beside
from reference_server.compression import CompressionUsed
from reference_server.departure import Destination, Kind
from reference_server.encoding import CeltUsed
from reference_server.guest import Disk, Screen
from reference_server.guests import GUESTS
from reference_server.guests.picture import picture
from reference_server.handover import Incoming, hand_over
from reference_server.happenings import log_all
from reference_server.own_run import OwnRun
from reference_server.program_controls import ProgramControls
from reference_server.shell import Shell
from spiceproto.capture_file import CaptureFile
from spiceproto.codecs import machine_code
from spiceproto.control_socket import ControlSocket, converse_on_standard_input
from spiceproto.controls.audience import Audience, Listener
from spiceproto.enums.display import ImageCompression
from spiceproto.errors import LocalError, in_words
from spiceproto.key_log import key_log
from spiceproto.log_lines import in_text
from spiceproto.signals import when_asked_to_end

__all__ = ["main"]

_ENDED = 0
_FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status: 0 ended in order, 1 could not listen, or the guest has failed, 2 usage."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.list_faults:
        for fault in FAULTS.values():
            print(f"{fault.name:40} {fault.requirement:18} {fault.title}")
        return _ENDED
    complete(parser, options)
    capture = None
    try:
        if options.capture is not None:
            capture = CaptureFile(options.capture, application=parser.prog, tell=_warn)
        status = asyncio.run(_serve(options, capture))
        if capture is not None:
            capture.close()
        return status if capture is None or not capture.failure else _FAILED
    except BrokenPipeError:  # nobody reads what is printed any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _ENDED
    except (OSError, ssl.SSLError, LocalError) as error:
        _warn(_words(error))
        return _FAILED
    finally:
        if capture is not None:
            capture.close()


def _warn(text: str) -> None:
    print(f"spice-reference-server: {text}", file=sys.stderr)


def _words(error: Exception) -> str:
    taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE and ", port " in str(error.filename)
    return in_words(error) + ("; --port 0 takes a free one" if taken else "")


def _context(options: argparse.Namespace) -> ssl.SSLContext:
    """Raises OSError and ssl.SSLError for files that are not there, or not what they should be."""
    folder = Path(options.x509_dir or options.make_certificates or ".")
    certificate = options.x509_cert_file or folder / "server-cert.pem"
    key = options.x509_key_file or folder / "server-key.pem"
    for path in (certificate, key):
        Path(path).read_bytes()  # whose error names it
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if (keys := key_log()) is not None:
        context.keylog_filename = keys
    # Without a password nobody is asked for one on the terminal.
    context.load_cert_chain(certificate, key, lambda: options.x509_key_password or "")
    if options.x509_dh_key_file is not None:
        context.load_dh_params(options.x509_dh_key_file)
    if options.tls_ciphers is not None:
        context.set_ciphers(options.tls_ciphers)
    return context


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


def _print_text(line: dict[str, Any]) -> None:
    print(in_text(line), flush=True)


class _Log:
    """What happens, for whoever listens; the ``owner``, who sees standard output, may be one of them."""

    def __init__(self, owner: Listener) -> None:
        self.owner = owner
        self.audience = Audience(lambda: self.begin())
        self.begin: Callable[[], None] = lambda: None

    def tell(self, name: str, fields: dict[str, Any]) -> None:
        """Something has happened."""
        self.audience.tell({"event": name} | fields)
        if name == "exhausted" and not self.owner.listens:
            _warn(fields["text"])

    def tell_owner(self, name: str, fields: dict[str, Any]) -> None:
        """Something that the owner is told in any case."""
        if not self.owner.listens:
            self.owner.say({"event": name} | fields)
        self.tell(name, fields)


def _prepare(news: CompressionUsed) -> None:
    machine_code.prepare_in_thread()


def _prepare_celt(news: CeltUsed) -> None:
    threading.Thread(target=machine_code.prepare_kind, args=(machine_code.CELT_ENCODER,), name="kernels", daemon=True).start()


async def _serve(options: argparse.Namespace, capture: CaptureFile | None) -> int:
    guest = Guest(
        size=options.size,
        pointer=options.pointer,
        readers=int(options.smartcard or options.guest == "card"),
        usb=(options.usb or 0) + len(options.usb_socket),
    )
    if options.files is not None:
        guest.disk = Disk(Path(options.files))
    log = _Log(Listener(_print_text if options.log == "text" else _print, listens=bool(options.log)))
    beside = Beside(guest, options, log.tell_owner)
    server = make_server(server_options(options), guest, fault=options.fault)
    if options.picture is not None:
        picture(guest, options.displays, options.picture)
    stop = asyncio.Event()
    own = OwnRun(stop.set)
    if options.own_guest is None:
        GUESTS[options.guest](guest, options.displays)
    else:
        own.start(options.own_guest, guest, options.displays)
    server.compression.ready = machine_code.ready
    if server.compression.kind != ImageCompression.OFF:
        machine_code.prepare_in_thread()
    else:
        server.compression.watch(_prepare, CompressionUsed)
    server.encoding.ready = partial(machine_code.is_prepared, machine_code.CELT_ENCODER)
    server.encoding.watch(_prepare_celt, CeltUsed)
    shell = Shell(server, log=log.tell, capture=capture)
    log.begin = partial(log_all, server, log.tell)
    log.audience.join(log.owner)
    own.answer_calls(shell)
    incoming = Incoming(shell) if options.incoming is not None else None
    when_asked_to_end(stop.set)
    controls = _controls(shell, log.audience, stop, options) if options.control or options.control_socket else None
    driven = None if controls is None or not options.control_socket else ControlSocket("server", controls.answer, log.audience)
    try:
        place = await _listen(shell, options) | await beside.listen(shell)
        if incoming is not None:
            place["incoming"] = await incoming.listen(options.incoming)
        if options.write_vv is not None:
            _write_vv(Path(options.write_vv), options, place)
        if controls is not None:
            controls.place = place
        if driven is not None:
            await driven.listen(options.control_socket)
        _print({"event": "listening"} | place | {"fault": options.fault})
        animation = asyncio.create_task(_animate(shell, guest.screens[0], options.animate)) if options.animate else None
        controlled = None
        if controls is not None and options.control:
            controlled = asyncio.create_task(converse_on_standard_input(log.owner, controls.answer))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), options.duration)
        for task in (animation, controlled):
            if task is not None:
                task.cancel()
    finally:
        if incoming is not None:
            incoming.close()
        if driven is not None:
            await driven.close()
        await shell.close()
        await beside.close()
        own.end()
    return _ENDED


def _controls(shell: Shell, audience: Audience, stop: asyncio.Event, options: argparse.Namespace) -> ProgramControls:
    """What the program can be told; all ends with a migration if that was asked for."""

    async def carry(destination: Destination, kind: Kind, place: str) -> Any:
        found = await hand_over(shell, destination, kind, place)
        if options.exit_after_migration:
            stop.set()
        return found

    return ProgramControls(shell, audience, stop=stop.set, hand_over=carry, fault=options.fault)


async def _listen(shell: Shell, options: argparse.Namespace) -> dict[str, Any]:
    place: dict[str, Any] = {"host": options.addr, "port": None, "tls_port": None, "unix": options.unix}
    family = socket.AF_INET if options.ipv4 else socket.AF_INET6 if options.ipv6 else socket.AF_UNSPEC
    if options.port is not None:
        place["port"] = await shell.listen(options.addr, options.port, family=family)
    if options.tls_port is not None:
        if options.make_certificates:
            from spiceproto import certificates

            names = dict.fromkeys(("localhost", "127.0.0.1", options.addr))
            made = certificates.make(tuple(names))
            made.write(Path(options.make_certificates))
            place["host_subject"] = made.subject
        place["tls_port"] = await shell.listen(options.addr, options.tls_port, _context(options), family=family)
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
        folder = options.x509_dir or options.make_certificates
        authority = Path(options.x509_cacert_file or (Path(folder) / "ca-cert.pem" if folder else ""))
        if authority.is_file():
            fields["ca"] = authority.read_text().replace("\n", "\\n")
    if secured := server_options(options).secured:
        fields["secure-channels"] = ";".join(secured)
    lines = ["[virt-viewer]", *[f"{name}={value}" for name, value in fields.items() if value is not None]]
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as out:
        out.write("\n".join(lines) + "\n")
    os.replace(name, path)
