"""SASL logins of the suite that cases say in their parts.

offered         a connection on which SASL was chosen, and the server's list of mechanisms
next_challenge  the next challenge
Login           one login by a mechanism: start, run

What is said in one is :mod:`conformance.sasl_exchange`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from conformance import sasl_exchange
from conformance.answer import Answer
from conformance.as_client import SuiteClient
from conformance.cases.link.server_steps import WITH_SASL, need_announced
from conformance.client_wire import Ask, ClientWire
from conformance.outcome import Failure, NotApplicable
from conformance.sasl_exchange import Challenge, respond, start, try_challenge
from conformance.talk import Talk
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism
from spiceproto.link import mechanisms

__all__ = ["Challenge", "Login", "next_challenge", "offered", "respond", "start"]

_MAIN: Final = Ask()


def offered(client: SuiteClient, ask: Ask = _MAIN) -> tuple[ClientWire, tuple[str, ...]]:
    """A connection on which SASL was chosen, and the server's list of mechanisms.

    Raises NotApplicable for a server without SASL, Failure if no such list comes.
    """
    capabilities = client.usual(ask.channel_type, common=WITH_SASL)
    wire = client.ask(msgspec.structs.replace(ask, capabilities=capabilities))
    need_announced(wire, CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SASL)
    wire.mechanism(AuthMechanism.SASL)
    return wire, sasl_exchange.offered(wire)


def next_challenge(wire: ClientWire) -> Challenge:
    """The next challenge. Raises Failure."""
    found = try_challenge(wire)
    if isinstance(found, Answer):
        raise Failure("a challenge", str(found))
    return found


class Login:
    """One login by a mechanism, on a connection of its own.

    * ``wire``: the connection, on which the list of mechanisms has come
    * ``challenges``: those that have come
    """

    def __init__(
        self, client: SuiteClient, mechanism: str, ask: Ask = _MAIN, *, username: str = "", password: str = ""
    ) -> None:
        self.wire, names = offered(client, ask)
        self.challenges: list[Challenge] = []
        self._mechanism = mechanism
        self._client = mechanisms.client(username or client.username, password or client.password, (mechanism,))
        if self._client.choose(names) is None:
            raise NotApplicable(f"the server offers {', '.join(names) or 'nothing'}, and not {mechanism}")

    def start(self) -> None:
        """Name the mechanism, and say what the client says first."""
        start(self.wire, self._mechanism, self._client.start().data)

    def start_with(self, response: bytes | None) -> None:
        """Name the mechanism, with another first response than it has; None for none."""
        start(self.wire, self._mechanism, response)

    def respond_first(self) -> None:
        """What the client says first, where the server has asked for it."""
        respond(self.wire, self._client.start().data)

    def try_challenge(self) -> Challenge | Answer:
        """The next challenge, or what came instead."""
        found = try_challenge(self.wire)
        if isinstance(found, Challenge):
            self.challenges.append(found)
        return found

    def run(self) -> Answer:
        """All challenges and responses behind the first; the link result, or what came instead of it or before.

        Raises Failure for a challenge that the mechanism does not know, and if there is no end of them.
        """
        return sasl_exchange.run(self.wire, self._client, self._mechanism, self.challenges) or self.wire.result()

    def log_in(self) -> Talk:
        """All of a login that succeeds: the channel. Raises Failure."""
        self.start()
        self.run().expect_logged_in()
        return self.wire.talk()
