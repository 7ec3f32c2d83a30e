"""Servers and clients on the other side of sockets.

AddressServer   HOST:PORT spice: tcp: tls: unix: ws: FILE.vv
                                        a server that somebody else has started
AdapterServer   server:COMMAND qemu: ...
                                        a server that the suite starts and stops
AdapterClient   client:COMMAND ...      a client that the suite starts and stops
"""

from __future__ import annotations

import json
import shlex
import ssl
import subprocess
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Final

from conformance import shared_folder
from conformance.adapters.process import end_of
from conformance.adapters.server_address import ServerAddress
from conformance.case import Case
from conformance.client_sockets import SocketClientNetwork
from conformance.network import Network
from conformance.outcome import NotApplicable, Refusal, TargetUnusable, Undriven
from conformance.pace import Pace
from conformance.peer import Peer
from conformance.sockets import Place, SocketServerNetwork, wait_until_it_listens
from conformance.target import Reach, Target
from spiceproto.controls import Control, Role
from spiceproto.enums.link import ChannelType

__all__ = ["AdapterClient", "AdapterServer", "AddressServer"]

_OF_THE_SOURCE: Final = frozenset({"migrate-begin", "migrate-finish", "migrate-cancel"})
"""Verbs that are about the server where a session began, wherever its guest is."""

_COMMAND: Final = 30.0
"""Seconds that a control command may take."""

_PASSWORD: Final = "sesame"
"""What clients are told unless somebody says otherwise."""

_SOON: Final = 0.05
"""Seconds after which what it sends is read meanwhile."""

_CLIENT_QUIET: Final = 0.4
"""Clients do more of their own accord than servers, some of it from a loop that also draws."""


def _gone(line: str, folder: str) -> tuple[str, ...]:
    """What of a command line is there no more behind a run."""
    remarks = []
    if folder and folder in line:
        remarks.append(f"What is in {folder} was made for the run, and is gone: sockets need the folder, files their content.")
    if "DISPLAY=" in line:
        remarks.append("The X display was made for the run, too; any other one will do.")
    return tuple(remarks)


class AddressServer(Target):
    """A server somewhere. ``controls`` maps verbs to commands, with ``{0}`` for the first value.

    ``wait`` are seconds in which it may begin to listen. How long its answers are under way is learned from the first ones:
    by so much the times are longer in which it is expected to answer, or to be quiet.
    """

    copies = False

    def __init__(
        self,
        address: str,
        place: Place,
        *,
        secure: bool = False,
        password: str = "",
        has: frozenset[str] = frozenset(),
        controls: Mapping[str, str] | None = None,
        wait: float = 0.0,
        patience: float = 5.0,
        quiet: float = 0.25,
    ) -> None:
        super().__init__(address)
        self.wait = wait
        self.destination: Place | None = None
        """Where it hands over its sessions to; None if it can not."""
        self.pace = Pace(patience=patience, quiet=quiet)
        self._controls = controls or {}
        self._told = has | {f"control:{verb}" for verb in self._controls}
        self.aim(place, secure=secure, password=password)

    def aim(self, place: Place, *, secure: bool, password: str, has: frozenset[str] = frozenset()) -> None:
        """The server is at ``place``, and has what follows from that, what the address said, and ``has``."""
        self.place = place
        self.secure = secure
        self.password = password
        found = self._told | has
        found |= {"tls"} if place.tls_port else set()
        found |= {"plain"} if place.port or place.unix else set()
        found |= {"unix-socket"} if place.unix else set()
        if not found & {"ticket", "no-ticket"}:
            found |= {"ticket"} if password else {"no-ticket"}
        if not place.websocket:
            found |= {"raw-stream"} if secure else {"raw-stream", "half-close"}
        self.has = frozenset(found)
        self.secured = frozenset({ChannelType.INPUTS}) if "secured-inputs" in found and place.tls_port else frozenset()

    def reach(self) -> Reach:
        place = self.place
        if place.websocket or not (place.port or place.tls_port or place.unix):
            return Reach()
        if place.unix:
            return Reach(("--unix", place.unix))
        secure = self.secure or not place.port
        host = f"[{place.host}]" if ":" in place.host else place.host
        return Reach((f"{host}:{place.tls_port if secure else place.port}", *(("--tls",) if secure else ())))

    def start(self) -> None:
        if self.wait:
            wait_until_it_listens(self.place, secure=self.secure, seconds=self.wait)

    def gone(self) -> str:
        if self.copies:
            return ""
        try:
            wait_until_it_listens(self.place, secure=self.secure, seconds=self.pace.patience)
        except TargetUnusable as error:
            return str(error)
        return ""

    def open(self, case: Case) -> Network:
        return SocketServerNetwork(
            self.place, destination=self.destination, secure=self.secure, pace=self.pace, piece=self.piece
        )

    def done_beside(self, peer: Peer, row: Control, values: Mapping[str, Any]) -> Any:
        """A server may wait for its client, as QEMU does before its picture has another size: so what it sends is read."""
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(self.do, row, values)
            wait([done], _SOON)
            if not done.done():
                peer.run(done.done, _COMMAND)
            return done.result()

    def do(self, row: Control, values: Mapping[str, Any]) -> Any:
        template = self._controls.get(row.verb)
        if template is None:
            return super().do(row, values)
        filled = ["" if value is None else value for value in row.read(values).values()]
        try:
            where = {"host": self.place.host, "port": self.place.port or self.place.tls_port}
            command = [part.format(*filled, **where) for part in shlex.split(template)]
        except (IndexError, KeyError, ValueError):
            raise Undriven(
                row.verb, f"{template}: not a command with values from {{0}} to {{{len(filled) - 1}}}, {{host}} and {{port}}"
            ) from None
        done = subprocess.run(command, capture_output=True, text=True, timeout=_COMMAND, check=False)
        if done.returncode:
            raise Undriven(row.verb, f"{shlex.join(command)}: {end_of(done.returncode)}: {done.stderr.strip()[-200:]}")
        return done.stdout


