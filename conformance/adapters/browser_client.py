"""Clients that are a script in a web page: in Chromium, straight on the port of the server.

The page is the adapter's own and does what the client's own page does: it makes a main connection, and stops it when that
reports an error. Events of mouse and keyboard are handed to the picture as a browser does it; so movements are exact, and
no window's edge stands in their way.
"""

from __future__ import annotations

import base64
import json
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from conformance.adapters.browser_keys import browser_key
from conformance.adapters.chromium import PROGRAM, Chromium, PageError, PageHangs
from conformance.adapters.client import Answer, ClientProgram
from conformance.adapters.options import check_options
from conformance.adapters.page_server import PageServer
from conformance.adapters.process import TargetUnusable, missing_programs
from conformance.adapters.server_address import ServerAddress

__all__ = ["BrowserClient"]

_PAGE: Final = Path(__file__).parent / "browser_page.html"
_FIRST: Final = """
window.suite = new Promise((resolve) => { window.there = resolve; });
window.alert = (text) => console.warn("alert: " + text);
window.prompt = (text) => { console.warn("prompt: " + text); return null; };
let said = 0;
for (const kind of ["log", "info", "warn", "error"]) {
  const say = console[kind].bind(console);
  console[kind] = (...words) => { if (said++ < 200) say(...words); };
}
"""
"""What is there before the client: a promise of the verbs, dialogs that do not wait for a person, and an end of what a
script that loops may write."""

_UNSUPPORTED: Final = "unsupported: "
"""How an error begins that says that a client has no such thing."""
_LEAVE: Final = 1.0
"""Seconds that a script may take to end a session."""

_BUTTONS: Final = {1: 0, 2: 1, 3: 2, 6: 3, 7: 4}
"""SPICE button to the browser's."""


class BrowserClient(ClientProgram):
    """A script and the browser it runs in, which lives from start to stop."""

    knows_tls = False
    over_websocket = True
    options: ClassVar[Mapping[str, str]] = {}
    verbs = frozenset(
        {"hello", "disconnect", "motion", "position", "press", "release", "wheel", "key", "focus", "picture", "state"}
    )
    start_time = 5.0
    reasons: Mapping[str, str] = {
        "client-tls": "it has one address for all channels, and none for TLS beside it",
        "client-sasl": "it logs in by ticket only",
        "act:mouse-mode": "it asks for client mouse mode by itself, and cannot be asked for another",
        "act:scancode": "browsers have events for keys, and none for bytes of a keyboard",
    }

    module: ClassVar[str]
    """The client's module, from its folder."""

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        check_options(self.scheme, options or {}, self.options)
        self._browser: Chromium | None = None
        self._pages: PageServer | None = None
        self._count = 0
        self._used = False
        """Whether the page has had its session."""

    @classmethod
    @abstractmethod
    def installed(cls) -> Path | None:
        """The folder of the client's files; None if it is not there."""

    @abstractmethod
    def release_name(self) -> str:
        """Which release of the client it is."""

    @classmethod
    def missing(cls) -> str:
        return missing_programs(PROGRAM) or ("" if cls.installed() else f"not installed: {cls.scheme}")

    def _start(self) -> None:
        folder = self.installed()
        assert folder is not None
        self._pages = PageServer(_PAGE.read_text().replace("@module@", f"./{self.module}"), folder)
        self._browser = Chromium(self.folder, self.folder / "log", first=_FIRST)
        self.process = self._browser.process
        self.version = f"{self.scheme} {self.release_name()} in {self._browser.version}"
        self._load()

    def _stop(self) -> None:
        if self._browser is not None:
            self._browser.stop()
            self._browser = None
        if self._pages is not None:
            self._pages.stop()
            self._pages = None

    def _load(self) -> None:
        """A new page, while nobody waits for it."""
        assert self._browser is not None and self._pages is not None
        self._count += 1
        self._browser.load(f"{self._pages.address}?{self._count}")
        self._used = False

    def connect(self, address: ServerAddress) -> None:
        if self._browser is None:
            raise TargetUnusable(f"{self.scheme}: was not started")
        if self._used:
            self._leave()
        try:
            self._browser.loaded()
            self._used = True
            self._tell("connect", f"ws://{address.host}:{address.port}/", address.password)
        except PageError as error:
            raise self._browser.process.unusable(f"cannot be told to connect: {error}") from None

    @property
    def started(self) -> str:
        line = super().started
        return f"{line}  # and in it a page that the suite serves and drives" if line else ""

    def disconnect(self) -> None:
        if self._browser is not None and self._used and self.ended is None:
            self._leave()

    def _leave(self) -> None:
        """End the session as the client does, and the page behind it."""
        assert self._browser is not None
        try:
            self._tell("disconnect", seconds=_LEAVE)
        except PageHangs:
            self._browser.replace()
        except PageError:
            pass  # the page that follows ends the session all the same
        self._load()

    def do(self, verb: str, **values: Any) -> Answer:
        if verb == "disconnect" and self._used:
            return self._do(verb, values)
        return super().do(verb, **values)

    def _do(self, verb: str, values: Mapping[str, Any]) -> Answer:
        if verb == "hello":
            return Answer("ok", self.version)
        if self._browser is None or not self._used:
            return Answer("error", f"{self.scheme} has no session")
        try:
            return self._done(verb, values)
        except PageError as error:
            text = str(error).partition("\n")[0].removeprefix("Error: ")
            return Answer("unsupported" if text.startswith(_UNSUPPORTED) else "error", text.removeprefix(_UNSUPPORTED))

    def _done(self, verb: str, values: Mapping[str, Any]) -> Answer:
        if verb in ("picture", "position") and int(values.get("display", 0)):
            return Answer("unsupported", "it shows one display only")
        if verb == "state":
            return Answer("ok", values=self._tell("state"))
        if verb == "picture":
            _, _, data = str(self._tell("picture")).partition("base64,")
            Path(values["path"]).write_bytes(base64.b64decode(data))
            return Answer("ok")
        arguments: tuple[Any, ...] = tuple(values[name] for name in _ARGUMENTS[verb])
        if verb in ("press", "release"):
            if values["button"] not in _BUTTONS:
                return Answer("error", f"there is no button {values['button']}")
            arguments = (_BUTTONS[values["button"]],)
        elif verb == "key":
            key = browser_key(int(values["code"]))
            if key is None:
                return Answer("error", f"browsers have no key for {int(values['code']):#x}")
            arguments = (*key, bool(values.get("down", True)))
        self._tell(verb, *arguments)
        return Answer("ok")

    def _tell(self, verb: str, *arguments: Any, seconds: float = 10.0) -> Any:
        assert self._browser is not None
        return self._browser.evaluate(f"suite.then((verbs) => verbs.{verb}(...{json.dumps(arguments)}))", seconds)


_ARGUMENTS: Final = {
    "motion": ("dx", "dy"),
    "position": ("x", "y"),
    "press": (),
    "release": (),
    "wheel": ("steps",),
    "key": (),
    "focus": ("here",),
    "disconnect": (),
}
"""Verb to the values that the page gets as they are, in this order."""
