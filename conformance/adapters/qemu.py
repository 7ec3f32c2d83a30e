"""QEMU with libspice-server: the server that nearly everybody means.

Started with TCG, so that it runs where there is no KVM; ready in 0.1 s. Seen to work with QEMU 7.2 and libspice-server
0.15.1: all options and all controls below, alone and together, but for these:

* ``unix`` replaces both ports: QEMU listens on a Unix socket or on TCP
* without TLS SASL would need a security layer, which PLAIN and SCRAM have not; so ``sasl`` means ``tls=only``, and with
  ``tls=1`` nobody can log in at the plain port
* with more than one display QEMU never grants client mouse mode through the VMware pointer
* libspice-server crashes (about once in a hundred times) when a client leaves between the link of its display channel and
  the first surface: ``ended`` is then -11, and :meth:`stop` and :meth:`start` bring up another
* a display that is added at run time is a qxl device: it has no picture without a driver in the guest
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from conformance.adapters.guest import Guest, InputEvent, write_disk
from conformance.adapters.listening import free_ports
from conformance.adapters.options import check_options, flag, number
from conformance.adapters.process import Process, TargetUnusable, missing_programs, program
from conformance.adapters.qmp import Qmp
from conformance.adapters.server import ServerProgram
from spiceproto.errors import LocalError

__all__ = ["Qemu"]

_PROGRAM: Final = "qemu-system-x86_64"
_SASL_PROGRAM: Final = "saslpasswd2"
_SASL_USER: Final = "suite"
_SASL_PASSWORD: Final = "sesame"
_SASL_MECHANISMS: Final = "plain scram-sha-1 scram-sha-256"
_DRAW_RATE: Final = 18.2
"""Rectangles a second that the guest fills."""


class Qemu(ServerProgram):
    """A QEMU process with its control connection, and perhaps the guest."""

    scheme = "qemu"
    options: ClassVar[Mapping[str, str]] = {
        "ticket": "the password; without it none is wanted",
        "tls": "1: a TLS port too; only: no other",
        "unix": "1: listen on a Unix socket",
        "sasl": "1: SASL, over TLS; the password is the ticket, or sesame",
        "username": "of SASL; otherwise suite",
        "displays": "how many",
        "secure": "channels that demand TLS, joined by plus signs or commas",
        "guest": "pointer: run the guest that can be driven",
        "vga": "std, qxl, ...; otherwise qxl, and std with several displays",
        "spice": "more of the -spice option, as QEMU wants it",
        "extra": "more options of QEMU, quoted as in a shell",
    }

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        options = options or {}
        check_options(self.scheme, options, self.options)
        self._sasl = flag(options, "sasl")
        self._tls = options.get("tls") == "only" or flag(options, "tls") or self._sasl
        self._plain = options.get("tls") != "only" and (not self._sasl or "tls" in options)
        self._unix = flag(options, "unix")
        if self._unix and self._tls:
            raise LocalError("QEMU has no TLS on a Unix socket", where="qemu:")
        self._ticket = options.get("ticket", "")
        self._username = options.get("username", _SASL_USER)
        self._displays = number(options, "displays", 1)
        self._secure = [name for name in options.get("secure", "").replace("+", ",").replace(" ", ",").split(",") if name]
        self._with_guest = options.get("guest", "") not in ("", "0", "none")
        self._vga = options.get("vga") or ("qxl" if self._displays == 1 else "std")
        self._spice = options.get("spice", "")
        self._extra = shlex.split(options.get("extra", ""))
        self._qmp: Qmp | None = None
        self._guest: Guest | None = None
        self._devices = 0
        controls = {"mouse-mode", "screendump", "add-display"}
        if self._ticket and not self._sasl:
            controls |= {"set-password", "expire-password"}
        if self._with_guest:
            controls |= {"pointer", "animate", "input-events", "leds"}
        self.controls = frozenset(controls)
        has = {"one-session", "sasl" if self._sasl else "no-sasl"}
        has |= {"sasl-only", "ticket"} if self._sasl else {"ticket-login", "ticket" if self._ticket else "no-ticket"}
        if "inputs" in self._secure and "main" not in self._secure:
            has.add("secured-inputs")
        if self._displays == 2:
            has.add("two-displays")
        self.has = frozenset(has)

    @classmethod
    def missing(cls) -> str:
        return missing_programs(_PROGRAM)

    def _start(self, folder: Path) -> None:
        if self._sasl:
            missing = missing_programs(_SASL_PROGRAM)
            if missing:
                raise TargetUnusable(missing)
        spice, environment = self._spice_options(folder)
        command = [
            program(_PROGRAM), "-accel", "tcg", "-m", "64", "-display", "none", "-nodefaults", "-no-user-config",
            "-vga", self._vga, "-spice", ",".join(spice), "-qmp", f"unix:{folder / 'qmp'},server=on,wait=off",
        ]  # fmt: skip
        for _ in range(self._displays - 1):
            command += ["-device", "secondary-vga"]
        if self._ticket and not self._sasl:
            (folder / "ticket").write_text(self._ticket)
            command += ["-object", f"secret,id=ticket,file={folder / 'ticket'}"]
        if self._with_guest:
            disk, serial = folder / "disk", folder / "serial"
            write_disk(disk)
            command += [
                "-drive", f"if=none,id=disk,format=raw,readonly=on,file={disk}", "-device", "virtio-blk-pci,drive=disk",
                "-chardev", f"socket,id=serial,path={serial},server=on,wait=off", "-serial", "chardev:serial",
            ]  # fmt: skip
        process = self.process = Process([*command, *self._extra], log=folder / "log", environment=environment)
        ports = [port for port in (self.port, self.tls_port) if port]
        process.wait_listening(ports=ports, path=self.unix_path)
        process.wait_listening(path=str(folder / "qmp"))
        try:
            self._qmp = Qmp(str(folder / "qmp"))
            if self._with_guest:
                self._guest = Guest(str(folder / "serial"))
                self._guest.wait_ready()
        except (OSError, TargetUnusable) as error:
            raise process.unusable(f"cannot be driven: {error}") from None
        number = self._qmp.greeting["version"]["qemu"]
        library = self._qmp.ask("query-spice").get("compiled-version", "?")
        self.version = f"QEMU {number['major']}.{number['minor']}.{number['micro']}, libspice-server {library}"

    def _spice_options(self, folder: Path) -> tuple[list[str], dict[str, str]]:
        environment: dict[str, str] = {}
        found: list[str] = []
        self.password = self._ticket
        if self._unix:
            self.host = ""
            self.unix_path = str(folder / "spice")
            found += ["unix=on", f"addr={self.unix_path}"]
        else:
            port, tls_port = free_ports(2)
            found.append(f"addr={self.host}")
            if self._plain:
                self.port = port
                found.append(f"port={port}")
            if self._tls:
                from spiceproto import certificates

                made = certificates.make(subject_names=("localhost", self.host))
                made.write(folder)
                self.ca_pem, self.host_subject = made.ca_pem, made.subject
                self.tls_port = tls_port
                found += [f"tls-port={tls_port}", f"x509-dir={folder}"]
        found += [f"tls-channel={name}" for name in self._secure]
        if self._sasl:
            self.username = self._username
            self.password = self._ticket or _SASL_PASSWORD
            environment["SASL_CONF_PATH"] = str(folder)
            self._write_sasl(folder)
            found += ["sasl=on", "disable-ticketing=on"]
        else:
            found.append("password-secret=ticket" if self._ticket else "disable-ticketing=on")
        return [*found, *([self._spice] if self._spice else [])], environment

    def _write_sasl(self, folder: Path) -> None:
        database = folder / "sasldb"
        (folder / "qemu.conf").write_text(
            f"mech_list: {_SASL_MECHANISMS}\npwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {database}\n"
        )
        command = [program(_SASL_PROGRAM), "-p", "-c", "-f", str(database), "-a", "qemu", self.username]
        done = subprocess.run(command, input=self.password.encode(), capture_output=True, timeout=30, check=False)
        if done.returncode:
            raise TargetUnusable(f"saslpasswd2: {done.stderr.decode(errors='replace').strip()}")

    def _stop(self) -> None:
        if self._guest is not None:
            self._guest.close()
            self._guest = None
        if self._qmp is not None:
            self._qmp.close()
            self._qmp = None

    # -- controls

    def _ask(self, command: str, **arguments: Any) -> Any:
        if self._qmp is None:
            raise TargetUnusable("QEMU is not running")
        try:
            return self._qmp.ask(command, **arguments)
        except OSError as error:
            assert self.process is not None
            raise self.process.unusable(f"does not answer: {error}") from None

    def _running_guest(self) -> Guest:
        if self._guest is None:
            raise TargetUnusable("the guest is not running")
        return self._guest

    def set_password(self, password: str) -> None:
        """Another password from now on. Sessions live on."""
        self._ask("set_password", protocol="spice", password=password)
        self._ask("expire_password", protocol="spice", time="never")
        self.password = password

    def expire_password(self, seconds: float = 0) -> None:
        """No password is good any more after so many (whole) seconds."""
        self._ask("expire_password", protocol="spice", time=f"+{int(seconds)}" if seconds >= 1 else "now")

    def mouse_mode(self) -> str:
        """The mode of the session, as the server sees it: "server" or "client"."""
        return str(self._ask("query-spice")["mouse-mode"])

    def screendump(self, path: str) -> None:
        """The first display's picture, as QEMU sees it, as a PPM file."""
        self._ask("screendump", filename=path)

    def add_display(self) -> None:
        """One qxl device more, for good: libspice-server gets a display and a cursor channel, and tells its client."""
        self._devices += 1
        self._ask("device_add", driver="qxl", id=f"added{self._devices}")

    def pointer(self, kind: Literal["absolute", "relative"]) -> None:
        """The guest takes the VMware pointer, or gives it back: client mouse mode becomes possible, or impossible."""
        if kind not in ("absolute", "relative"):
            raise LocalError("no such kind of pointer", expected="absolute or relative", actual=kind)
        self._running_guest().command(f"pointer {kind}")

    def animate(self, number: int, *, wait: bool = False) -> None:
        """The guest fills so many rectangles, one after another; with ``wait`` until the last."""
        guest = self._running_guest()
        guest.animate(number)
        if wait and not guest.wait_drawn(10 + number / _DRAW_RATE):
            raise TargetUnusable("the guest does not finish to draw")

    def input_events(self, number: int = 0, seconds: float = 0.0) -> list[InputEvent]:
        """What the guest got since the last call; waits up to so many seconds for so many events."""
        return self._running_guest().events(number, seconds)

    def leds(self, flags: int) -> None:
        """The guest lights lamps of its keyboard: 1 scroll lock, 2 num lock, 4 caps lock."""
        self._running_guest().command(f"leds {flags}")
