"""SASL inside the link stage: its frames, and what a mechanism must be able to do.

    server  length, mechanism list         client  length, mechanism name; length, first response
    server  length, challenge, complete    client  length, response    ...    server  link result

A challenge or response that is absent has length 0. One that is there is followed by a zero byte that the length
counts, so an empty one has length 1; SASL tells the two apart. Mechanism list and name have no zero byte.

A mechanism may negotiate a security layer, that is, encryption of its own. It begins with the first byte behind the
link result, in both directions. Over TLS none is negotiated.

Sources: spice-gtk 0.42 and spice-server 0.15.1; both cut off the last byte of what they receive without looking at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

__all__ = [
    "MECHANISM_NAME",
    "ROUNDS",
    "WITHOUT_LAYER",
    "SaslClient",
    "SaslServer",
    "SaslStep",
    "join_mechanisms",
    "pack",
    "split_mechanisms",
    "unpack",
]

MECHANISM_NAME = 100
"""Longest mechanism name, as spice-server limits it."""

ROUNDS = 32
"""Most challenges of one login; no mechanism in use needs more than five."""

WITHOUT_LAYER = ("PLAIN", "LOGIN", "ANONYMOUS", "EXTERNAL", "CRAM-MD5", "OTP", "OAUTHBEARER", "XOAUTH2")
"""Mechanisms that never have a security layer; neither has anything that begins with SCRAM-."""


class SaslStep(msgspec.Struct, frozen=True):
    """What a mechanism says next.

    * ``data``: challenge or response; None for none, which is not the same as an empty one
    * ``finished``: this side is content
    * ``failed``: the other side has not proved who it is
    """

    data: bytes | None
    finished: bool = False
    failed: bool = False


class SaslClient(Protocol):
    """One login of a client."""

    def choose(self, mechanisms: tuple[str, ...]) -> str | None:
        """The mechanism to use, of those the server offers; None if there is none."""

    def start(self) -> SaslStep:
        """The first response."""

    def step(self, challenge: bytes | None) -> SaslStep:
        """The response to a challenge."""


class SaslServer(Protocol):
    """One login at a server."""

    @property
    def mechanisms(self) -> Sequence[str]:
        """Names of what is offered."""

    def start(self, mechanism: str, response: bytes | None) -> SaslStep:
        """``mechanism`` is one of those offered."""

    def step(self, response: bytes | None) -> SaslStep:
        """The next challenge."""


def pack(data: bytes | None) -> bytes:
    """Length and bytes of a challenge or response."""
    return bytes(4) if data is None else (len(data) + 1).to_bytes(4, "little") + data + b"\0"


def unpack(data: bytes) -> bytes | None:
    """A challenge or response from the bytes that its length counts."""
    return data[:-1] if data else None


def join_mechanisms(names: Sequence[str]) -> bytes:
    """The mechanism list without its length."""
    return ",".join(names).encode("ascii")


def split_mechanisms(data: bytes) -> tuple[str, ...]:
    """Names in a mechanism list; spice-server's begins and ends with a comma."""
    return tuple([name for name in data.decode("ascii", "backslashreplace").split(",") if name])
