"""QEMU with libspice-server: the server that nearly everybody means.

Started with TCG, so that it runs where there is no KVM; ready in 0.1 s. Seen to work with QEMU 7.2 and libspice-server
0.15.1: all options and all controls below, alone and together, but for these:

* ``unix`` replaces both ports: QEMU listens on a Unix socket or on TCP
* without TLS SASL would need a security layer, which PLAIN and SCRAM have not; so ``sasl`` means ``tls=only``, and with
  ``tls=1`` nobody can log in at the plain port
* with more than one display QEMU never grants client mouse mode through the VMware pointer
* libspice-server crashes (about once in a hundred times) when a client leaves between the link of its display channel and
  the first surface: ``ended`` is then -11, and :meth:`stop` and :meth:`start` bring up another
* with ``migrate`` there are two: the second waits for the guest of the first. Each pair has one migration, and both are started
  anew by the next case; a guest of 64 MB is there in a tenth of a second. Which kind it is, is a question of what the client
  announces too
* a display that is added at run time is a qxl device: it has no picture without a driver in the guest
"""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from conformance.adapters import card_reader, played_agent, serial_line, sound_card, usb_host
from conformance.adapters.card_reader import CardDriver, CardReader
from conformance.adapters.guest import Guest, InputEvent, read_mode, write_disk
from conformance.adapters.listening import free_ports
from conformance.adapters.options import check_options, flag, number, words
from conformance.adapters.pixmap_file import as_png
from conformance.adapters.played_agent import PlayedAgent
from conformance.adapters.process import Process, TargetUnusable, missing_programs, program
from conformance.adapters.qemu_migration import KINDS, Migration
from conformance.adapters.qmp import Qmp
from conformance.adapters.qtest import Qtest
from conformance.adapters.sasl_users import SASL_PROGRAM, write_users
from conformance.adapters.server import ServerProgram
from conformance.adapters.sound_card import SoundCard
from conformance.outcome import NotApplicable
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["Qemu"]

_PROGRAM: Final = "qemu-system-x86_64"
_SASL_USER: Final = "suite"
_SASL_PASSWORD: Final = "sesame"
_PORT: Final = "org.spice-space.suite.0"
_DRAW_RATE: Final = 18.2
"""Rectangles a second that the guest fills."""

_VIDEO: Final = "all"
"""What is sent as video where films are shown."""
_FILM_BITS: Final = 32
"""Of a pixel of the mode in which the guest can show a film."""
_LONG_FILM: Final = 60000
"""Frames: most of an hour."""

_UHCI: Final = "piix3-usb-uhci"
_CONTROLLERS: Final = {"ehci": "ich9-usb-ehci1", "xhci": "qemu-xhci"}
"""What a redirected device can be plugged into."""

