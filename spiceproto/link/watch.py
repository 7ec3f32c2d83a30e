"""The bytes of both directions, and waiting for one structure of one of them at a time.

What :class:`~spiceproto.link.exchange.Endpoint` is for the two ends, for somebody who is neither: ends have to wait for each
other, so there is always one direction whose turn it is, and bytes of the other lie until then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from spiceproto.enums.link import LinkErr
from spiceproto.link.inbox import Inbox
from spiceproto.link.records import Failed, Item, Problem, Severity, Step

__all__ = ["Then", "Watch"]

WAITING = 4 << 20
"""Bytes of one direction that may lie until their turn comes: SASL data and what a capture may show out of order."""

Then = Callable[[bytes], None]
"""Acts on the bytes that were waited for."""


class Watch:
    """Waits for so many bytes of one sender, then something acts on them.

    * ``finished``: the stage is over, well or not
    * ``stage``: its part that is due, as :class:`~spiceproto.link.events.Refused` names them
    * ``inboxes``: bytes of "client" and "server" that are not consumed yet
    """

    __slots__ = ("_items", "_missing", "_sender", "_then", "_want", "finished", "inboxes", "stage")

    def __init__(self, size: int, then: Then, missing: Callable[[], None]) -> None:
        self.finished = False
        self.inboxes = {"client": Inbox(), "server": Inbox()}
        self._items: list[Item] = []
        self.expect("header", "client", size, then, missing)

    def receive(self, sender: str, data: bytes) -> list[Item]:
        """Bytes that ``sender`` sent, and what they led to."""
        if self.finished:
            return []
        inbox = self.inboxes[sender]
        inbox.add(data)
        self._run()
        if not self.finished and len(inbox) > WAITING and not self._heard():
            self.fail(None, f"nothing of the {self._sender} was captured", seen=False)
        elif not self.finished and len(inbox) > WAITING:
            self.problem("error", "too-much", sender, inbox.offset, f"at most {WAITING} bytes", str(len(inbox)))
            self.fail(None, "bytes of one direction wait for too long")
        return self._take_items()

    def ahead(self, sender: str) -> bool:
        """Whether ``sender`` has said something although it is the other's turn."""
        return not self.finished and self._sender != sender and len(self.inboxes[sender]) > 0

    def closed(self, ends: Collection[str]) -> list[Item]:
        """Nothing more comes, because those in ``ends`` have ended; what others had to say was not seen.

        An unfinished link stage becomes :class:`Failed`.
        """
        while not self.finished:
            if self._sender not in ends:
                self.fail(None, f"the capture ends before the {self._sender} has spoken", seen=False)
                break
            # What is missing either ends the walk or leads to another direction, which may have more.
            self._missing()
            self._run()
        return self._take_items()

    def _heard(self) -> bool:
        """Whether anything came of the sender whose turn it is."""
        inbox = self.inboxes[self._sender]
        return bool(inbox.offset or len(inbox))

    def _run(self) -> None:
        while not self.finished and len(self.inboxes[self._sender]) >= self._want:
            self._then(self.inboxes[self._sender].take(self._want))

    def _take_items(self) -> list[Item]:
        items = self._items
        self._items = []
        return items

    # -- for those who act

    def expect(self, stage: str, sender: str, size: int, then: Then, missing: Callable[[], None] | None = None) -> None:
        """Wait for ``size`` bytes; ``missing`` acts if they never come."""
        self.stage = stage
        self._sender = sender
        self._want = size
        self._then = then
        self._missing: Callable[[], None] = missing or self.truncated

    def at(self, sender: str, behind: int = 0) -> int:
        """Offset of the next byte of a direction, or so many bytes before it."""
        return self.inboxes[sender].offset - behind

    def step(self, kind: str, size: int, value: object, *, sender: str = "") -> None:
        """The last ``size`` bytes that were taken are a whole structure."""
        sender = sender or self._sender
        end = self.at(sender)
        self._items.append(Step(sender=sender, kind=kind, start=end - size, end=end, value=value))

    def problem(self, severity: Severity, code: str, sender: str, offset: int, expected: str = "", actual: str = "") -> None:
        """Something is not as it should be."""
        self._items.append(
            Problem(severity=severity, code=code, sender=sender, offset=offset, expected=expected, actual=actual)
        )

    def fail(self, error: LinkErr | int | None, text: str, *, seen: bool = True) -> None:
        """The end, without a connection."""
        rest = {sender: inbox.take(len(inbox)) for sender, inbox in self.inboxes.items()}
        self.finish(
            Failed(
                stage=self.stage,
                error=error,
                text=text,
                client_rest=rest["client"],
                server_rest=rest["server"],
                seen=seen,
            )
        )

    def finish(self, last: Item) -> None:
        """The stage is over, and ``last`` says how."""
        self.finished = True
        self._items.append(last)

    def cut_off(self) -> None:
        """Nothing more comes of what was waited for; a part of it is a problem."""
        have = len(self.inboxes[self._sender])
        if have:
            self.problem("error", "truncated", self._sender, self.at(self._sender), f"{self._want} bytes", str(have))

    def truncated(self) -> None:
        """The sender stopped inside or before what was due."""
        self.cut_off()
        self.fail(None, f"the connection ends before the {self._sender} has spoken")
