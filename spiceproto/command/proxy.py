"""``spiceproto proxy LISTEN UPSTREAM``: what a client and a server say to each other, as it passes, and what is made of it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TextIO, cast

from spiceproto.command import fail
from spiceproto.command.filtering import selection
from spiceproto.errors import LocalError, SpiceError, in_words
from spiceproto.page_access import ANYWHERE, place_of

if TYPE_CHECKING:
    import argparse

    from spiceproto.capture.consumer import Consumer
    from spiceproto.command.lines import Lines
    from spiceproto.command.proxy_page import ProxyPage
    from spiceproto.connection_file import ConnectionFile
    from spiceproto.proxy.faults import Fault
    from spiceproto.proxy.identity import Identity
    from spiceproto.proxy.places import Door
    from spiceproto.proxy.proxy import Proxy
    from spiceproto.proxy.rules import Rule
    from spiceproto.proxy.traffic import Observer
    from spiceproto.way import Way

__all__ = ["configure", "run", "serve"]


def configure(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument(
        "listen",
        metavar="LISTEN",
        help="where clients come: [HOST:]PORT (0 is a free one), spice://HOST?port=P&tls-port=P, spice+unix://PATH; a port "
        "takes SPICE, TLS, WebSocket and HTTP CONNECT",
    )
    parser.add_argument(
        "upstream",
        metavar="UPSTREAM",
        help="the server: spice://, spice+tls://, spice+unix://, ws://, wss://, or a .vv file",
    )
    shown = parser.add_argument_group("what is shown")
    shown.add_argument("--format", choices=("text", "jsonl", "none"), default="text", help="none: only what is wrong")
    shown.add_argument("--verbose", "-v", action="store_true", help="every field with its bytes")
    shown.add_argument("--time", choices=("relative", "absolute", "utc", "epoch"), help="text: as in decode")
    shown.add_argument("--full-data", action="store_true", help="jsonl: do not shorten long data")
    shown.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")
    shown.add_argument(
        "--view", choices=("client", "server"), default="client", help="whose wire is shown and recorded, where rules change it"
    )
    shown.add_argument(
        "--filter", metavar="EXPR", help="show only messages that fit, as in decode; all are passed on, recorded and judged"
    )
    shown.add_argument(
        "--page",
        metavar="[HOST:]PORT",
        nargs="?",
        const=ANYWHERE,
        help="serve what passes as a page for a browser (default: at a free port of this machine)",
    )
    shown.add_argument("--record", metavar="FILE", help="write a capture (pcapng) of what passes, decrypted")
    done = parser.add_argument_group("what is done to it")
    done.add_argument(
        "--rules", metavar="FILE", action="append", default=[], help="rules: TOML, or Python if its name ends with .py"
    )
    done.add_argument(
        "--fault",
        metavar="NAME[:KEY=VALUE,...]",
        action="append",
        default=[],
        help="slice, coalesce, delay, half-close, truncate, reset, stall; KEY: sender, channel, at, size, length, seconds",
    )
    done.add_argument("--no-relocation", action="store_true", help="let a migration lead clients past the proxy")
    trust = parser.add_argument_group("TLS and files")
    trust.add_argument("--tls-cert", metavar="FILE", help="certificate shown to clients; without it one is made")
    trust.add_argument("--tls-key", metavar="FILE", help="its key")
    trust.add_argument("--write-ca", metavar="FILE", help="write the authority that made the certificate, for clients")
    trust.add_argument("--write-vv", metavar="FILE", help="write a connection file that leads here")
    trust.add_argument("--upstream-ca", metavar="FILE", help="whom to trust for the server")
    trust.add_argument("--upstream-subject", metavar="SUBJECT", default="", help="what its certificate must say")
    trust.add_argument("--upstream-proxy", metavar="URL", default="", help="an HTTP proxy on the way to it")


def run(options: argparse.Namespace) -> int:
    """Serve until asked to end."""
    try:
        return serve(options)
    except (SpiceError, OSError) as error:
        return fail(in_words(error))


def serve(options: argparse.Namespace, *, name: str = "spiceproto", more: Sequence[Observer] = ()) -> int:
    """The same, with further observers; ``name`` begins what is told. Raises SpiceError and OSError."""
    session = _Session(options, name, more)
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:  # others cannot say that a socket has bytes
        return runner.run(_serve(session))


class _Session:
    """What is needed between the beginning and the end. Raises SpiceError and OSError."""

    def __init__(self, options: argparse.Namespace, name: str, more: Sequence[Observer]) -> None:
        from spiceproto.proxy.places import parse_door, upstream

        if bool(options.tls_cert) != bool(options.tls_key):
            raise LocalError("a certificate needs its key", expected="--tls-cert and --tls-key")
        self.options = options
        self.name = name
        self.more = tuple(more)
        self.door: Door = parse_door(options.listen)
        self.way: Way
        self.file: ConnectionFile | None
        self.way, self.file = upstream(
            options.upstream, ca_file=options.upstream_ca, subject=options.upstream_subject, proxy=options.upstream_proxy
        )
        self.rules, self.faults = _rules(options)
        self.selection = selection(options)
        if self.selection is not None and options.format == "none" and options.page is None:
            raise LocalError("--filter says what is shown", expected="--format text, --format jsonl or --page")
        if options.page is not None:
            place_of(options.page, "--page")

    def tell(self, text: str) -> None:
        """A line for people."""
        with contextlib.suppress(OSError):
            print(f"{self.name}: {text}", file=sys.stderr, flush=True)

    def identity(self) -> Identity | None:
        """The certificate; None for one that is made when a client wants it."""
        from spiceproto.proxy.identity import given, made

        if self.options.tls_cert:
            return given(self.options.tls_cert, self.options.tls_key)
        if self.options.write_ca or (self.options.write_vv and (self.way.tls or len(self.door.ports) > 1)):
            return made([self.door.host] if self.door.host else [])
        return None

    def write_files(self, proxy: Proxy, ports: list[int], identity: Identity | None) -> None:
        """For clients."""
        from spiceproto.address import Address
        from spiceproto.proxy.places import connection_file, write_private

        options, door = self.options, self.door
        if options.write_ca and identity is not None:
            write_private(options.write_ca, identity.ca_pem)
        if not options.write_vv:
            return
        old = self.way.address
        if door.unix_path:
            address = Address(unix_path=door.unix_path, password=old.password)
        else:
            plain = str(ports[0]) if self.way.plain else None
            address = Address(
                host=door.host, port=plain, tls_port=str(ports[-1]) if self.way.tls else None, password=old.password
            )
        found = identity or proxy.plan.identity
        text = connection_file(address, self.file, ca_pem=found.ca_pem if found else "", subject=found.subject if found else "")
        write_private(options.write_vv, text)


def _rules(options: argparse.Namespace) -> tuple[list[Rule], list[Fault]]:
    from spiceproto.proxy.faults import parse_fault

    rules: list[Rule] = []
    faults = [parse_fault(item) for item in options.fault]
    for path in options.rules:
        if path.endswith(".py"):
            from spiceproto.proxy.python_rules import read_python_rule

            rules.append(read_python_rule(path))
        else:
            from spiceproto.proxy.toml_rules import read_rules

            some, more = read_rules(path)
            rules += some
            faults += more
    return rules, faults


async def _serve(session: _Session) -> int:
    from spiceproto.command.lines import Lines

    path = session.options.output
    out = sys.stdout if path is None else open(path, "w", encoding="utf-8")  # noqa: SIM115 - closed below, where it may fail
    lines = Lines(out, session.tell, path or "")
    try:
        status = await _serve_to(session, lines)
    finally:
        lines.close()
        if path is not None:
            with contextlib.suppress(OSError):  # who could not write was told when it was flushed
                out.close()
    return status or int(lines.missing)


async def _serve_to(session: _Session, out: Lines) -> int:
    from spiceproto.capture_file import CaptureFile
    from spiceproto.proxy.observers import Recorder, get_ready
    from spiceproto.proxy.proxy import Plan, Proxy
    from spiceproto.signals import when_asked_to_end

    options = session.options
    record: CaptureFile | None = None
    observers: list[Observer] = []
    if options.record:
        record = CaptureFile(options.record, application="spice-proxy", tell=session.tell)
        observers.append(Recorder(record))
    show, begin, finish = _shown(session, out)
    observers += [show, *session.more]
    identity = session.identity()
    page = await asyncio.to_thread(_page, session) if options.page is not None else None
    if page is not None:
        observers.append(page.observer)
    get_ready()
    proxy = Proxy(
        Plan(
            way=session.way,
            rules=tuple(session.rules),
            faults=tuple(session.faults),
            observers={options.view: tuple(observers)},
            identity=identity,
            relocates=not options.no_relocation,
            tell=session.tell,
        )
    )
    asked = asyncio.Event()
    when_asked_to_end(asked.set)
    listens, status = False, 0
    try:
        door = session.door
        if door.unix_path:
            proxy.listen_unix(door.unix_path)
        ports = [_listen(proxy, door.host, port) for port in door.ports]
        session.write_files(proxy, ports, identity)
        session.tell(f"listening on {_place(door, ports)}, for {session.way.address.uri}")
        if page is not None:
            session.tell(f"what passes is shown at {page.address}")
        listens = True
        begin()
        await asked.wait()
    finally:
        await proxy.close()
        if listens:
            status = finish()
        if page is not None:
            await asyncio.to_thread(page.close)
        if record is not None:
            record.close()
            status = status or int(bool(record.failure))
    _sum_up(session, proxy)
    return status


def _listen(proxy: Proxy, host: str, port: int) -> int:
    """The port. Raises OSError, which says what to do about one that is taken."""
    try:
        return proxy.listen(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise OSError(error.errno, f"{error.strerror}; port 0 is a free one", error.filename) from None


def _place(door: Door, ports: list[int]) -> str:
    from spiceproto.address import Address

    if door.unix_path:
        return Address(unix_path=door.unix_path).uri
    host = f"[{door.host}]" if ":" in door.host else door.host
    return Address(host=host, port=str(ports[0]), tls_port=str(ports[1]) if len(ports) > 1 else None).uri


def _shown(session: _Session, out: Lines) -> tuple[Observer, Callable[[], None], Callable[[], int]]:
    """Who shows what passes, how that begins, and how it ends: with the exit status."""
    from spiceproto.command.decode import make_report
    from spiceproto.proxy.decoder import Decoder
    from spiceproto.proxy.observers import Checker

    options = session.options
    if options.format == "none":
        checker = Checker(session.tell)
        found = Decoder(checker, tell=session.tell)

        def end() -> int:
            found.settle()
            found.passing.conclude()
            problems = sum(checker.problems.values())
            messages = f"{checker.messages} message{'s'[: checker.messages != 1]}"
            session.tell(f"{messages}, {problems} problem{'s'[: problems != 1]}")
            return 1 if checker.problems["error"] else 0

        return found, _nothing, end
    options.frames, options.conversation = False, None
    report = make_report(options, cast(TextIO, out))

    consumer: Consumer = report
    if session.selection is not None:
        from spiceproto.filters import Selected

        report.selection = session.selection
        consumer = Selected(report, session.selection, clock=report.clock)
    decoder = Decoder(consumer, report.flush, session.tell)

    def begin() -> None:
        report.begin(decoder.passing, options.upstream)
        report.flush()

    def finish() -> int:
        decoder.settle()
        decoder.passing.conclude()
        report.end(None)
        return 1 if report.problems["error"] else 0

    return decoder, begin, finish


def _page(session: _Session) -> ProxyPage:
    """Raises LocalError."""
    from spiceproto.command.proxy_page import ProxyPage

    options, way = session.options, session.way.address
    judged = bool(session.more)
    title = f"{session.name} for {way.host or way.unix_path}"
    return ProxyPage(options.page, title=title, expression=options.filter, judged=judged, tell=session.tell)


def _nothing() -> None:
    """There is no header."""


def _sum_up(session: _Session, proxy: Proxy) -> None:
    told = proxy.holds.told
    for rule in sorted({*told.acted, *told.failed, *[rule.name for rule in session.rules]}):
        failed = f", and failed {_times(told.failed[rule])}" if told.failed[rule] else ""
        session.tell(f"{rule}: acted {_times(told.acted[rule]) if told.acted[rule] else 'never'}{failed}")
    passed = proxy.bytes_passed
    connections = f"{proxy.connections} connection{'s'[: proxy.connections != 1]}"
    session.tell(f"{connections}, {passed['client']} bytes to the server, {passed['server']} to clients")


def _times(count: int) -> str:
    return f"{count} time{'s'[: count != 1]}"
