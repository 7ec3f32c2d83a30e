"""Faults in the choice of ticket or SASL (spec/01-link.md, SPICE-LINK-038 to 042)."""

from __future__ import annotations

from reference_server.faults.fault import fault
from reference_server.faults.link.words import u32
from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import AuthMechanism, LinkErr
from spiceproto.link import mechanisms
from spiceproto.link.exchange import refusal
from spiceproto.link.sasl import join_mechanisms
from spiceproto.link.server import ServerLink


@fault("always-expects-a-mechanism", "SPICE-LINK-038")
class AlwaysExpectsAMechanism(ServerLink):
    """Expects a mechanism of clients that did not announce AUTH_SELECTION, too."""

    def reply(self, announced: Capabilities) -> None:
        super().reply(announced)
        if not self.finished:
            self.expect("mechanism", 4, self.on_mechanism)


@fault("takes-any-mechanism-for-the-ticket", "SPICE-LINK-040")
class TakesAnyMechanismForTheTicket(ServerLink):
    """Waits for a ticket, whatever mechanism was chosen."""

    def on_mechanism(self, data: bytes) -> None:
        known = data == u32(AuthMechanism.SASL) and self.policy.sasl is not None
        super().on_mechanism(data if known else u32(AuthMechanism.SPICE))


@fault("begins-sasl-unannounced", "SPICE-LINK-041", "SPICE-LINK-040")
class BeginsSaslUnannounced(ServerLink):
    """Sends its list of SASL mechanisms although SASL is off."""

    def on_mechanism(self, data: bytes) -> None:
        if data != u32(AuthMechanism.SASL) or self.policy.sasl is not None:
            super().on_mechanism(data)
            return
        self.sasl = mechanisms.server({})
        names = join_mechanisms(self.sasl.mechanisms)
        self.send(u32(len(names)) + names)
        self.expect("sasl", 4, self.on_name_length)


@fault("leaves-old-clients-hanging", "SPICE-LINK-042", "SPICE-LINK-024")
class LeavesOldClientsHanging(ServerLink):
    """Does not close after it has refused a client that cannot choose SASL."""

    def answer_error(self, error: LinkErr, text: str) -> None:
        if error != LinkErr.VERSION_MISMATCH or self.message is None:
            super().answer_error(error, text)
            return
        self.send(refusal(error))
        self.expect("mechanism", 1, None)
