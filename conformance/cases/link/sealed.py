"""The messages of main behind the security layer of a SASL mechanism, for a suite in either role.

A layer seals whole packets, so what it holds is read here and not by :class:`conformance.talk.Talk`. The link result stands
in the first packet of the server.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.digest_md5 import Layer
from conformance.expectation import check_value, described, differences
from conformance.outcome import Failure
from conformance.wire import Wire
from spiceproto import dispatch, framing
from spiceproto.errors import RemoteError
from spiceproto.sizes import LINK_RESULT_SIZE

__all__ = ["SealedMain"]

_OK: Final = bytes(LINK_RESULT_SIZE)


class SealedMain:
    """Main on a connection with a layer. Each message that is sent has a packet of its own."""

    def __init__(self, wire: Wire, layer: Layer, *, mini_header: bool) -> None:
        self._wire = wire
        self._layer = layer
        self._own = wire.peer.network.own_role
        self._role = wire.peer.network.role
        self._reader = framing.Reader(mini_header)
        self._writer = framing.Writer(mini_header)
        self._clear = b""

    # -- out

    def accept(self, *values: Any) -> None:
        """The link result OK, and messages behind it in the same write."""
        self._send("link result OK (0)", _OK, values)

    def send(self, *values: Any) -> None:
        """Messages, in one write."""
        self._send("", b"", values)

    def _send(self, text: str, before: bytes, values: tuple[Any, ...]) -> None:
        frames = [self._writer.frame(*dispatch.build("main", self._own, value)) for value in values]
        names = [dispatch.row_of("main", self._own, value).name for value in values]
        packets = [self._layer.wrap(part) for part in (before, *frames) if part]
        self._wire.send(b"".join(packets), f"{', '.join([text, *names] if text else names)}, sealed")

    # -- in

    def expect_accepted(self) -> None:
        """The link result OK is the first that is sealed. Raises Failure."""
        wire = self._wire
        wire.step("expect link result OK in a sealed packet")

        def come() -> bool:
            self._open()
            return len(self._clear) >= LINK_RESULT_SIZE or bool(wire.stream.ended)

        wire.peer.run(come)
        found, self._clear = self._clear[:LINK_RESULT_SIZE], self._clear[LINK_RESULT_SIZE:]
        check_value("first sealed packet", "link result", found, _OK, why="" if found else wire.state())

    def expect(self, name: str, **fields: Any) -> None:
        """This message comes, and what comes before it is passed over. Raises Failure."""
        wire = self._wire
        wire.step(f"expect {described(name, fields)} in a sealed packet")
        found = False

        def come() -> bool:
            nonlocal found
            self._open()
            data, self._clear = self._clear, b""
            frames = self._reader.feed(data)
            found = found or any(self._fits(number, body, name, fields) for number, body, *_ in frames)
            return found or bool(wire.stream.ended)

        try:
            wire.peer.run(come)
        except RemoteError as error:
            raise Failure("messages in sealed packets", str(error)) from None
        if not found or wire.stream.ended:
            raise Failure(f"{described(name, fields)} in a sealed packet", wire.state())

    def _open(self) -> None:
        """Open what packets there are."""
        try:
            self._clear += self._layer.unwrap(self._wire.stream.received)
        except ValueError as error:
            raise Failure("packets of the security layer from the first byte behind the result of SASL", str(error)) from None

    def _fits(self, number: int, body: bytes, name: str, fields: dict[str, Any]) -> bool:
        row = dispatch.row("main", self._role, number)
        return row is not None and row.name == name and not (fields and differences(name, row.parse(body), fields))
