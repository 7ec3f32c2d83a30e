"""A link that no case is about: the suite serves it by itself, as far as its bytes have come.

Clients link their channels as they like: all at once, or one behind the other, where each waits for the result of the one
before it, and perhaps for its first message. A case about one of them needs the others served meanwhile, or the client has
no time for what the case is about. So nothing here waits: :meth:`ServedLink.advance` is called whenever anybody does.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from conformance.naming import named
from conformance.outcome import Failure
from conformance.server_wire import Asked, ServerWire
from conformance.talk import Talk
from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import AuthMechanism
from spiceproto.sizes import LINK_HEADER_SIZE, MECHANISM_SIZE, TICKET_SIZE

__all__ = ["ServedLink"]

_Stages = Generator[tuple[int, str], bytes, None]
"""How many bytes are due, and what they are; they are sent in."""


class ServedLink:
    """``wire`` is the connection; ``over`` says whether its channel has begun.

    ``capabilities`` says what is announced on the wire, once its link message is read; ``greet`` is given the channel.
    """

    def __init__(
        self, wire: ServerWire, *, capabilities: Callable[[ServerWire], Capabilities], greet: Callable[[Talk], None]
    ) -> None:
        self.wire = wire
        self.over = False
        self._capabilities = capabilities
        self._greet = greet
        self._asked: Asked | None = None
        self._mechanism = int(AuthMechanism.SPICE)
        self._stages = self._serve()
        self._size, self._due = next(self._stages)

    @property
    def channel(self) -> tuple[int, int] | None:
        """Type and id, once they are read."""
        return self._asked.channel if self._asked is not None else None

    def advance(self) -> bool:
        """Go on as far as the client has; whether that was anywhere."""
        received, moved = self.wire.stream.received, False
        while not self.over and len(received) >= self._size:
            data = bytes(received[: self._size])
            del received[: self._size]
            moved = True
            try:
                self._size, self._due = self._stages.send(data)
            except StopIteration:
                self.over = True
        return moved

    def failure(self) -> Failure:
        """What the client has not done, for whoever needs this link."""
        if self._mechanism != AuthMechanism.SPICE:
            return Failure("mechanism 1 (ticket)", named(AuthMechanism, self._mechanism))
        return Failure(self._due, self.wire.state())

    def _serve(self) -> _Stages:
        wire = self.wire
        head = yield LINK_HEADER_SIZE, "a link header"
        size = int.from_bytes(head[12:], "little")
        self._asked = wire.read_message(head, (yield size, f"a link message of {size} bytes"))
        wire.reply(self._capabilities(wire))
        if wire.selects:
            self._mechanism = int.from_bytes((yield MECHANISM_SIZE, "a mechanism (4 bytes)"), "little")
        yield TICKET_SIZE, f"a ticket of {TICKET_SIZE} bytes"
        wire.result()
        self._greet(wire.talk())
