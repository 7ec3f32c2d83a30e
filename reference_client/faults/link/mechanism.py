"""Faults in the choice of a mechanism (spec/01-link.md, 1.5)."""

from __future__ import annotations

from reference_client.faults.fault import fault
from spiceproto.enums.link import AuthMechanism
from spiceproto.link.client import ClientLink
from spiceproto.link.structures_built import build_mechanism
from spiceproto.messages.link import LinkAuthMechanism


@fault("mechanism-unasked", "SPICE-LINK-037")
class MechanismUnasked(ClientLink):
    """Sends a mechanism to a server that does not expect one."""

    def answer_key(self) -> None:
        if not self.unsent:
            self.send(build_mechanism(LinkAuthMechanism(AuthMechanism.SPICE)))
        super().answer_key()


@fault("mechanism-left-out", "SPICE-LINK-037", "SPICE-LINK-001", "SPICE-LINK-039", "SPICE-FRAME-001")
class MechanismLeftOut(ClientLink):
    """Sends no mechanism although both ends announced the selection."""

    def answer_key(self) -> None:
        self.unsent.clear()
        super().answer_key()


@fault("mechanism-not-announced", "SPICE-LINK-039")
class MechanismNotAnnounced(ClientLink):
    """Says SASL to a server that has not announced it, and sends a ticket."""

    def answer_key(self) -> None:
        if self.unsent:
            self.unsent[:] = [build_mechanism(LinkAuthMechanism(AuthMechanism.SASL))]
        super().answer_key()
