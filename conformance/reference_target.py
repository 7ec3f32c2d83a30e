"""The references as targets: an end without I/O for each case, in this process, with a virtual clock.

They are imported by name, as any other program is started by its name; nothing else of the suite knows them.
"""

from __future__ import annotations

from importlib import import_module
from random import Random
from typing import TYPE_CHECKING, Any

from conformance.case import Case
from conformance.keys import ticket_key
from conformance.memory import MemoryClientNetwork, MemoryServerNetwork
from conformance.network import Network
from conformance.outcome import NotApplicable, Refusal
from conformance.target import Target
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError

if TYPE_CHECKING:
    from conformance.as_client import SuiteClient
    from conformance.as_server import SuiteServer

__all__ = ["MemoryClient", "MemoryServer"]


class MemoryServer(Target):
    """A reference server for each case, set up as the case needs it. Its password is ``sesame`` unless it has none."""

    def __init__(self, address: str, *, fault: str = "", seed: int = 0) -> None:
        super().__init__(address, password="sesame")
        self._random = Random(seed)
        self._module: Any = import_module("reference_server")
        self._fault = fault or None
        self._case: Case | None = None
        if fault and fault not in self._module.FAULTS:
            raise LocalError("no such fault of the server", expected=", ".join(sorted(self._module.FAULTS)), actual=fault)

    def meets(self, need: str) -> bool:
        return not need.startswith(("act:", "client-"))

    def open(self, case: Case) -> Network:
        needs = set(case.needs)
        module = self._module
        self.password = "" if "no-ticket" in needs else "sesame"
        options: dict[str, Any] = {"password": None if "no-ticket" in needs else b"sesame", "ticket_key": ticket_key}
        if needs & {"sasl", "sasl-only"}:
            options |= {"sasl": True, "sasl_users": {"suite": "sesame"}, "ticket": "sasl-only" not in needs}
        if "secured-inputs" in needs:
            options["secured"] = ("inputs",)
        if "two-displays" in needs:
            options["displays"] = 2
        if "many-sessions" in needs:
            options["multi_client"] = True
        self.guest = module.RecordingGuest()
        if "control:pointer" in needs or "two-pointers" in needs:
            self.guest.set_pointer("absolute")
        self.server = module.make_server(module.Options(**options), self.guest, fault=self._fault,
                                         random=self._random)
        return MemoryServerNetwork(self.server, piece=self.piece)

    def control(self, client: SuiteClient, verb: str, *values: Any) -> Any:
        server, network = self.server, client.network
        assert isinstance(network, MemoryServerNetwork)
        client.step(f"from outside: {verb} {' '.join(map(str, values))}".rstrip())
        found: Any = None
        now = network.now
        if verb == "set-password":
            server.set_password(values[0].encode())
        elif verb == "expire-password":
            server.set_password(self.password.encode(), expires=now + values[0])
        elif verb == "pointer":
            self.guest.set_pointer(values[0])
        elif verb == "input-events":
            found = list(self.guest.events)  # since the last call
            self.guest.events.clear()
        elif verb == "agent":
            self.guest.set_agent(values[0])
        elif verb == "animate":
            self.guest.animate(values[0])
        elif verb == "add-channel":
            found = server.add_channel(*values)
        elif verb == "expect-migration":
            server.expect_migration(values[0])
        elif verb == "notify":
            server.notify(values[0])
        elif verb == "shutdown":
            server.shutdown()
        else:
            raise NotApplicable(f"the reference server has no control {verb}")
        network.collect()
        return found


class MemoryClient(Target):
    """A reference client for each case."""

    role = "client"

    def __init__(self, address: str, *, fault: str = "", seed: int = 0) -> None:
        super().__init__(address, password="sesame")
        self._random = Random(seed)
        self.interactive = True
        self._module: Any = import_module("reference_client")
        self._fault = fault or None
        if fault and fault not in self._module.FAULTS:
            raise LocalError("no such fault of the client", expected=", ".join(sorted(self._module.FAULTS)), actual=fault)

    def meets(self, need: str) -> bool:
        return need.startswith(("act:", "client-")) or need in ("half-close", "raw-stream")

    def open(self, case: Case) -> Network:
        module = self._module
        options: dict[str, Any] = {"password": self.password, "tls": "client-tls" in case.needs}
        if "client-sasl" in case.needs:
            options |= {"username": "suite", "sasl": True}
        self._options = options
        self._started = False
        self.client = module.make_client(module.Options(**options), fault=self._fault, random=self._random)
        return MemoryClientNetwork(self.client, piece=self.piece)

    def invite(self, network: Network) -> None:
        assert isinstance(network, MemoryClientNetwork)
        if self._started:
            # A client of this kind has one session.
            self.client = network.end = self._module.make_client(
                self._module.Options(**self._options), fault=self._fault, random=self._random
            )
        self._started = True
        self.client.start(network.now)
        network.collect()

    def act(self, server: SuiteServer, verb: str, **values: Any) -> None:
        client, network = self.client, server.network
        assert isinstance(network, MemoryClientNetwork)
        if verb == "password":
            # A client is given its password before it connects.
            module = self._module
            try:
                self.client = network.end = module.make_client(
                    module.Options(**(self._options | {"password": values["text"]})), fault=self._fault, random=self._random
                )
            except LocalError as error:
                raise Refusal(str(error)) from None
            return
        if verb == "mouse-mode":
            values = {"mode": MouseMode[values["mode"].upper()]}
        if verb == "scancode":
            values = {"data": bytes.fromhex(values["data"])}
        method = {"mouse-mode": "request_mouse_mode"}.get(verb, verb)
        getattr(client, method)(**values)
        network.collect()
