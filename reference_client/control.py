"""Driven from outside: questions as JSON lines on standard input, answers and events as JSON lines on standard output.

    {"do": "motion", "dx": 3, "dy": 1}      {"answer": "ok"}
    {"do": "fly"}                           {"answer": "unsupported", "text": "..."}
    {"do": "key"}                           {"answer": "error", "text": "..."}
                                            {"event": "linked", "channel": "main", ...}

Every question has one answer, in the order of the questions; no answer waits for the server, and "ok" means that the client
knows. Events stand between answers. Verbs and their values:

    hello, state, disconnect, quit
    connect     host, port, tls_port, unix, or uri, or vv (a path); password, username, ca (a path), host_subject
    key         code (0x1E; 0x11D for E0 1D), down        scancode    data (hexadecimal digits)
    motion      dx, dy                                    position    x, y, display
    press, release   button                               wheel       steps (up is positive)
    mouse-mode  mode ("server" or "client")               modifiers   flags
    picture     path, display
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ClassVar, Final

from reference_client import make_client
from reference_client.address import Address
from reference_client.events import Event, as_json
from reference_client.picture import write_png
from reference_client.plan import Wish, plan
from reference_client.shell import Shell
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError, SpiceError

__all__ = ["LINE", "Control"]

LINE: Final = 1 << 20
"""Bytes of one question."""


class Control:
    """One client after the other, as it is asked. ``say`` takes the lines for standard output.

    ``done`` is set by ``quit``.
    """

    def __init__(self, wish: Wish, say: Callable[[dict[str, Any]], None], *, fault: str | None = None) -> None:
        self.wish = wish
        self.shell: Shell | None = None
        self.done = False
        self._fault = fault
        self._say = say

    async def answer(self, line: bytes) -> None:
        """One question."""
        try:
            question = json.loads(line)
            if not isinstance(question, dict) or not isinstance(question.get("do"), str):
                raise LocalError("not a question", expected='{"do": VERB, ...}')
            verb = question.pop("do")
            method = self._verbs.get(verb)
            if method is None:
                self._say({"answer": "unsupported", "text": f"there is no verb {verb}"})
                return
            found = await method(self, question)
        except (SpiceError, OSError, ValueError, TypeError, RecursionError) as error:
            self._say({"answer": "error", "text": str(error)})
        except KeyError as error:
            self._say({"answer": "error", "text": f"a value is missing: {error.args[0]}"})
        else:
            self._say({"answer": "ok", **found})

    async def stop(self) -> None:
        """End the session there is."""
        shell, self.shell = self.shell, None
        if shell is not None:
            await shell.stop()

    def begin(self, wish: Wish) -> None:
        """Connect. Raises LocalError, and OSError for files."""
        way, options = plan(wish)
        shell = Shell(make_client(options, fault=self._fault), way, self._event)
        self.shell = shell
        shell.start()

    def _event(self, event: Event) -> None:
        self._say(as_json(event))

    # -- verbs

    async def _hello(self, values: Mapping[str, Any]) -> dict[str, Any]:
        try:
            number = version("spiceproto")
        except PackageNotFoundError:
            number = ""
        return {"text": f"spice-reference-client {number}".rstrip(), "version": number, "verbs": sorted(self._verbs)}

    async def _connect(self, values: Mapping[str, Any]) -> dict[str, Any]:
        await self.stop()
        self.begin(_wished(self.wish, values))
        return {}

    async def _disconnect(self, values: Mapping[str, Any]) -> dict[str, Any]:
        await self.stop()
        return {}

    async def _quit(self, values: Mapping[str, Any]) -> dict[str, Any]:
        self.done = True
        return {}

    async def _state(self, values: Mapping[str, Any]) -> dict[str, Any]:
        if self.shell is None:
            return {"connected": False, "channels": []}
        client = self.shell.client
        main = client.main
        found: dict[str, Any] = {
            "connected": client.ended is None and bool(client.linked()),
            "channels": [
                {"type": member.name, "id": member.id, "state": "opened" if member.state == "linked" else member.state}
                for member in client.members.values()
            ],
        }
        if main is not None:
            client.now = self.shell.now
            mode = main.mouse_mode
            found["mouse_mode"] = MouseMode(mode).name.lower() if mode in (1, 2) else mode  # type: ignore[union-attr]
            found["name"], found["multi_media_time"] = main.name, main.multi_media_time()
        return found

    async def _picture(self, values: Mapping[str, Any]) -> dict[str, Any]:
        picture = self._client.picture(int(values.get("display", 0)))
        height, width = picture.shape[:2]
        write_png(str(values["path"]), picture)
        return {"width": width, "height": height}

    @property
    def _client(self) -> Any:
        if self.shell is None:
            raise LocalError("there is no session")
        return self.shell.client

    async def _act(self, name: str, *arguments: Any) -> dict[str, Any]:
        client = self._client
        assert self.shell is not None
        client.now = self.shell.now
        getattr(client, name)(*arguments)
        self.shell.pump()
        return {}

    async def _motion(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return await self._act("motion", int(values["dx"]), int(values["dy"]))

    async def _position(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return await self._act("position", int(values["x"]), int(values["y"]), int(values.get("display", 0)))

    async def _press(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return await self._act("press", int(values["button"]))

    async def _release(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return await self._act("release", int(values["button"]))

    async def _wheel(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return await self._act("wheel", int(values["steps"]))

    async def _key(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return await self._act("key", int(values["code"]), bool(values.get("down", True)))

    async def _scancode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return await self._act("scancode", str(values["data"]))

    async def _mouse_mode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return await self._act("request_mouse_mode", values["mode"])

    async def _modifiers(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return await self._act("modifiers", int(values["flags"]))

    _verbs: ClassVar[Mapping[str, Callable[[Control, Mapping[str, Any]], Any]]] = {
        "hello": _hello,
        "connect": _connect,
        "disconnect": _disconnect,
        "quit": _quit,
        "state": _state,
        "picture": _picture,
        "motion": _motion,
        "position": _position,
        "press": _press,
        "release": _release,
        "wheel": _wheel,
        "key": _key,
        "scancode": _scancode,
        "mouse-mode": _mouse_mode,
        "modifiers": _modifiers,
    }


def _wished(base: Wish, values: Mapping[str, Any]) -> Wish:
    """The wish of a ``connect``: what it says itself goes before a uri, and that before a file."""
    import msgspec

    changes: dict[str, Any] = {"target": "", "address": None}
    if values.get("unix"):
        changes["address"] = Address(unix_path=str(values["unix"]))
    elif values.get("host"):
        host = str(values["host"])
        host = f"[{host}]" if ":" in host and not host.startswith("[") else host
        port, tls_port = [str(values[name]) if values.get(name) else None for name in ("port", "tls_port")]
        changes["address"] = Address(host=host, port=port, tls_port=tls_port)
        if port is None and tls_port is None:
            raise LocalError("a host without a port", expected="port or tls_port")
    elif values.get("uri"):
        changes["target"] = str(values["uri"])
    elif values.get("vv"):
        changes["target"] = str(values["vv"])
        if changes["target"] == "-":
            raise LocalError("standard input is taken by questions")
    elif base.target or base.address:
        changes = {}
    else:
        raise LocalError("nowhere to connect to", expected="host and port, unix, uri, or vv")
    for name in ("password", "username", "ca", "host_subject"):
        if values.get(name) is not None:
            changes["ca_file" if name == "ca" else name] = str(values[name])
    return msgspec.structs.replace(base, **changes)
