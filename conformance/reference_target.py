"""The references as targets: an end without I/O for each case, in this process, with a virtual clock.

They are found by their place, as any other program is started by its name; nothing else of the suite knows them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from conformance import shared_folder
from conformance.case import Case
from conformance.keys import ticket_key
from conformance.memory import MemoryClientNetwork, MemoryServerNetwork
from conformance.network import Network
from conformance.outcome import Failure, NotApplicable, Refusal
from conformance.target import Reach, Target
from spiceproto import extras, png
from spiceproto.controls import CONTROLS, Control, Role
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.siblings import package
from spiceproto.suggestion import expected

__all__ = ["EVERY_DEVICE", "MemoryClient", "MemoryServer"]


_SMALL: Final = (160, 120)
"""Size of the screens where pictures are looked at: enough to see what is wrong, and nobody waits for pixels."""

_DISC: Final = bytes(range(256)) * 8 * 40
"""In the drive that a client shares."""

_LOOKED_AT: Final = frozenset({"control:picture", "control:streaming-video"})
"""Needs of cases that look at pictures."""

_PORTS: Final = ("org.spice-space.suite.0", "org.spice-space.suite.1", "org.spice-space.webdav.0")
"""Of the guest, where a case is about ports."""

_HANDED_OVER: Final = frozenset({"control:migrate-begin"})
"""Needs of cases about a server that hands over its sessions to another."""

EVERY_DEVICE: Final = "every-device"
"""Tag of a case for which the guest has a port, and what is plugged in."""

_READERS: Final = 2
"""Card readers of the guest."""

_TICKETS: Final = frozenset({"ticket-login", "no-ticket", "no-sasl", "control:set-password", "control:expire-password"})
"""Needs that nobody meets who takes no tickets."""


def _raise(error: OSError) -> None:
    raise error


def _check(role: Role, fault: str, known: Mapping[str, Any]) -> None:
    if fault and fault not in known:
        listed = expected(fault, known, listing="spiceconf faults prints them")
        raise LocalError(f"no such fault of the {role}", expected=listed, actual=fault)


def _program(role: Role, fault: str) -> str:
    try:
        number = f" {version('spiceproto')}"
    except PackageNotFoundError:
        number = ""
    return f"spice-reference-{role}{number}" + (f" --fault {fault}" if fault else "")


class MemoryServer(Target):
    """A reference server for each case, set up as the case needs it. Its password is ``sesame`` unless it has none.

    ``sasl``: it takes no ticket in any case.
    """

    virtual = True

    def __init__(self, address: str, *, fault: str = "", seed: int = 0, sasl: bool = False) -> None:
        super().__init__(address, password="sesame")
        self._random = Random(seed)
        self._module: Any = package("reference_server")
        self._fault = fault or None
        self._sasl = sasl
        self.has = frozenset({"sasl-only"} if sasl else ())
        _check("server", fault, self._module.FAULTS)
        self.identity["program"] = _program("server", fault)

    def reach(self) -> Reach:
        login = f"--password {self.password}" if self.password else "--disable-ticketing"
        login += " --sasl --username suite" if self._sasl else ""
        fault = f" --fault {self._fault}" if self._fault else ""
        password = ("--password", self.password) if self.password else ()
        return Reach(("127.0.0.1:5900", *password), f"spice-reference-server --port 5900 {login}{fault}")

    def meets(self, need: str) -> bool:
        if self._sasl and need in _TICKETS:
            return False
        return need != "unix-socket" and not need.startswith(("act:", "client-"))

    def open(self, case: Case) -> Network:
        needs = {*case.needs, *(["sasl-only"] if self._sasl else [])}
        module = self._module
        self.password = "" if "no-ticket" in needs else "sesame"
        options: dict[str, Any] = {"password": None if "no-ticket" in needs else b"sesame", "ticket_key": ticket_key}
        if needs & {"sasl", "sasl-only"}:
            options |= {"sasl": True, "sasl_users": {"suite": "sesame"}, "ticket": "sasl-only" not in needs}
        if "secured-inputs" in needs:
            options["secured"] = ("inputs",)
        if "two-displays" in needs:
            options["displays"] = 2
        if "copy-paste-off" in needs:
            options["copy_paste"] = False
        if "file-transfer-off" in needs:
            options["file_transfer"] = False
        if "many-sessions" in needs:
            options["multi_client"] = True
        options["jpeg"] = "jpeg" in case.tags and extras.present("simplejpeg")
        options["zlib_glz"] = "zlib" in case.tags
        self.guest = self._guest(case, needs)
        if "control:pointer" in needs:
            self.guest.pointer.set_kind("absolute")
        self.server = module.make_server(module.Options(**options), self.guest, fault=self._fault, random=self._random)
        self.destination: Any = None
        if needs & _HANDED_OVER:
            there = self._guest(case, needs)
            self.destination = module.make_server(module.Options(**options), there, fault=self._fault, random=self._random)
        more = {} if self.destination is None else {"destination": self.destination}
        self._controls = module.Controls(self.server, **more)
        self.network = MemoryServerNetwork(self.server, destination=self.destination, piece=self.piece)
        return self.network

    def _guest(self, case: Case, needs: Container[str]) -> Any:
        """A guest with the devices that a case is about."""
        every = EVERY_DEVICE in case.tags
        usb = 1 if every or case.from_rules or case.channel == "usbredir" else 0
        small = any(need in needs for need in _LOOKED_AT)
        guest = self._module.Guest(readers=_READERS, usb=usb, **({"size": _SMALL} if small else {}))
        if every or case.channel in ("port", "webdav"):
            for name in _PORTS:
                guest.ports.add(name)
        return guest

    def do(self, row: Control, values: Mapping[str, Any]) -> Any:
        found = super().do(row, values)
        self.network.collect()
        return found


def _told(method: str) -> Callable[..., Any]:
    """What a server does when it is told this verb: all of them are the reference's own."""

    def do(self: MemoryServer, **values: Any) -> Any:
        try:
            return getattr(self._controls, method)(**values)
        except LocalError as error:
            raise Failure("the target does what it is asked", str(error)) from None
        except ValueError as error:  # what it takes is not installed
            raise NotApplicable(str(error)) from None

    return do


