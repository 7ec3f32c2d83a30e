"""The messages of the session as they pass, for the panel of the page: a line for each, and its fields when it is asked for.

Nothing is looked at unless a page has its panel open. Then each message costs a call, and so many a second a summary, the
library's own; those above that are counted, for each channel. What has a line is kept for a while, so that its fields can be
shown; they are made on a thread, for the first of a kind brings the schemas.

    page    messages-open     channels: names that are shown, as in "display:0", or null for all; again for others
            messages-close
            message-fields    number: of a line
    view    messages          rows: lines; left: channel to how many messages have none; channels: all that were seen
            message-fields    number, text
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from reference_client.events import Event
from reference_client.view.agent_words import AgentMessage, agent_message
from reference_client.view.feature import Page, Session
from reference_client.view.values import integer
from spiceproto import dispatch
from spiceproto.channels import channel_name
from spiceproto.errors import LocalError, RemoteError

__all__ = ["EACH", "KEPT", "MOST", "OF_ONE", "Messages", "fields"]

EACH: Final = 0.1
"""Seconds between two packets of lines."""

MOST: Final = 400
"""Lines at once; as many come to these in a second."""

OF_ONE: Final = 200
"""The same for one channel, so that one that says much does not hide the others."""

KEPT: Final = 4000
"""Messages whose fields can be asked for, as many as a page lists."""

KEPT_BYTES: Final = 32 << 20
"""Bytes of them, and of those that wait to be told."""

_SUMMARY: Final = 400
_FIELDS: Final = 200_000
"""Characters of one summary, and of the fields of one message."""

_ALL: Final = ""
"""Of the channels that lines are counted for: all together."""

_CHANNELS: Final = 256
"""Channels that a page can name."""


class _Passed:
    """A message that has a line, or will."""

    __slots__ = ("body", "channel", "inside", "number", "row", "sender", "serial", "time", "type")

    def __init__(self, number: int, time: float, channel: str, sender: str, type: int, body: bytes, serial: int) -> None:
        self.number, self.time, self.channel, self.sender = number, time, channel, sender
        self.type, self.body, self.serial = type, body, serial
        self.row = dispatch.row(channel.partition(":")[0], sender, type)
        self.inside: AgentMessage | None = None

    def line(self) -> list[Any]:
        """Number, seconds, channel, sender, name, serial, size, summary."""
        name = f"type {self.type}" if self.row is None else self.row.name
        head = [self.number, round(self.time, 4), self.channel, self.sender, name, self.serial, len(self.body)]
        if self.row is None:
            return [*head, "an unknown message"]
        try:
            text = self.row.summary(self.body) if self.inside is None else self.inside.words
        except RemoteError as error:
            text = f"malformed: {error}"
        return [*head, text if len(text) <= _SUMMARY else f"{text[:_SUMMARY]} ..."]


class Messages:
    """The panel of every page. Raises LocalError for what no page of ours says."""

    verbs: tuple[str, ...] = ("messages-open", "messages-close", "message-fields")
    kinds: tuple[int, ...] = ()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._began = 0.0
        self._pages: dict[Page, frozenset[str] | None] = {}
        self._names: dict[tuple[int, int], str] = {}
        self._number = 0
        self._waiting: list[_Passed] = []
        self._waiting_bytes = 0
        self._taken: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._kept: dict[int, _Passed] = {}
        self._order: deque[int] = deque()
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._asked: dict[Page, int] = {}
        self._task: asyncio.Task[None] | None = None

    # -- pages

    def opened(self, page: Page) -> None:
        """Nothing is shown before its panel is open."""

    def closed(self, page: Page) -> None:
        """A page is gone, or has closed its panel."""
        self._pages.pop(page, None)
        self._asked.pop(page, None)
        if not self._pages and self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._session.client.watch(None)
            self._forget()

    def told(self, page: Page, verb: str, values: Mapping[str, object]) -> None:
        """What a panel wants."""
        if verb == "messages-close":
            self.closed(page)
        elif verb == "messages-open":
            self._open(page, _channels(values.get("channels")))
        elif page in self._pages:
            self._asked[page] = integer(values, "number", 0, self._number)
            if self._task is None or self._task.done():
                self._task = asyncio.get_running_loop().create_task(self._answer())

    def received(self, page: Page, kind: int, data: memoryview) -> None:
        """Pages say nothing in bytes here."""

    def event(self, event: Event) -> None:
        """What the client tells is in its messages, too."""

    def _open(self, page: Page, channels: frozenset[str] | None) -> None:
        self._pages[page] = channels
        if self._timer is None:
            self._began = self._session.now
            self._session.client.watch(self._passes)
            self._timer = asyncio.get_running_loop().call_later(EACH, self._tell)

    def _forget(self) -> None:
        self._waiting.clear()
        self._waiting_bytes = 0
        self._taken.clear()
        self._left.clear()
        self._kept.clear()
        self._order.clear()
        self._bytes = 0

    # -- messages

    def _passes(self, type: int, id: int, sender: str, number: int, body: bytes, serial: int) -> None:
        channel = self._names.get((type, id)) or self._name(type, id)
        if not any(wanted is None or channel in wanted for wanted in self._pages.values()):
            return
        taken, size = self._taken, self._waiting_bytes + len(body)
        if taken[channel] >= OF_ONE or taken[_ALL] >= MOST or size > KEPT_BYTES:
            self._left[channel] += 1
            return
        taken[channel] += 1
        taken[_ALL] += 1
        self._waiting_bytes = size
        self._number += 1
        time = self._session.now - self._began
        self._waiting.append(_Passed(self._number, time, channel, sender, number, bytes(body), serial))

    def _name(self, type: int, id: int) -> str:
        return self._names.setdefault((type, id), f"{channel_name(type)}:{id}")

    def _tell(self) -> None:
        """What has passed since the last time."""
        self._timer = asyncio.get_running_loop().call_later(EACH, self._tell)
        passed, self._waiting = self._waiting, []
        left, self._left = self._left, Counter()
        self._waiting_bytes = 0
        for name, taken in list(self._taken.items()):
            self._taken[name] = max(taken - round((MOST if name == _ALL else OF_ONE) * EACH), 0)
        if not passed and not left:
            return
        lines = []
        agent = self._agent_table()
        for message in passed:
            if message.row is not None and message.row.name == "AGENT_DATA":
                message.inside = agent_message(agent, message.sender, message.body)
            self._keep(message)
            lines.append(message.line())
        names = sorted(self._names.values())
        for page, wanted in list(self._pages.items()):
            rows = [line for line in lines if wanted is None or line[2] in wanted]
            without = {name: count for name, count in left.items() if wanted is None or name in wanted}
            if rows or without:
                page.send_json({"event": "messages", "rows": rows, "left": without, "channels": names})

    def _agent_table(self) -> str:
        try:
            return self._session.client.main.agent.terms.table
        except LocalError:  # main is gone
            return "agent"

    def _keep(self, message: _Passed) -> None:
        self._kept[message.number] = message
        self._order.append(message.number)
        self._bytes += len(message.body)
        while len(self._order) > KEPT or self._bytes > KEPT_BYTES:
            self._bytes -= len(self._kept.pop(self._order.popleft()).body)

    # -- fields

    async def _answer(self) -> None:
        """The fields of what each page has asked for last."""
        loop = asyncio.get_running_loop()
        while self._asked:
            page, number = self._asked.popitem()
            message = self._kept.get(number)
            if message is None:
                text = "its bytes are not kept any more"
            else:
                text = await loop.run_in_executor(None, _text, message)
            if page in self._pages:
                page.send_json({"event": "message-fields", "number": number, "text": text})


def _text(message: _Passed) -> str:
    if message.row is None:
        return message.body[:1024].hex(" ")
    found = fields(message.row, message.body)
    inside = message.inside
    if inside is None or inside.row is None or not inside.whole:
        return found
    return f"{found}\n\n{inside.row.name}, {inside.size} bytes, of the agent's protocol:\n{fields(inside.row, inside.body)}"


def fields(row: dispatch.Row, body: bytes) -> str:
    """The fields of a message with their places and bytes, a line each, as ``spiceproto decode --verbose`` has them."""
    # Imported where it is used: schemas and what reads them take longer than the client to start.
    from spiceproto.derive.trees import compile_tree
    from spiceproto.report.tree import tree
    from spiceproto.walk import walk

    structure = walk(getattr(import_module(f"spiceproto.schema.{row.module}"), row.class_name))
    text = compile_tree(structure)(body)
    if text is None:
        text = tree(structure, body)
    return text if len(text) <= _FIELDS else f"{text[:_FIELDS]}\n    ... {len(text) - _FIELDS} characters more"


def _channels(names: object) -> frozenset[str] | None:
    if names is None:
        return None
    if not isinstance(names, list) or len(names) > _CHANNELS or not all(isinstance(name, str) for name in names):
        raise LocalError("the channels to be shown", expected="null, or names as in display:0", actual=repr(names)[:80])
    return frozenset(names)
