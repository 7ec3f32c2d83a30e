"""The suite's side of a client's SASL login, in its parts.

    SaslLogin    what follows mechanism 2, up to the results
    said         what a challenge or response says, with or without the zero byte that belongs behind it

The parts are read as they come and judged by the cases: a client that leaves out a zero byte is wrong in one sentence, and
not in all of them. What the mechanisms themselves compute is :mod:`spiceproto.link.mechanisms`.
"""

from __future__ import annotations

from typing import Final

from conformance.naming import error_name
from conformance.outcome import Failure
from conformance.wire import Wire
from spiceproto.enums.link import LinkErr
from spiceproto.link import mechanisms
from spiceproto.link.sasl import SaslStep, join_mechanisms, pack

__all__ = ["LARGEST", "SaslLogin", "said"]

LARGEST: Final = 1 << 20
"""Most bytes of a challenge or response."""

_LONGEST_NAME: Final = 100
_STEPS: Final = 8


def said(raw: bytes) -> bytes | None:
    """What the bytes that a length counts say; None for a length of 0."""
    if not raw:
        return None
    return raw[:-1] if raw[-1] == 0 else raw


class SaslLogin:
    """One login on ``wire``, whose client has chosen SASL."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    # -- out

    def offer(self, *names: str) -> None:
        """The list of mechanisms."""
        self.offer_text(join_mechanisms(names))

    def offer_text(self, text: bytes) -> None:
        """The list of mechanisms as it is."""
        shown = text.decode("ascii", "backslashreplace")
        self.wire.send(len(text).to_bytes(4, "little") + text, f"SASL mechanisms {shown[:60]} ({len(text)} bytes)")

    def challenge(self, data: bytes | None, *, complete: bool = False) -> None:
        """A challenge; None for one that is absent."""
        size = "absent" if data is None else f"{len(data)} bytes"
        self.wire.send(pack(data) + bytes([complete]), f"SASL challenge, {size}{', complete' if complete else ''}")

    def result(self, error: int = LinkErr.OK) -> None:
        """How the login ended, in clear. The link result comes behind it, under the security layer if there is one."""
        self.wire.send(int(error).to_bytes(4, "little"), f"SASL result {error_name(error)}")

    def accept(self) -> None:
        """The result of a login without a layer, and the link result."""
        self.result()
        self.wire.send(bytes(4), "link result OK (0)")

    # -- in

    def start(self) -> tuple[str, bytes]:
        """The name of the chosen mechanism, and the bytes that the length of the first response counts. Raises Failure."""
        self.wire.step("expect a SASL mechanism and the first response")
        size = int.from_bytes(self.wire.need(4, "the length of a SASL mechanism's name"), "little")
        if not 0 < size <= _LONGEST_NAME:
            raise Failure("a SASL mechanism's name of 1 to 100 bytes", f"a length of {size}")
        name = self.wire.need(size, f"a SASL mechanism's name of {size} bytes").decode("ascii", "backslashreplace")
        return name, self._data("the first response")

    def response(self) -> bytes:
        """The bytes that the length of the next response counts. Raises Failure."""
        self.wire.step("expect a SASL response")
        return self._data("a response")

    def _data(self, what: str) -> bytes:
        size = int.from_bytes(self.wire.need(4, f"the length of {what}"), "little")
        if size > LARGEST:
            raise Failure(f"{what} of at most {LARGEST} bytes", f"a length of {size}")
        return self.wire.need(size, f"{what} of {size} bytes")

    # -- all of it

    def finish(self, password: str, *names: str) -> list[bytes]:
        """A login by one of these mechanisms up to the last challenge; the responses as they came.

        Raises Failure if the client does not show that it knows the password.
        """
        self.offer(*names)
        name, raw = self.start()
        if name not in names:
            raise Failure(f"one of {', '.join(names)}", name)
        server = mechanisms.server({"suite": password}, names)
        responses = [raw]
        step = server.start(name, said(raw))
        for _ in range(_STEPS):
            if step.failed or step.finished:
                break
            self.challenge(step.data)
            responses.append(self.response())
            step = server.step(said(responses[-1]))
        self._check(name, step)
        self.challenge(step.data, complete=True)
        return responses

    def _check(self, name: str, step: SaslStep) -> None:
        if step.failed or not step.finished:
            raise Failure(
                f"a login by {name} with the name suite and the password that the client was given", "one that does not show it"
            )
