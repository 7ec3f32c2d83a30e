"""Servers and clients on the other side of sockets.

    AddressServer   tcp: tls: unix: ws:     a server that somebody else has started
    AdapterServer   qemu: andris:           a server that the suite starts and stops
    AdapterClient   client:COMMAND spice-gtk: spicy-screenshot: remote-viewer: ryll:
"""

from __future__ import annotations

import contextlib
import shlex
import ssl
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance.adapters.server_address import ServerAddress
from conformance.case import Case
from conformance.network import Network
from conformance.outcome import Failure, NotApplicable, Refusal, TargetUnusable
from conformance.sockets import Place, SocketClientNetwork, SocketServerNetwork
from conformance.target import Target
from spiceproto.enums.link import ChannelType

if TYPE_CHECKING:
    from conformance.as_client import SuiteClient
    from conformance.as_server import SuiteServer

__all__ = ["AdapterClient", "AdapterServer", "AddressServer"]

_COMMAND: Final = 30.0
"""Seconds that a control command may take."""


class AddressServer(Target):
    """A server somewhere. ``controls`` maps verbs to commands, with ``{0}`` for the first value."""

    def __init__(
        self,
        address: str,
        place: Place,
        *,
        secure: bool = False,
        password: str = "",
        has: frozenset[str] = frozenset(),
        controls: Mapping[str, str] | None = None,
        patience: float = 5.0,
        quiet: float = 0.25,
    ) -> None:
        super().__init__(address)
        self.patience = patience
        self.quiet = quiet
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
        if not found & {"ticket", "no-ticket"}:
            found |= {"ticket"} if password else {"no-ticket"}
        if not place.websocket:
            found |= {"raw-stream"} if secure else {"raw-stream", "half-close"}
        self.has = frozenset(found)
        self.secured = frozenset({ChannelType.INPUTS}) if "secured-inputs" in found and place.tls_port else frozenset()

    def open(self, case: Case) -> Network:
        return SocketServerNetwork(self.place, secure=self.secure, patience=self.patience, quiet=self.quiet, piece=self.piece)

    def control(self, client: SuiteClient, verb: str, *values: Any) -> Any:
        template = self._controls.get(verb)
        if template is None:
            raise NotApplicable(f"the target has no control {verb}")
        command = [part.format(*values) for part in shlex.split(template)]
        client.step(f"from outside: {' '.join(command)}")
        done = subprocess.run(command, capture_output=True, text=True, timeout=_COMMAND, check=False)
        if done.returncode:
            raise Failure(f"the control {verb} to work", f"exit status {done.returncode}: {done.stderr.strip()[-200:]}")
        return done.stdout


class AdapterServer(AddressServer):
    """A server that an adapter starts; see :mod:`conformance.adapters`."""

    def __init__(self, address: str, adapter: Any, *, transport: str = "", patience: float = 5.0, quiet: float = 0.25,
                 has: frozenset[str] = frozenset()) -> None:  # fmt: skip
        self.adapter = adapter
        self._transport = transport
        super().__init__(address, Place(), has=has, patience=patience, quiet=quiet)

    def start(self) -> None:
        adapter = self.adapter
        adapter.start()
        place = Place(
            host="" if self._transport == "unix" else adapter.host,
            port=adapter.port or 0,
            tls_port=adapter.tls_port or 0,
            unix=adapter.unix_path or "" if self._transport == "unix" else "",
            websocket="/" if self._transport == "ws" else "",
        )
        has = adapter.has | {f"control:{verb}" for verb in adapter.controls}
        self.aim(place, secure=self._transport == "tls", password=adapter.password, has=has)
        self.username = adapter.username or self.username
        self.identity["program"] = adapter.version

    def open(self, case: Case) -> Network:
        if self.ended:
            # One case has its death; the others are not to suffer for it.
            self.stop()
            self.start()
        return super().open(case)

    def control(self, client: SuiteClient, verb: str, *values: Any) -> Any:
        if verb not in self.adapter.controls:
            raise NotApplicable(f"the target has no control {verb}")
        client.step(f"from outside: {verb} {' '.join(map(str, values))}".rstrip())
        return getattr(self.adapter, verb.replace("-", "_"))(*values)

    @property
    def ended(self) -> str:
        status = self.adapter.process.ended if self.adapter.process is not None else None
        return "" if status is None else f"exit status {status}"

    def stop(self) -> None:
        self.adapter.stop()