for _row in CONTROLS:
    if _row.role == "server":
        setattr(MemoryServer, _row.method, _told(_row.method))


class MemoryClient(Target):
    """A reference client for each case. ``link_order`` is an option of it."""

    role: Role = "client"
    virtual = True

    def __init__(self, address: str, *, fault: str = "", link_order: str = "parallel") -> None:
        super().__init__(address, password="sesame")
        self.interactive = True
        self._link_order = link_order
        self._module: Any = package("reference_client")
        self._fault = fault or None
        self._folder: TemporaryDirectory[str] | None = None
        _check("client", fault, self._module.FAULTS)
        self.identity["program"] = _program("client", fault)

    def reach(self) -> Reach:
        fault = f" --fault {self._fault}" if self._fault else ""
        return Reach(start=f"spice-reference-client --password {self.password}{fault} spice://127.0.0.1:PORT")

    def meets(self, need: str) -> bool:
        if need == "client-folder":
            return extras.present("wsgidav.wsgidav_app") and extras.present("h11")
        return need.startswith(("act:", "client-")) or need in ("half-close", "raw-stream")

    def open(self, case: Case) -> Network:
        from spiceproto.wav import Kept, Tone

        self._heard, self._tone = Kept(), Tone()
        options: dict[str, Any] = {
            "password": self.password,
            "tls": "client-tls" in case.needs,
            "link_order": self._link_order,
            # Only what is looked at is drawn.
            "canvas": "picture" in case.tags,
            "play": self._heard.play,
            "say": self._tone.say,
            "card": self._module.usual_card(),
        }
        if "client-folder" in case.needs:
            self._folder = self._folder or TemporaryDirectory()
            sharing = import_module(f"{self._module.__name__}.sharing")
            options["share"] = sharing.Folder(shared_folder.write(Path(self._folder.name))).visit
        if EVERY_DEVICE in case.tags or case.from_rules or case.channel == "usbredir":
            disc = self._module.Disc(_DISC)
            options |= {"usb": {0: self._module.SharedCd(disc)}, "channels": (*self._module.WANTED, ChannelType.USBREDIR)}
        if "client-sasl" in case.needs:
            options |= {"username": "suite", "sasl": True}
        self._options = options
        self._started = False
        self.client = self._make()
        self.network = MemoryClientNetwork(self.client, piece=self.piece)
        return self.network

    def stop(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def _make(self, **more: Any) -> Any:
        options = self._module.Options(**(self._options | more))
        return self._module.make_client(options, fault=self._fault)

    def invite(self, network: Network) -> None:
        assert isinstance(network, MemoryClientNetwork)
        if self._started:
            # A client of this kind has one session.
            self.client = network.end = self._make()
        self._started = True
        self.client.start(network.now)
        network.collect()

    def do(self, row: Control, values: Mapping[str, Any]) -> Any:
        found = super().do(row, values) if hasattr(self, row.method) else self._wish(row, values)
        self.network.collect()
        return found

    def _wish(self, row: Control, values: Mapping[str, Any]) -> Any:
        """A verb that the client has by itself. Raises Failure if it says no."""
        try:
            return self.client.wish(row.verb, values)
        except LocalError as error:
            raise Failure(f"the target does what it is asked: {row.verb}", str(error)) from None

    # -- verbs

    def do_password(self, text: str) -> None:
        # A client is given its password before it connects.
        try:
            self.client = self.network.end = self._make(password=text)
        except LocalError as error:
            raise Refusal(str(error)) from None

    def do_heard(self, path: str) -> None:
        self._heard.write(path)

    def do_say(self, hertz: int) -> None:
        self._tone.hertz = hertz

    def do_copy(self, **values: Any) -> None:
        self._with_file("copy", **values)

    def do_paste(self, **values: Any) -> None:
        self._with_file("paste", failed=_raise, **values)

    def do_send_file(self, **values: Any) -> Any:
        return {"file": self._with_file("send_file", **values)}

    def _with_file(self, what: str, **values: Any) -> Any:
        """A verb that reads or writes a file. Raises Failure if the client says no."""
        act = getattr(import_module(f"{self._module.__name__}.local_file"), what)
        try:
            return act(self.client, **values)
        except LocalError as error:
            raise Failure("the target does what it is asked", str(error)) from None

    def do_disconnect(self) -> None:
        self.client.disconnect(self.network.now)

    def do_picture(self, path: str, display: int) -> None:
        self._show(path, display, cursor=False)

    def do_picture_with_pointer(self, path: str, display: int) -> None:
        self._show(path, display, cursor=True)

    def _show(self, path: str, display: int, *, cursor: bool) -> None:
        try:
            found = self.client.displays[display].picture(cursor=cursor)
        except LocalError as error:
            raise Failure("the target shows a picture", str(error)) from None
        if not found.size:
            raise Failure("the target shows a picture", "it shows nothing yet")
        Path(path).write_bytes(png.encode(found))
