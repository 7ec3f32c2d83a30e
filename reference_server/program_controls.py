"""What the server as a program can be told besides: the verbs of :mod:`spiceproto.controls.programs`, and lines of questions.

    {"do": "notify", "text": "lunch"}     {"event": "answer", "answer": "ok"}
    {"do": "state"}                       {"event": "answer", "answer": "ok", "value": {...}}

Who asks is a controller (:class:`spiceproto.controls.audience.Listener`): on standard input, or one of several on a socket.
While the guest is on its way to another server nothing can be done to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import msgspec

from reference_server.compression import COMPRESSIONS
from reference_server.controls import Controls, HandOver, write_picture
from reference_server.faults import FAULTS
from reference_server.guest import Screen, colour_chart
from reference_server.guests.gallery.scenes import SCENES, draw_scene
from reference_server.guests.tone import tones
from reference_server.heads import heads_of
from reference_server.line import Line
from reference_server.server import Server
from reference_server.shell import Shell
from spiceproto import transport
from spiceproto.channels import channel_name
from spiceproto.controls import Control, programs, results
from spiceproto.controls.audience import Audience, Listener
from spiceproto.controls.questions import answer
from spiceproto.enums.common import NotifySeverity, NotifyVisibility
from spiceproto.enums.link import LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError

__all__ = ["TABLE", "ProgramControls"]

TABLE: Final = programs.table("server")
"""Verb to its row."""

_ALWAYS: Final = frozenset({"hello", "events", "state", "clients", "shutdown", "migrate-cancel"})
"""What can be asked while the guest is on its way."""

_MODES: Final = (MouseMode.SERVER, MouseMode.CLIENT)

_OF_CONNECTIONS: Final = ("policy_class", "link_class", "line_class", "channel_class", "channels")
_OF_ALL: Final = ("modes_class", "agent_class", "played_class")


class ProgramControls(Controls):
    """Of the server of ``shell``. ``stop`` ends the program, ``fault`` is the one that is on, ``place`` where it listens."""

    def __init__(
        self,
        shell: Shell,
        audience: Audience,
        *,
        stop: Any,
        hand_over: HandOver | None = None,
        fault: str | None = None,
    ) -> None:
        super().__init__(shell.server, stop, hand_over=hand_over)
        self.audience = audience
        self.place: dict[str, Any] = {}
        self._shell = shell
        self._fault = fault

    async def answer(self, line: bytes | None, listener: Listener) -> dict[str, Any]:
        """What one line of a controller comes to; None is one that was too long."""

        async def act(row: Control, values: dict[str, Any]) -> Mapping[str, Any]:
            if row.verb == "events":
                self.audience.listen(listener, values["on"])
                return {}
            return await self.act(row, values)

        try:
            said = await answer(line, TABLE, act)
        except Exception as error:  # the next line has its answer all the same
            said = {"answer": "error", "text": f"a mistake of the server itself: {type(error).__name__}: {error}"}
        self._shell.flush()
        return {"event": "answer"} | said

    async def act(self, row: Control, values: dict[str, Any]) -> Mapping[str, Any]:
        """Do what a verb says. Raises LocalError, RemoteError, OSError and ValueError if it can not be done."""
        if self.server.stands_still and row.verb not in _ALWAYS:
            if not self.server.here:
                raise LocalError("the guest has left for another server")
            raise LocalError("the guest is on its way to another server")
        value = getattr(self, row.method)(**values)
        if isinstance(value, Awaitable):
            value = await value
        return {} if value is None else {"value": msgspec.to_builtins(value)}

    # -- the program

    def do_hello(self) -> results.Hello:
        try:
            number = version("spiceproto")
        except PackageNotFoundError:
            number = ""
        text = f"spice-reference-server {number}".rstrip()
        return results.Hello(text=text, version=number, role="server", verbs=tuple(sorted(TABLE)))

    def do_state(self) -> results.State:
        server, guest = self.server, self.guest
        expires = server.policy.expires
        return results.State(
            listening=self.place,
            guest=None if guest.program is None else guest.program.name,
            here=server.here,
            migrating=server.migration is not None,
            sessions=len(server.sessions),
            fault=self._fault,
            ticket=results.Ticket(
                wanted=server.policy.password is not None,
                seconds=None if expires is None else max(expires - self._shell.now, 0),
            ),
            mouse_mode=_mode(server.modes.mode),
            mouse_modes=tuple([_mode(mode) for mode in _MODES if mode & server.modes.supported]),
            displays=tuple([self._shown(number) for number in range(server.listing.displays)]),
            image_compression=next(name for name, kind in COMPRESSIONS.items() if kind == server.compression.kind),
            streaming_video=server.streaming.mode,
            agent=guest.agent.present,
            plays=guest.speaker.source is not None,
            listens=guest.microphone.listens,
        )

    def _shown(self, number: int) -> results.Shown:
        screen = self.guest.screens[number]
        heads = [(head.monitor_id, head.x, head.y, head.width, head.height) for head in screen.heads]
        return results.Shown(size=screen.size, heads=tuple(heads))

    def do_fault(self, name: str, on: bool) -> results.Switched:
        if on and not name:
            raise LocalError("which one?", expected="a name that --list-faults prints")
        if on and name == "off":
            raise LocalError(
                "no fault is called off", expected='on=off (JSON: "on": false), which switches off the one there is'
            )
        if not on and self._fault is None:
            raise LocalError("no fault is on")
        if not on and name not in ("", self._fault):
            raise LocalError("that is not on", expected=f"{self._fault}, or no name", actual=name)
        was = type(self.server)
        made = FAULTS.make(name) if on else Server
        self.server.become(made)
        before, self._fault = self._fault, name if on else None
        met = "connections that are made from now on" if _is_of_connections(was, made) else "everybody from now on"
        return results.Switched(fault=self._fault, was=before, met_by=met)

    # -- who is connected

    def do_ticket(self, password: str | None, seconds: float | None) -> None:
        if not self.server.options.ticket:
            raise LocalError("no tickets are taken: logins are by SASL")
        self.server.set_password(password, None if seconds is None else self._shell.now + seconds)

    def do_clients(self) -> list[results.Client]:
        return [
            results.Client(
                session=session.id,
                arriving=session.arriving,
                silent=round(max(self._shell.now - session.heard, 0), 3),
                channels=tuple([self._channel(line) for line in self.server.lines_of(session)]),
            )
            for session in self.server.sessions.values()
        ]

    def _channel(self, line: Line) -> results.Channel:
        latency = line.messages.round_trip
        return results.Channel(
            channel=channel_name(line.key[0]),
            id=line.key[1],
            connection=line.connection.number,
            tls=line.connection.secure,
            latency=None if latency is None else round(latency, 6),
            **self._shell.traffic(line.connection),
        )

    def do_drop(self, session: int | None, connection: int | None) -> None:
        if (session is None) == (connection is None):
            raise LocalError("which one?", expected="session or connection")
        if session is not None:
            self.server.end_session(self.server.session(session), "dropped from outside", LinkErr.OK)
        else:
            self.server.drop_connection(self._connection(connection), "dropped from outside")

    def _connection(self, number: int | None) -> transport.Connection:
        for found in self.server.lines:
            if found.number == number:
                return found
        numbers = ", ".join([str(found.number) for found in self.server.lines])
        if not numbers:
            raise LocalError(f"there is no connection {number}: nobody is connected")
        raise LocalError("there is no such connection", expected=numbers, actual=str(number))

    def do_notify(self, text: str, severity: str, visibility: str, session: int | None) -> None:
        self.server.notify(text, NotifySeverity[severity.upper()], NotifyVisibility[visibility.upper()], session=session)

    # -- what the guest shows and plays

    def do_mouse_mode(self, mode: str) -> None:
        wanted, modes = MouseMode[mode.upper()], self.server.modes
        modes.request(wanted)
        if modes.mode != wanted:
            raise LocalError("the guest's devices do not allow it", expected=_mode(modes.mode), actual=mode)

    def _screen(self, display: int) -> Screen:
        count = self.server.listing.displays
        if display >= count:
            raise LocalError("there is no such display", expected=f"0 to {count - 1}", actual=str(display))
        return self.guest.screens[display]

    async def do_picture(self, path: str, display: int) -> None:
        # A large one takes seconds, and the guest may draw meanwhile.
        await asyncio.to_thread(write_picture, path, self._screen(display).picture.copy())

    def do_resolution(self, width: int, height: int, display: int) -> None:
        screen, program = self._screen(display), self.guest.program
        if program is None or program.name == "chart":
            screen.paint(colour_chart(width, height))
        else:
            screen.resize(width, height, screen.format)

    def do_heads(self, heads: str, display: int) -> None:
        self._screen(display).set_heads(*heads_of(heads))

    def do_scene(self, number: int, display: int) -> results.Scene:
        screen = self._screen(display)
        if self.guest.program is not None:
            self.guest.program.stop()
            self.guest.program = None
        draw_scene(screen, number)
        names = ("all", *SCENES)
        return results.Scene(scene=names[number], scenes=names)

    def do_sound(self, on: bool, left: int, right: int) -> None:
        self.guest.speaker.play(tones(left, right) if on else None)

    def do_listen(self, on: bool) -> None:
        self.guest.microphone.listen(on)

    # -- the guest goes to another server

    def do_migrate_cancel(self) -> None:
        if self.server.stands_still:
            raise LocalError("the guest is on its way")
        self.server.migrate_cancel()


def _mode(mode: int) -> results.MouseModeName:
    """A mouse mode in a word."""
    return "client" if mode == MouseMode.CLIENT else "server"


def _is_of_connections(before: type[Server], after: type[Server]) -> bool:
    """Whether nothing but the parts of connections differs."""
    usual = {*_OF_CONNECTIONS, *_OF_ALL}
    methods = [name for kind in (before, after) if kind is not Server for name in vars(kind) if name not in usual]
    whole = any(not name.startswith("__") for name in methods)
    return not whole and all(getattr(before, name) is getattr(after, name) for name in _OF_ALL)