class AdapterClient(Target):
    """A client that an adapter starts and asks."""

    role = "client"

    def __init__(self, address: str, adapter: Any, *, password: str = "sesame", tls: bool = False, patience: float = 5.0,
                 quiet: float = 0.4) -> None:  # fmt: skip
        super().__init__(address, password=password)
        self.adapter = adapter
        self.tls = tls
        self.patience = patience
        self.quiet = quiet
        self.start_time = adapter.start_time
        self._certificates: Any = None
        self._refusal = ""
        """What the client said when it would not connect."""

    def start(self) -> None:
        self.adapter.start()
        verbs = self.adapter.verbs
        self.interactive = bool(verbs & {"motion", "position", "key", "press"})
        self.has = frozenset({f"act:{verb}" for verb in verbs} | {"half-close", "raw-stream", "act:password"}
                             | ({"client-tls"} if self.tls else set())
                             | ({"client-sasl"} if self.adapter.knows_sasl else set()))  # fmt: skip
        self.identity["program"] = self.adapter.version

    def open(self, case: Case) -> Network:
        if self.interactive and self.ended:
            self.adapter.stop()
            self.adapter.start()
        context = None
        if "client-tls" in case.needs:
            context = self._context()
        self._password = self.password
        self._username = "suite" if "client-sasl" in case.needs else ""
        network = SocketClientNetwork(context=context, patience=self.patience, quiet=self.quiet, piece=self.piece)
        self._refusal = ""
        network.alive = lambda: not self.ended and not self._refusal
        return network

    def _context(self) -> Any:
        # Making certificates takes longer than most runs; only who needs TLS waits for it.
        from spiceproto import certificates

        if self._certificates is None:
            self._certificates = certificates.make()
        with tempfile.TemporaryDirectory() as folder:
            self._certificates.write(Path(folder))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(Path(folder) / "server-cert.pem", Path(folder) / "server-key.pem")
        return context

    def invite(self, network: Network) -> None:
        assert isinstance(network, SocketClientNetwork)
        ca = self._certificates.ca_pem if self._certificates is not None and network.tls_port else ""
        address = ServerAddress(host="127.0.0.1", port=network.port, tls_port=network.tls_port, password=self._password,
                                username=self._username, ca_pem=ca)  # fmt: skip
        self._refusal = ""
        try:
            self.adapter.connect(address)
        except Refusal as refusal:
            if self._password == self.password:
                raise TargetUnusable(str(refusal)) from None
            # It does not like the password, and says so instead of connecting: what that means is for the case to say.
            self._refusal = str(refusal)

    def act(self, server: SuiteServer, verb: str, **values: Any) -> None:
        if verb == "password":
            self._password = values["text"]
            return
        if verb not in self.adapter.verbs:
            raise NotApplicable(f"nobody can ask the target for this: {verb}")
        answer = self.adapter.do(verb, **values)
        if answer.kind == "unsupported":
            raise NotApplicable(f"the target says that it cannot do this: {verb} {answer.text}")
        if answer.kind != "ok":
            raise Failure(f"the target does what it is asked: {verb}", f"{answer.kind}: {answer.text}")

    def close(self, network: Network) -> None:
        super().close(network)
        # A program that ended is the business of the verdict, and is started anew by the next case.
        with contextlib.suppress(TargetUnusable):
            self.adapter.disconnect()

    @property
    def ended(self) -> str:
        status = self.adapter.ended
        return "" if status is None else f"exit status {status}"

    def last_words(self) -> str:
        if self._refusal:
            return f"; {self._refusal}"
        return f"; the program ended with {self.ended}" if self.ended else ""

    def stop(self) -> None:
        self.adapter.stop()