class AdapterServer(AddressServer):
    """A server that an adapter starts; see :mod:`conformance.adapters.programs`."""

    copies = True

    def __init__(
        self,
        address: str,
        adapter: Any,
        *,
        transport: str = "",
        patience: float = 5.0,
        quiet: float = 0.25,
        has: frozenset[str] = frozenset(),
        controls: Mapping[str, str] | None = None,
    ) -> None:
        self.adapter = adapter
        self._transport = transport
        has |= {"unix-socket"} if transport == "unix" else frozenset()
        super().__init__(address, Place(), has=has, controls=controls, patience=patience, quiet=quiet)

    def _place(self, adapter: Any) -> Place:
        return Place(
            host="" if self._transport == "unix" else adapter.host,
            port=adapter.port or 0,
            tls_port=adapter.tls_port or 0,
            unix=adapter.unix_path or "" if self._transport == "unix" else "",
            websocket="/" if self._transport == "ws" else "",
        )

    def start(self) -> None:
        adapter = self.adapter
        adapter.start()
        place = self._place(adapter)
        self.destination = None if adapter.destination is None else self._place(adapter.destination)
        has = adapter.has | ({"expendable"} if adapter.expendable else set()) | {f"control:{verb}" for verb in adapter.controls}
        self.aim(place, secure=self._transport == "tls", password=adapter.password, has=has)
        self.username = adapter.username or self.username
        self.identity["program"] = adapter.version

    def open(self, case: Case) -> Network:
        if self.ended or self.adapter.spent:
            # One case has its death, or its migration; the others are not to suffer for it.
            self.stop()
            self.start()
        self.adapter.begin_case()
        return super().open(case)

    def reach(self) -> Reach:
        arguments = super().reach().arguments
        if arguments and self.password:
            arguments = (*arguments, "--password", self.password)
        line = self.adapter.started
        wants = (f"It wants the password {self.password}",) if self.password else ()
        return Reach(arguments, started=line, remarks=(*wants, *_gone(line, self.adapter.files)) if line else ())

    def do(self, row: Control, values: Mapping[str, Any]) -> Any:
        if row.verb not in self.adapter.controls:
            return super().do(row, values)
        told = self.adapter if row.verb in _OF_THE_SOURCE else self.adapter.holder
        return getattr(told, row.method)(**row.read(values))

    @property
    def ended(self) -> str:
        status = self.adapter.ended
        return "" if status is None else end_of(status)

    def stop(self) -> None:
        self.adapter.stop()