_REBOOT: Final = 300
"""Milliseconds behind which firmware that has found nothing to start from starts again."""


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
        "guest": "pointer: run the guest that can be driven, and can draw; modes, such as 640x480x8+800x600x16: "
        "it draws in these, each time in the next",
        "sound": "0: no sound card; otherwise one that plays and records all the time",
        "port": "0: no port channel; otherwise one with a serial line behind it",
        "usbredir": "0: no usbredir channel; ehci, xhci: one on such a controller, at which firmware looks again and again; "
        "otherwise one",
        "smartcard": "0: no smartcard channel; otherwise one with a card reader behind it",
        "agent": "1: an agent that is played, from the beginning; it moves no pointer",
        "vga": "std, qxl, ...; otherwise qxl, and std with several displays",
        "video": "1: all that changes fast is sent as video, and the guest, of one mode of 32 bits, can show a film; "
        "there is no sound card then",
        "migrate": "switch-host, semi-seamless, seamless: a second QEMU is the destination of a migration, and what clients "
        "know they follow so, at most",
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
        self._kind = options.get("migrate", "")
        if self._kind and self._kind not in KINDS:
            raise LocalError("an unknown kind of migration", where="qemu:", expected=expected(self._kind, KINDS))
        if self._kind and self._unix:
            raise LocalError("QEMU tells clients of a destination by host and port", where="qemu:", expected="no Unix socket")
        if self._unix and self._tls:
            raise LocalError("QEMU has no TLS on a Unix socket", where="qemu:")
        self._ticket = options.get("ticket", "")
        self._username = options.get("username", _SASL_USER)
        self._displays = number(options, "displays", 1)
        self._secure = words(options.get("secure", ""))
        wanted = options.get("guest", "")
        self._with_guest = wanted not in ("", "0", "none")
        self._modes = [] if wanted == "pointer" or not self._with_guest else [read_mode(word) for word in words(wanted)]
        self._shown = 0
        self._sound, self._port, self._cards = [flag(options, name, "1") for name in ("sound", "port", "smartcard")]
        usb = options.get("usbredir", "1")
        self._controller = _CONTROLLERS.get(usb, "")
        self._usb = bool(self._controller) or flag(options, "usbredir", "1")
        self._video = flag(options, "video")
        if self._video:
            if [mode.bits for mode in self._modes] != [_FILM_BITS]:
                raise LocalError("no film", where="qemu:", expected=f"a guest of one mode, with {_FILM_BITS} bits a pixel")
            self._sound = False  # a guest that is told what to show would be told what to play, too
        self._with_agent = flag(options, "agent")
        self._agent: PlayedAgent | None = None
        self._vga = options.get("vga") or ("qxl" if self._displays == 1 else "std")
        self._spice = options.get("spice", "")
        self._extra = shlex.split(options.get("extra", ""))
        self._qmp: Qmp | None = None
        self._guest: Guest | None = None
        self._devices = 0
        self._card: CardDriver | None = None
        self.qtest, self._registers = "", (0, 0)
        self._line_machine: Qtest | None = None
        self._arrives_at: Path | None = None
        """Where it waits for a guest that comes from another QEMU."""
        self._migration: Migration | None = None
        self._destination: Qemu | None = None
        if self._kind:
            self.destination = self._destination = Qemu({name: options[name] for name in options if name != "migrate"})
            self._destination._kind = self._kind
        controls = {"picture"}
        if self._cards and not self._with_agent:  # that has the only connection of a driver
            controls |= {"card-command", "card-events"}
        if self._ticket and not self._sasl:
            controls |= {"set-password", "expire-password"}
        if self._with_guest:
            controls |= {"pointer", "input-events", "lock-keys"}
            # Of what is drawn while video is on nobody knows whether it comes without loss.
            controls |= {"guest", "streaming-video"} if self._video else {"animate"}
        if self._port and not self._with_agent:  # an agent has the only connection to the machine's ports
            controls |= {"port-write", "port-read"}
        if self._kind:
            controls |= {"migrate-begin", "migrate-finish", "migrate-cancel"}
        self.controls = frozenset(controls)
        has = {"one-session", "sasl" if self._sasl else "no-sasl"}
        has |= {"sasl-only", "ticket"} if self._sasl else {"ticket-login", "ticket" if self._ticket else "no-ticket"}
        if "inputs" in self._secure and "main" not in self._secure:
            has.add("secured-inputs")
        if self._displays == 2:
            has.add("two-displays")
        has |= set(KINDS[1 : KINDS.index(self._kind) + 1]) if self._kind else set()
        self.has = frozenset(has)

    @classmethod
    def missing(cls) -> str:
        return missing_programs(_PROGRAM)

    def _start(self, folder: Path) -> None:
        if self._sasl:
            missing = missing_programs(SASL_PROGRAM)
            if missing:
                raise TargetUnusable(missing)
        spice, environment = self._spice_options(folder)
        command = [
            program(_PROGRAM),
            "-accel",
            "tcg",
            "-m",
            "64",
            "-display",
            "none",
            "-nodefaults",
            "-no-user-config",
            "-vga",
            self._vga,
            "-spice",
            ",".join(spice),
            "-qmp",
            f"unix:{folder / 'qmp'},server=on,wait=off",
        ]
        for display in range(1, self._displays):
            command += ["-device", f"secondary-vga,id=display{display}"]
        if self._ticket and not self._sasl:
            (folder / "ticket").write_text(self._ticket)
            command += ["-object", f"secret,id=ticket,file={folder / 'ticket'}"]
        if self._with_guest:
            disk, serial = folder / "disk", folder / "serial"
            write_disk(disk)
            command += [
                "-drive",
                f"if=none,id=disk,format=raw,readonly=on,file={disk}",
                "-device",
                "virtio-blk-pci,drive=disk",
                "-chardev",
                f"socket,id=serial,path={serial},server=on,wait=off",
                "-serial",
                "chardev:serial",
            ]
        command += self._devices_for_channels(folder)
        if self._arrives_at is not None:
            command += ["-incoming", f"unix:{self._arrives_at}"]
        process = self.process = Process([*command, *self._extra], log=folder / "log", environment=environment)
        ports = [port for port in (self.port, self.tls_port) if port]
        process.wait_listening(ports=ports, path=self.unix_path)
        process.wait_listening(path=str(folder / "qmp"))
        try:
            self._qmp = Qmp(str(folder / "qmp"))
            if self._with_guest:
                self._guest = Guest(str(folder / "serial"))
            self.qtest = str(folder / "qtest")
            self._card = CardDriver(self.qtest, self._paused)
            if self._arrives_at is None:
                self._begin_guest()
        except (OSError, TargetUnusable) as error:
            raise process.unusable(f"cannot be driven: {error}") from None
        if self._destination is not None:
            there = folder / "destination"
            there.mkdir()
            self._destination.arrive(there)
            assert self._destination._arrives_at is not None
            self._migration = Migration(self._ask, self._destination._arrives_at)
        number = self._qmp.greeting["version"]["qemu"]
        library = self._qmp.ask("query-spice").get("compiled-version", "?")
        self.version = f"QEMU {number['major']}.{number['minor']}.{number['micro']}, libspice-server {library}"

    def _begin_guest(self) -> None:
        """What is played of a guest, from its beginning."""
        if self._guest is not None:
            self._guest.wait_ready()
            if self._modes:
                self._shown = 0
                self._guest.mode(self._modes[0])
        if self._sound:
            with Qtest(self.qtest) as machine:
                self._registers = sound_card.start_sound(machine, self._paused)
                if self._port:
                    serial_line.begin(machine)
        elif self._port and not self._with_agent:
            with Qtest(self.qtest) as machine:
                serial_line.begin(machine)
        if self._with_agent:
            self._agent = PlayedAgent(Qtest(self.qtest), self._paused if self._kind else None)

    # -- a second one, and the way there

    def arrive(self, folder: Path) -> None:
        """Start as the destination of a migration: there is no guest yet. Raises TargetUnusable."""
        self._arrives_at = folder / "incoming"
        self._start(folder)

    @property
    def holder(self) -> ServerProgram:
        moved = self._migration is not None and self._migration.finished
        return self._destination if moved and self._destination is not None else self

    @property
    def spent(self) -> bool:
        return self._migration is not None and self._migration.begun

    @property
    def ended(self) -> int | None:
        found = super().ended
        return found if found is not None or self._destination is None else self._destination.ended

    def do_migrate_begin(self) -> None:
        """Clients are told of the destination."""
        assert self._migration is not None and self._destination is not None
        self._migration.begin(self._destination.address)

    def do_migrate_finish(self) -> None:
        """The guest goes to the destination, and what is played of it goes with it."""
        assert self._migration is not None and self._destination is not None
        self._leave_line()
        if self._agent is not None:
            self._agent.pause()
        self._migration.finish()
        there = self._destination
        there._registers, there._shown = self._registers, self._shown
        if self._agent is not None:
            there._agent, self._agent = self._agent, None
            there._agent.go_on(Qtest(there.qtest))

    def do_migrate_cancel(self) -> None:
        """No migration after all."""
        assert self._migration is not None
        self._migration.cancel()

    @contextmanager
    def _paused(self) -> Iterator[None]:
        """The guest does nothing meanwhile."""
        self._ask("stop")
        try:
            yield
        finally:
            self._ask("cont")

    @contextmanager
    def sound_card(self) -> Iterator[SoundCard]:
        """The sound card, for a program that plays a driver of the guest. Not with an agent, which has the only connection."""
        self._leave_line()
        with Qtest(self.qtest) as machine:
            yield SoundCard(machine, *self._registers)

    def _devices_for_channels(self, folder: Path) -> list[str]:
        """What is behind the channels of sound, ports and USB."""
        found: list[str] = []
        if self._sound:
            found += ["-audiodev", "spice,id=sound", "-device", f"{sound_card.DEVICE},audiodev=sound"]
        if self._with_agent:
            found += played_agent.devices(moves=bool(self._kind))
        if self._cards:
            found += ["-chardev", "spicevmc,id=card,name=smartcard", "-device", f"{usb_host.DEVICE},id=cards"]
            found += [part for device in card_reader.DEVICES for part in ("-device", device)]
        if self._sound or self._with_agent or self._cards or self._port:
            found += ["-qtest", f"unix:{folder / 'qtest'},server=on,wait=off", "-qtest-log", os.devnull]
        if self._port:
            found += ["-chardev", f"spiceport,id=port,name={_PORT}", "-device", f"{serial_line.DEVICE},chardev=port"]
        if self._usb:
            found += ["-chardev", "spicevmc,id=usb,name=usbredir", "-device", f"{self._controller or _UHCI},id=uhci"]
            found += ["-device", "usb-redir,bus=uhci.0,chardev=usb"]
            if self._controller:  # a device that comes later is looked for when the firmware starts again
                found += ["-boot", f"reboot-timeout={_REBOOT}"]
        return found

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
            write_users(folder, "qemu", self.username, self.password)
            found += ["sasl=on", "disable-ticketing=on"]
        else:
            found.append("password-secret=ticket" if self._ticket else "disable-ticketing=on")
        if self._with_agent:
            found.append("agent-mouse=off")  # the agent moves no pointer, so the guest's own device decides
        if self._video:
            found.append(f"streaming-video={_VIDEO}")
        if self._kind == "seamless":
            found.append("seamless-migration=on")
        return [*found, *([self._spice] if self._spice else [])], environment

    def _stop(self) -> None:
        if self._destination is not None:
            self._destination.stop()
            self._migration = None
        if self._agent is not None:
            self._agent.close()
            self._agent = None
        self._leave_line()
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

    def do_set_password(self, password: str) -> None:
        """Another password from now on. Sessions live on."""
        self._ask("set_password", protocol="spice", password=password)
        self._ask("expire_password", protocol="spice", time="never")
        self.password = password

    def do_expire_password(self, seconds: float = 0) -> None:
        """No password is good any more after so many (whole) seconds."""
        self._ask("expire_password", protocol="spice", time=f"+{int(seconds)}" if seconds >= 1 else "now")

    @contextmanager
    def _driven_card(self) -> Iterator[CardDriver]:
        assert self._card is not None
        self._leave_line()
        try:
            yield self._card
        except OSError as error:
            assert self.process is not None
            raise self.process.unusable(f"its card reader cannot be driven: {error}") from None

    @contextmanager
    def card_reader(self) -> Iterator[CardReader]:
        """The card reader, for as long as its driver has the connection of drivers."""
        with self._driven_card() as card, card.reader() as reader:
            yield reader

    def do_card_command(self, data: bytes) -> None:
        """The guest's driver sends a command to the card."""
        with self._driven_card() as card:
            card.command(data)

    def do_card_events(self) -> list[dict[str, Any]]:
        """The answer to the last command, if it has come since the last call."""
        with self._driven_card() as card:
            return card.events()

    def mouse_mode(self) -> str:
        """The mode of the session, as the server sees it: "server" or "client"."""
        return str(self._ask("query-spice")["mouse-mode"])

    def do_picture(self, path: str, display: int = 0) -> None:
        """What a display shows, as QEMU sees it."""
        if display >= self._displays:
            raise NotApplicable(f"QEMU was started with {self._displays} displays, and this is the one with number {display}")
        with tempfile.NamedTemporaryFile(suffix=".ppm") as file:
            self._ask("screendump", filename=file.name, **({"device": f"display{display}"} if display else {}))
            as_png(Path(file.name), Path(path))

    def add_display(self) -> None:
        """One qxl device more, for good: libspice-server gets a display and a cursor channel, and tells its client."""
        self._devices += 1
        self._ask("device_add", driver="qxl", id=f"added{self._devices}")

    def do_pointer(self, kind: Literal["absolute", "relative"]) -> None:
        """The guest takes the VMware pointer, or gives it back: client mouse mode becomes possible, or impossible."""
        if kind not in ("absolute", "relative"):
            raise LocalError("no such kind of pointer", expected="absolute or relative", actual=kind)
        self._running_guest().command(f"pointer {kind}")

    def do_animate(self, count: int, *, wait: bool = False) -> None:
        """The guest fills so many rectangles, one after another; with ``wait`` until the last.

        One that has several modes goes to the next of them before. Where it is one of 256 colours, they are others than before.
        """
        guest = self._running_guest()
        if self._modes and count:
            self._shown += 1
            mode = self._modes[self._shown % len(self._modes)]
            if len(self._modes) > 1:
                guest.mode(mode)
            if mode.bits == 8:
                guest.palette(self._shown % 256)
        guest.animate(count)
        if wait and not guest.wait_drawn(10 + count / _DRAW_RATE):
            raise TargetUnusable("the guest does not finish to draw")

    def film(self, count: int) -> None:
        """The guest begins to show so many frames of a film, 18 a second; it has to have a mode of 32 bits."""
        self._running_guest().film(count)

    def do_guest(self, name: str) -> None:
        """The guest shows a film, or stands still."""
        if name == "video":
            self.film(_LONG_FILM)
        elif name == "chart":
            self._running_guest().animate(0)
        else:
            raise NotApplicable(f"what runs in QEMU's guest has no {name}")

    def do_streaming_video(self, mode: str) -> None:
        """QEMU is told when it is started, and not again."""
        if mode != _VIDEO:
            raise NotApplicable(f"QEMU was started with streaming-video={_VIDEO}")

    def do_port_write(self, data: bytes, port: int = 0) -> None:
        """The guest writes into its serial line."""
        serial_line.write(self._line(port), data)

    def do_port_read(self, port: int = 0) -> dict[str, Any]:
        """What the guest reads from its serial line."""
        data, events = serial_line.read(self._line(port))
        return {"data": data.hex(), "events": events}

    def _line(self, port: int) -> Qtest:
        if port:
            raise NotApplicable("QEMU was started with one port")
        if self._line_machine is None:
            self._line_machine = Qtest(self.qtest)
        return self._line_machine

    def _leave_line(self) -> None:
        """There is one connection to the machine's ports at a time."""
        if self._line_machine is not None:
            self._line_machine.close()
            self._line_machine = None

    def wait_drawn(self, seconds: float) -> bool:
        """Whether the guest stands still, within this time."""
        return self._running_guest().wait_drawn(seconds)

    def do_input_events(self, number: int = 0, seconds: float = 0.0) -> list[InputEvent]:
        """What the guest got since the last call; waits up to so many seconds for so many events."""
        return self._running_guest().events(number, seconds)

    def do_lock_keys(self, flags: int) -> None:
        """The guest lights lamps of its keyboard: 1 scroll lock, 2 num lock, 4 caps lock."""
        self._running_guest().command(f"leds {flags}")
