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
import ssl
import sys
import tempfile
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from reference_server import FAULTS, Guest, make_server
from reference_server.arguments import complete, make_parser, server_options
from reference_server.beside import Beside
from reference_server.compression import CompressionUsed
from reference_server.controls import Controls, answer, waited
from reference_server.departure import Destination, Kind
from reference_server.encoding import CeltUsed
from reference_server.guest import Disk, Screen
from reference_server.guests import GUESTS
from reference_server.guests.picture import picture
from reference_server.handover import Incoming, hand_over
from reference_server.happenings import log_all
from reference_server.shell import Shell
from spiceproto.capture_file import CaptureFile
from spiceproto.codecs import machine_code
from spiceproto.enums.display import ImageCompression
from spiceproto.errors import MissingExtraError, in_words
from spiceproto.key_log import key_log
from spiceproto.log_lines import in_text
from spiceproto.signals import when_asked_to_end
from spiceproto.standard_input import connect_standard_input

__all__ = ["main"]

_ENDED = 0
_FAILED = 1
_LINE = 1 << 20
"""Bytes of a question."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status: 0 ended in order, 1 could not listen, 2 usage."""
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
    except (OSError, ssl.SSLError, MissingExtraError) as error:
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


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if (keys := key_log()) is not None:
        context.keylog_filename = keys
    context.load_cert_chain(folder / "server-cert.pem", folder / "server-key.pem")
    return context


def _print(name: str, fields: dict[str, Any]) -> None:
    print(json.dumps({"event": name} | fields), flush=True)


def _print_text(name: str, fields: dict[str, Any]) -> None:
    print(in_text({"event": name} | fields), flush=True)


def _complain(name: str, fields: dict[str, Any]) -> None:
    """Without a log, what the owner of the machine has to know."""
    if name == "exhausted":
        _warn(fields["text"])


def _prepare(news: CompressionUsed) -> None:
    machine_code.prepare_in_thread()


def _prepare_celt(news: CeltUsed) -> None:
    threading.Thread(target=machine_code.prepare_kind, args=(machine_code.CELT_ENCODER,), name="kernels", daemon=True).start()


async def _serve(options: argparse.Namespace, capture: CaptureFile | None) -> int:
    log = _print_text if options.log == "text" else _print
    guest = Guest(
        size=options.size,
        pointer=options.pointer,
        readers=int(options.smartcard or options.guest == "card"),
        usb=(options.usb or 0) + len(options.usb_socket),
    )
    if options.files is not None:
        guest.disk = Disk(Path(options.files))
    beside = Beside(guest, options, log)
    server = make_server(server_options(options), guest, fault=options.fault)
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
    shell = Shell(server, log=log if options.log else _complain, capture=capture)
    if options.log:
        log_all(server, log)
    incoming = Incoming(shell) if options.incoming is not None else None
    stop = asyncio.Event()
    when_asked_to_end(stop.set)
    try:
        place = await _listen(shell, options) | await beside.listen(shell)
        if incoming is not None:
            place["incoming"] = await incoming.listen(options.incoming)
        if options.write_vv is not None:
            _write_vv(Path(options.write_vv), options, place)
        _print("listening", place | {"fault": options.fault})
        animation = asyncio.create_task(_animate(shell, guest.screens[0], options.animate)) if options.animate else None
        controlled = (
            asyncio.create_task(_control(shell, stop, leaves=options.exit_after_migration)) if options.control else None
        )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), options.duration)
        for task in (animation, controlled):
            if task is not None:
                task.cancel()
    finally:
        if incoming is not None:
            incoming.close()
        await shell.close()
        await beside.close()
    return _ENDED


async def _control(shell: Shell, stop: asyncio.Event, *, leaves: bool) -> None:
    """Answer the lines of standard input, until it ends; ``leaves`` says whether all ends with a migration."""

    async def carry(destination: Destination, kind: Kind, place: str) -> Any:
        found = await hand_over(shell, destination, kind, place)
        if leaves:
            stop.set()
        return found

    controls = Controls(shell.server, stop.set, hand_over=carry)
    reader = asyncio.StreamReader(limit=_LINE)
    await connect_standard_input(lambda: asyncio.StreamReaderProtocol(reader))
    while True:
        try:
            line = await reader.readline()
        except ValueError:
            _print("answer", {"answer": "error", "text": f"a line is longer than {_LINE} bytes"})
            continue
        if not line:
            return
        try:
            said = await waited(answer(controls, line.decode(errors="replace")))
        except Exception as error:  # the next line has its answer all the same
            said = {"answer": "error", "text": f"a mistake of the server itself: {type(error).__name__}: {error}"}
        _print("answer", said)
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