class AdapterClient(Target):
    """A client that an adapter starts and asks."""

    role: Role = "client"

    def __init__(
        self,
        address: str,
        adapter: Any,
        *,
        password: str = _PASSWORD,
        tls: bool = False,
        patience: float = 5.0,
        quiet: float | None = None,
    ) -> None:
        super().__init__(address, password=password)
        self.adapter = adapter
        self.tls = tls
        self.pace = Pace(patience=patience, quiet=_CLIENT_QUIET if quiet is None else quiet, learns_quiet=quiet is None)
        self.start_time = adapter.start_time
        self.least_screen = adapter.least_screen
        self.one_picture = adapter.one_picture
        self._certificates: Any = None
        self._told: ServerAddress | None = None
        """Where the client of the last session was told to connect."""
        self._refusal = ""
        """What the client said when it would not connect."""
        self._shares = False
        """Whether the client is to share a folder in this case."""
        self._hangs = False
        """Whether it did not even answer when it was told to leave."""
        self._crash: int | None = None
        """How the process of the last session ended, if that was a fault of its own and another has to be started anyway."""

    def start(self) -> None:
        self.adapter.start()
        verbs = self.adapter.verbs
        self.interactive = bool(verbs & {"motion", "position", "key", "press"})
        self.has = frozenset(
            {f"act:{verb}" for verb in verbs}
            | (set() if self.adapter.over_websocket else {"half-close", "raw-stream"})
            | self.own_verbs()
            | ({"client-password"} if self.adapter.knows_password else set())
            | ({"client-tls"} if self.tls else set())
            | ({"client-sasl"} if self.adapter.knows_sasl else set())
            | ({"client-folder", "client-no-folder"} if self.adapter.shares_folder else set())
        ) - (frozenset() if self.adapter.knows_password else {"act:password"})
        self.reasons = self.adapter.reasons
        self.identity["program"] = self.adapter.version

    def open(self, case: Case) -> Network:
        self._crash = None
        if self._hangs or (self.interactive and self.ended):
            # One case has this; the others are not to suffer for it.
            self._hangs = False
            self.adapter.stop()
            self.adapter.start()
        context, subject = None, ""
        untrusted: dict[str, ssl.SSLContext] = {}
        if "client-tls" in case.needs:
            context, untrusted = self._contexts()
            subject = self._certificates.subject
        self._password = self.password
        self._username = "suite" if "client-sasl" in case.needs else ""
        self._shares = "client-folder" in case.needs
        network = SocketClientNetwork(context=context, subject=subject, untrusted=untrusted, pace=self.pace, piece=self.piece)
        self._refusal = ""
        network.alive = lambda: not self.ended and not self._refusal
        return network

    def reach(self) -> Reach:
        line, told = self.adapter.started, self._told
        if not line or told is None:
            return Reach()
        port = told.port or told.tls_port
        remarks = (
            f"Give this script the port {port}, and start the client when it waits.",
            f"The client was told to connect to {told.uri()}" + (f", password {told.password}" if told.password else ""),
            *_gone(line, self.adapter.files),
        )
        return Reach(started=self._hidden(line), remarks=tuple([self._hidden(text) for text in remarks]))

    def _hidden(self, text: str) -> str:
        """Without a password that is not the suite's own: a report may be shown to anybody."""
        if self.password not in ("", _PASSWORD):
            for form in (shlex.quote(self.password), json.dumps(self.password)[1:-1], self.password):
                text = text.replace(form, "PASSWORD")
        return text

    def _contexts(self) -> tuple[ssl.SSLContext, dict[str, ssl.SSLContext]]:
        """For TLS with the certificate that the client is to trust, and with those that it is not to trust."""
        # Making certificates takes longer than most runs; only who needs TLS waits for it.
        from spiceproto import certificates

        if self._certificates is None:
            self._certificates = certificates.make()
        made = self._certificates
        chains = {"": made.certificate_pem, "expired": made.expired_pem, "self-signed": made.self_signed_pem}
        contexts = {}
        with tempfile.TemporaryDirectory() as folder:
            made.write(Path(folder))
            for name, chain in chains.items():
                contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                (Path(folder) / "chain.pem").write_text(chain)
                contexts[name].load_cert_chain(Path(folder) / "chain.pem", Path(folder) / "server-key.pem")
        return contexts.pop(""), contexts

    def invite(self, network: Network) -> None:
        assert isinstance(network, SocketClientNetwork)
        ca = self._certificates.ca_pem if self._certificates is not None and network.tls_port else ""
        address = ServerAddress(
            host="127.0.0.1",
            port=network.port,
            tls_port=network.tls_port,
            password=self._password,
            username=self._username,
            ca_pem=ca,
            shared_folder=str(shared_folder.write(Path(self.adapter.files))) if self._shares else "",
        )
        self._refusal = ""
        self._told = address
        try:
            self.adapter.connect(address)
        except Refusal as refusal:
            if self._password == self.password:
                raise TargetUnusable(str(refusal)) from None
            # It does not like the password, and says so instead of connecting: what that means is for the case to say.
            self._refusal = str(refusal)

    def do(self, row: Control, values: Mapping[str, Any]) -> Any:
        if row.verb not in self.adapter.verbs:
            return super().do(row, values)
        answer = self.adapter.do(row.verb, **values)
        if answer.kind == "unsupported":
            raise NotApplicable(f"the target says that it cannot do this: {row.verb} {answer.text}")
        if answer.kind != "ok":
            raise Undriven(row.verb, f"{answer.kind}: {answer.text}")
        return answer.values

    def do_password(self, text: str) -> None:
        """For its next connection."""
        self._password = text

    def close(self, network: Network) -> None:
        super().close(network)
        # A program that ended is the business of the verdict, and is started anew by the next case.
        try:
            self.adapter.disconnect()
        except TargetUnusable:
            self._hangs = not self.ended
        self._crash = self.adapter.crash

    @property
    def ended(self) -> str:
        status = self.adapter.ended if self._crash is None else self._crash
        return "" if status is None else end_of(status)

    def last_words(self) -> str:
        if self._refusal:
            return f"; {self._refusal}"
        if not self.ended:
            return ""
        said = self.adapter.said
        return f"; the program ended before it connected: {self.ended}" + (f"; it said:\n{said}" if said else "")

    def stop(self) -> None:
        self.adapter.stop()
