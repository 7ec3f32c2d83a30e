"""A conversation with a server in its link stage: each letter is one part of what a client says there, as long as the part
that the server waits for, so that none is left half.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance.as_client import SuiteClient
from conformance.client_wire import ClientWire
from conformance.learn.alphabet import Alphabet
from conformance.learn.answer import answer
from conformance.learn.model import NOTHING
from conformance.learn.seen import broken
from conformance.learn.talks import UNBEGUN
from conformance.learn.words import folded
from conformance.network import ServerNetwork
from conformance.outcome import Failure, NotApplicable, TargetUnusable
from conformance.target import Target
from spiceproto import capabilities as caps
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link.structures import parse_reply
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_REPLY_SIZE, MECHANISM_SIZE, TICKET_SIZE

__all__ = ["HEADER", "MECHANISM", "MESSAGE", "TICKET", "LinkTalk"]

HEADER: Final = "header"
MESSAGE: Final = "message"
MECHANISM: Final = "mechanism"
TICKET: Final = "ticket"

MESSAGE_SIZE: Final = 26
"""Bytes of every link message that is a letter: each has two words of capabilities."""

_SIZES: Final = {HEADER: LINK_HEADER_SIZE, MESSAGE: MESSAGE_SIZE, MECHANISM: MECHANISM_SIZE, TICKET: TICKET_SIZE}
_OWED: Final = 3.0
"""Seconds for an answer that is owed; some servers wait for one before they refuse a ticket."""

_MAGIC: Final = b"REDQ"
_LARGEST: Final = 1 << 16


def _error(number: int) -> str:
    return str(LinkErr(number).name) if number in list(LinkErr) else f"error {number}"


class LinkTalk:
    """One link stage. ``wire`` is its connection; ``due`` is the part that comes next."""

    def __init__(self, target: Target, alphabet: Alphabet, quiet: float) -> None:
        network = target.open(alphabet.case([need for need in ("no-ticket",) if target.meets(need) and not target.virtual]))
        assert isinstance(network, ServerNetwork)
        self.target = target
        self.alphabet = alphabet
        self.quiet = quiet
        self.network = network
        self.client = SuiteClient(network, target)
        self.over = False
        self._broken: Mapping[str, str] = {}
        self.due = HEADER
        self.selects = True
        """Whether the link message announces that a mechanism is chosen."""
        self.sasl = False
        self._said: list[str] = []
        self._replied = False
        try:
            self.wire: ClientWire = self.client.connect()
            self.greeting = self._answer(None, owed=False)
        except (Failure, NotApplicable, TargetUnusable) as error:
            self.greeting, self.over = f"{UNBEGUN}{error}", True

    def say(self, letter: str, known: str | None) -> str:
        """What a letter brings."""
        item = self.alphabet.letter(letter)
        owed = self.due in (MESSAGE, TICKET) or letter not in ("header", "mechanism ticket", "message main")
        item.act(self)
        found = self._answer(known, owed=owed)
        if self.wire.stream.ended:
            self.over = True
        if self.target.ended:
            found, self.over = f"{found}, process ended", True
        return found

    def part(self, kind: str, data: bytes) -> None:
        """A part with this content, padded or cut to what comes next; behind it the next part is due."""
        due = self.due
        size = _SIZES[due]
        self.wire.send(data[:size].ljust(size, b"\0"), f"{kind}, as {due}" if kind != due else kind)
        if due == HEADER:
            self.due = MESSAGE
        elif due == MESSAGE:
            self.selects = kind != MESSAGE or self.selects
            self.due = MECHANISM if self.selects else TICKET
        elif due == MECHANISM:
            self.sasl = data == (2).to_bytes(4, "little")
            self.due = TICKET

    def key(self) -> bytes:
        """The public key of the link reply; empty while none has come."""
        return self.wire.key if self.wire.replied is not None else b""

    def _answer(self, known: str | None, *, owed: bool) -> str:
        found = answer(
            self.client.run,
            self._words,
            None if self.network.virtual else known,
            first=lambda: owed and self.client.run(lambda: self._words() != NOTHING, _OWED),
            owed=_OWED,
            quiet=self.quiet,
        )
        self._said.clear()
        return found

    def _words(self) -> str:
        received = self.wire.stream.received
        while not self.over and (size := self._take(bytes(received))):
            del received[:size]
        ended = [self.wire.stream.ended and "closed"]
        if ended[0] and received:
            ended.insert(0, "bytes")
        return folded([*self._said, *ended])

    def _take(self, data: bytes) -> int:
        """Put the next structure into words; its size, 0 where it is not whole."""
        if data[:4] == _MAGIC:
            size = int.from_bytes(data[12:16], "little")
            if len(data) < LINK_HEADER_SIZE or not 4 <= size <= _LARGEST or len(data) < LINK_HEADER_SIZE + size:
                return 0
            self._reply(data[LINK_HEADER_SIZE : LINK_HEADER_SIZE + size])
            return LINK_HEADER_SIZE + size
        if len(data) < 4 or not self._replied:
            return 0
        number = int.from_bytes(data[:4], "little")
        if self.sasl and 4 + number <= len(data) and number:
            self._said.append("sasl-mechanism-list")
            return 4 + number
        self._said.append(f"result {_error(number)}")
        if not number:
            self._said.append("established")
            self.over = True
        return 4

    def _reply(self, body: bytes) -> None:
        number = int.from_bytes(body[:4], "little")
        name = "second reply" if self._replied else "reply"
        self._said.append(f"{name} {_error(number)}")
        self._replied = True
        if number or len(body) < LINK_REPLY_SIZE:
            return
        try:
            self.wire.replied = reply = parse_reply(body)
            bits = caps.read(body, 0, reply.num_common_caps, reply.num_channel_caps, reply.caps_offset)
        except RemoteError:
            return
        if not bits.has(CommonCapability.PROTOCOL_AUTH_SELECTION):
            self.selects = False
            self.due = TICKET

    def broken(self) -> Mapping[str, str]:
        """Sentences that the server was seen to break, and how."""
        self._broken = broken(self.network.transcript, self._broken)
        return self._broken

    def end(self) -> None:
        """It is over."""
        self.target.close(self.network)
