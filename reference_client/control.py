"""Driven from outside: questions as JSON lines on standard input or on a socket, answers and events as JSON lines.

    {"do": "motion", "dx": 3, "dy": 1}      {"answer": "ok"}
    {"do": "fly"}                           {"answer": "unsupported", "text": "..."}
    {"do": "key"}                           {"answer": "error", "text": "..."}
                                            {"event": "linked", "channel": "main", ...}

Every question has one answer, in the order of the questions; no answer waits for the server, and "ok" means that the client
knows. Events stand between answers.

The verbs and their values are those of :mod:`spiceproto.controls` for clients, and those of a program among them. A verb with
a method ``do_...`` here is done by it, any other by the channel that has it (:data:`reference_client.wishes.VERBS`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

import msgspec

from reference_client import local_file, make_client
from reference_client.events import Event, as_json
from reference_client.options import Options
from reference_client.picture import write_png
from reference_client.plan import Wish, plan
from reference_client.shell import Shell
from spiceproto import file_endings, regular_file
from spiceproto.address import Address
from spiceproto.capture_file import CaptureFile
from spiceproto.controls import Control as Row
from spiceproto.controls import programs, questions
from spiceproto.controls.audience import Audience, Listener
from spiceproto.errors import LocalError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reference_client.view.view import View
    from spiceproto.wav import Kept, Tone

    Play = Callable[[int, int, NDArray[np.int16]], None]

__all__ = ["TABLE", "Control"]

_LOOK: Final = 0.01


class Control:
    """One client after the other, as it is asked. ``audience`` is told of events.

    ``quitted`` is set by ``quit``. ``on_failure`` is called when a client itself has failed, ``on_event`` with what happens;
    ``capture`` is a file for what all of them say and hear; ``view`` shows each of them.
    """

    def __init__(
        self,
        wish: Wish,
        audience: Audience,
        *,
        fault: str | None = None,
        on_failure: Callable[[Exception], None] | None = None,
        on_event: Callable[[Event], None] | None = None,
        capture: CaptureFile | None = None,
        view: View | None = None,
    ) -> None:
        self.wish = wish
        self._view = view
        self._capture = capture
        self._on_event = on_event or (lambda _: None)
        self.shell: Shell | None = None
        self.quitted = asyncio.Event()
        self._heard: Kept | None = None
        self._tone: Tone | None = None
        self._fault = fault
        self._on_failure = on_failure
        self.audience = audience

    async def answer(self, line: bytes | None, listener: Listener) -> dict[str, Any]:
        """What one line of a controller comes to; None is one that was too long."""

        async def act(row: Row, values: dict[str, Any]) -> Mapping[str, Any]:
            if row.verb == "events":
                self.audience.listen(listener, values["on"])
                return {}
            do = getattr(self, row.method, None)
            return (await do(**values) if do is not None else self._wish(row.verb, values)) or {}

        return await questions.answer(line, TABLE, act)

    async def stop(self) -> None:
        """End the session there is."""
        shell, self.shell = self.shell, None
        if shell is not None:
            await shell.stop()

    def begin(self, wish: Wish) -> None:
        """Connect. Raises LocalError, and OSError for files."""
        # Imported where it is used: nothing else of the language needs it.
        from spiceproto.wav import Kept, Tone

        self._heard, self._tone = Kept(), Tone() if wish.say is None and self._view is None else None
        say = wish.say if self._tone is None else self._tone.say
        wish = msgspec.structs.replace(wish, play=_both(self._heard.play, wish.play), say=say)

        def told(event: Event) -> None:
            self._on_event(event)
            self.audience.tell(as_json(event))

        wish = msgspec.structs.replace(wish, tell=told)
        way, options = plan(wish if self._view is None else self._view.wish(wish))
        client = make_client(options, fault=self._fault)

        shell = Shell(client, way, told, on_failure=self._on_failure, capture=self._capture)
        self.shell = shell
        if self._view is not None:
            self._view.show(shell)
        shell.start()

    def _session(self) -> Shell:
        if self.shell is None:
            raise LocalError("there is no session")
        return self.shell

    def _wish(self, verb: str, values: Mapping[str, Any]) -> dict[str, Any]:
        shell = self._session()
        found = shell.client.carry_out(verb, values)
        shell.pump()
        return found or {}

    # -- verbs

    async def do_hello(self) -> dict[str, Any]:
        try:
            number = version("spiceproto")
        except PackageNotFoundError:
            number = ""
        text = f"spice-reference-client {number}".rstrip()
        return {"text": text, "version": number, "role": "client", "verbs": sorted(TABLE), "sasl": True}

    async def do_connect(self, **values: Any) -> None:
        for path in filter(None, (values["vv"], values["ca"])):
            regular_file.check(path)
        await self.stop()
        self.begin(_wished(self.wish, values))

    async def do_password(self, text: str) -> None:
        # Refused here, not when it is needed; a login by SASL may have a longer one.
        Options(password=text, sasl=self.wish.sasl and bool(self.wish.username)).check()
        self.wish = msgspec.structs.replace(self.wish, password=text)

    async def do_disconnect(self) -> None:
        await self.stop()

    async def do_quit(self) -> None:
        self.quitted.set()

    async def do_state(self) -> dict[str, Any]:
        if self.shell is None:
            return {"connected": False, "channels": []}
        return self.shell.client.state(self.shell.now)

    async def do_picture(self, path: str, display: int, cursor: bool, head: int | None) -> dict[str, Any]:
        file_endings.check("picture", path, ".png")
        regular_file.check(path)
        shown = self._session().client.displays[display]
        while shown.unfinished and shown.line.state != "closed":
            await asyncio.sleep(_LOOK)
        while shown.finish():
            await asyncio.sleep(0)
        picture = shown.picture(cursor=cursor, head=head)
        height, width = picture.shape[:2]
        await asyncio.to_thread(write_png, path, picture)
        return {"width": width, "height": height}

    async def do_heard(self, path: str) -> None:
        if self._heard is None:
            raise LocalError("there was no session")
        regular_file.check(path)
        self._heard.write(path)

    async def do_say(self, hertz: int) -> None:
        if self._tone is None:
            raise LocalError("there was no session" if self._heard is None else "the guest hears a file or the microphone")
        self._tone.hertz = hertz

    async def do_copy(self, **values: Any) -> None:
        shell = self._session()
        local_file.copy(shell.client, **values)
        shell.pump()

    async def do_paste(self, path: str, **values: Any) -> None:
        def failed(error: Exception) -> None:
            self.audience.tell(
                {"event": "clipboard-lost", "path": path, "text": getattr(error, "strerror", None) or str(error)}
            )

        shell = self._session()
        local_file.paste(shell.client, path, failed=failed, **values)
        shell.pump()

    async def do_send_file(self, **values: Any) -> dict[str, Any]:
        shell = self._session()
        number = local_file.send_file(shell.client, **values)
        shell.pump()
        return {"file": number}

    async def do_picture_with_pointer(self, path: str, display: int) -> dict[str, Any]:
        return await self.do_picture(path, display, True, None)


def _both(first: Play, second: Play | None) -> Play:
    """Sound is for the verb ``heard``, and for whoever else wants it."""
    if second is None:
        return first

    def play(time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        first(time, frequency, samples)
        second(time, frequency, samples)

    return play


TABLE: Final = programs.table("client")
"""Verb to its row."""


def _wished(base: Wish, values: Mapping[str, Any]) -> Wish:
    """The wish of a ``connect``: what it says itself goes before a uri, and that before a file."""
    changes: dict[str, Any] = {"target": "", "address": None}
    if values["unix"]:
        changes["address"] = Address(unix_path=values["unix"])
    elif values["host"]:
        port, tls_port = [str(values[name]) if values[name] else None for name in ("port", "tls_port")]
        changes["address"] = Address(host=values["host"], port=port, tls_port=tls_port)
        if port is None and tls_port is None:
            raise LocalError("a host without a port", expected="port or tls_port")
    elif values["uri"]:
        changes["target"] = values["uri"]
    elif values["vv"]:
        changes["target"] = values["vv"]
        if changes["target"] == "-":
            raise LocalError("standard input is taken by questions")
    elif base.target or base.address:
        changes = {}
    else:
        raise LocalError("nowhere to connect to", expected="host and port, unix, uri, or vv")
    for name in ("password", "username", "ca", "host_subject"):
        if values[name] is not None:
            changes["ca_file" if name == "ca" else name] = values[name]
    return msgspec.structs.replace(base, **changes)
