"""Rules in Python: a file with a function ``message``, which is called with every message, or with those that it names.

    channels = ["inputs"]            # all without it
    messages = ["MOUSE_MOTION"]      # all without it

    def message(message):
        if message.value.dx == 3:
            message.drop()

What it may ask and do, see :class:`Handed`. What it raises is told, and the message goes on as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from spiceproto.errors import LocalError
from spiceproto.proxy.message import HOLD, Fate, Message, body_of, other
from spiceproto.proxy.rules import Numbers, When

__all__ = ["Handed", "PythonRule", "read_python_rule"]


class Handed:
    """A message as a function has it.

    * ``channel``, ``id``, ``sender``, ``name``, ``number``, ``serial``, ``body``: what it is
    * ``connection``: the number of its connection
    * ``value``: of a class of :mod:`spiceproto.messages`; None for what is malformed, or unknown
    """

    def __init__(self, message: Message, fate: Fate, until: Callable[[Mapping[str, Any]], When]) -> None:
        self.channel = message.channel
        self.id = message.channel_id
        self.sender = message.sender
        self.name = message.name
        self.number = message.number
        self.serial = message.serial
        self.body = message.body
        self.connection = message.connection
        self.done: list[str] = []
        self._message = message
        self._fate = fate
        self._until = until

    @property
    def value(self) -> Any:
        """The value."""
        return self._message.value

    def drop(self) -> None:
        """It does not go on."""
        self._fate.copies = 0
        self.done.append("dropped")

    def set(self, **fields: Any) -> None:
        """Other values for its fields; paths with dots and the like as ``**{"base.box.top": 0}``."""
        self._fate.set(fields)
        self.done.append("changed " + ", ".join([f"{path} to {value}" for path, value in fields.items()]))

    def replace(self, body: bytes) -> None:
        """Another body, whatever it is."""
        self._fate.body = bytes(body)
        self.done.append("replaced")

    def delay(self, seconds: float) -> None:
        """It waits, and so does what is behind it."""
        self._fate.delay(seconds)
        self.done.append(f"delayed by {seconds} s")

    def duplicate(self, times: int = 2) -> None:
        """It is sent so often."""
        self._fate.duplicate(times)
        self.done.append(f"sent {times} times")

    def hold(self, until: Mapping[str, Any] | None = None, seconds: float = HOLD) -> None:
        """It alone waits until such a message has passed, as ``when`` of TOML rules says it, and at most so long.

        Such a message is seen if this file has it among its messages, or has none.
        """
        self._fate.keep(None if until is None else self._until(until), seconds)
        self.done.append("held")

    def inject(self, name: str, fields: Mapping[str, Any] | None = None, *, place: str = "after", to: str = "") -> None:
        """Another message on this channel, beside it; ``to`` is "client" or "server", by default where this one goes."""
        if place not in ("before", "after") or to not in ("", "client", "server"):
            raise LocalError("not a place", expected="before or after, to client or server", actual=f"{place} {to}")
        goes = other(to) if to else self.sender
        injected = (goes, *body_of(self.channel, goes, name, fields or {}))
        (self._fate.before if place == "before" else self._fate.after).append(injected)
        self.done.append(f"{name} from {goes} {place} it")

    def keep_serials(self) -> None:
        """Numbers of messages stay as they are, right or not."""
        self._fate.counted = False


class PythonRule:
    """``function`` is called with a :class:`Handed`."""

    def __init__(
        self, name: str, function: Callable[[Handed], object], channels: tuple[str, ...], names: tuple[str, ...]
    ) -> None:
        """Raises LocalError for channels and messages that there are not."""
        self.name = name
        self._function = function
        self._whens = [
            When({"channel": channel, "message": list(names)} if names else {"channel": channel}, name) for channel in channels
        ] or [When({"message": list(names)} if names else {}, name)]
        self._untils: dict[str, When] = {}

    def wants(self, channel: str, channel_id: int, sender: str) -> Numbers:
        """Those that the file names."""
        found: set[int] = set()
        for when in self._whens:
            numbers = when.wants(channel, channel_id, sender)
            if numbers is None:
                return None
            found |= numbers
        return frozenset(found)

    def apply(self, message: Message, fate: Fate) -> str:
        """Call it."""
        handed = Handed(message, fate, self._until)
        try:
            self._function(handed)
        except SystemExit as error:
            fate.reset()
            raise LocalError("a rule can not end the proxy", actual=f"SystemExit: {error}") from None
        except BaseException:
            fate.reset()
            raise
        return ", ".join(handed.done)

    def _until(self, data: Mapping[str, Any]) -> When:
        key = repr(data)
        found = self._untils.get(key)
        if found is None:
            if len(self._untils) >= 1000:
                self._untils.clear()
            found = self._untils[key] = When(data, self.name)
        return found


def read_python_rule(path: str | Path) -> PythonRule:
    """A file, which is run. Raises LocalError for one that has no such function, or fails; OSError."""
    source = Path(path).read_bytes()
    names: dict[str, Any] = {"__name__": "spice_proxy_rules", "__file__": str(path)}
    try:
        exec(compile(source, str(path), "exec"), names)
    except (Exception, SystemExit) as error:
        raise LocalError("the file fails", where=str(path), actual=f"{type(error).__name__}: {error}") from None
    function = names.get("message")
    if not callable(function):
        raise LocalError("the file has no rule", where=str(path), expected="def message(message): ...")
    return PythonRule(str(path), function, _words(names, "channels", path), _words(names, "messages", path))


def _words(names: Mapping[str, Any], name: str, path: str | Path) -> tuple[str, ...]:
    found = names.get(name, ())
    if not isinstance(found, list | tuple) or not all(isinstance(item, str) for item in found):
        raise LocalError("not a list of names", where=str(path), path=name, actual=repr(found)[:80])
    return tuple(found)
