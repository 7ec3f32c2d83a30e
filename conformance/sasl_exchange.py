"""A SASL login of the suite at a server: the frames around the mechanisms of :mod:`spiceproto.link.mechanisms`.

offered      the server's list of mechanisms
start, try_challenge, respond
             what is said then, for a case that says it itself
log_in       all of it, for everything else

The suite's side of a client's login is :mod:`conformance.sasl_login`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from conformance.answer import Answer
from conformance.expectation import at_most, check_value, such
from conformance.outcome import Failure, NotApplicable
from conformance.wire import Wire
from spiceproto import limits
from spiceproto.enums.link import LinkErr
from spiceproto.link import mechanisms
from spiceproto.link.sasl import ROUNDS, SaslClient, pack, split_mechanisms

__all__ = ["Challenge", "log_in", "offered", "respond", "run", "start", "try_challenge"]

_LIST_SIZE: Final = such(f"1 to {limits.SASL_MECHANISM_LIST}", lambda size: 0 < size <= limits.SASL_MECHANISM_LIST)


class Challenge(msgspec.Struct, frozen=True):
    """What the server says in a login.

    * ``raw``: what its length counts
    * ``complete``: whether it is the last
    """

    raw: bytes
    complete: bool

    @property
    def data(self) -> bytes | None:
        """What it says, with or without the zero byte that belongs behind it; None for a length of 0."""
        return self.raw.removesuffix(b"\0") if self.raw else None


def offered(wire: Wire) -> tuple[str, ...]:
    """The server's list of mechanisms, on a connection on which SASL was chosen. Raises Failure if no such list comes."""
    wire.step("expect a list of mechanisms")
    size = int.from_bytes(wire.need(4, "the length of a list of mechanisms"), "little")
    check_value("list of mechanisms", "size", size, _LIST_SIZE)
    return split_mechanisms(wire.need(size, f"a list of mechanisms of {size} bytes"))


def start(wire: Wire, name: str, response: bytes | None) -> None:
    """The name of a mechanism, and the first response; None for none."""
    wire.send(len(name).to_bytes(4, "little") + name.encode() + pack(response), f"{name}, {_size(response)}")


def respond(wire: Wire, response: bytes | None) -> None:
    """The response to a challenge."""
    wire.send(pack(response), f"a response, {_size(response)}")


def _size(data: bytes | None) -> str:
    return "no data" if data is None else f"{len(data)} bytes"


def try_challenge(wire: Wire) -> Challenge | Answer:
    """The next challenge, or what came instead. Raises Failure for one that is too long."""
    wire.step("expect a challenge")
    head = wire.take(4)
    if head is None:
        return _nothing(wire)
    size = int.from_bytes(head, "little")
    check_value("challenge", "size", size, at_most(limits.SASL_DATA))
    body = wire.take(size + 1)
    return Answer("bytes", stage="login") if body is None else Challenge(body[:-1], bool(body[-1]))


def _nothing(wire: Wire) -> Answer:
    return Answer("bytes" if wire.stream.received else "closed" if wire.stream.ended else "silence", stage="login")


def run(wire: Wire, client: SaslClient, mechanism: str, challenges: list[Challenge]) -> Answer | None:
    """All challenges and responses behind the first; None if the link result is next, else what came instead.

    ``challenges`` gets those that come. Raises Failure for a challenge that the mechanism does not know, and if there is no
    end of them.
    """
    for _ in range(ROUNDS):
        found = try_challenge(wire)
        if isinstance(found, Answer):
            return found
        challenges.append(found)
        if found.complete:
            wire.step("expect the result of SASL")
            data = wire.take(4)
            if data is None:
                return _nothing(wire)
            error = int.from_bytes(data, "little")
            return None if error == LinkErr.OK else Answer("result", error, stage="login")
        step = client.step(found.data)
        if step.failed:
            raise Failure(f"a challenge of {mechanism}", repr(found.data))
        respond(wire, step.data)
    raise Failure(f"an end after {ROUNDS} challenges", "another challenge")


def log_in(wire: Wire, username: str, password: str) -> Answer | None:
    """A login on a connection on which SASL was chosen; None if the link result is next, else what came instead.

    Raises NotApplicable if the server offers no mechanism that the suite has.
    """
    names = offered(wire)
    client = mechanisms.client(username, password)
    mechanism = client.choose(names)
    if mechanism is None:
        raise NotApplicable(f"the server takes SASL only, and offers {', '.join(names) or 'nothing'}")
    start(wire, mechanism, client.start().data)
    return run(wire, client, mechanism, [])
