"""Faults in SASL (spec/01-link.md, 1.7)."""

from __future__ import annotations

from typing import Any

from reference_client.faults.fault import fault
from spiceproto.link.client import ClientLink
from spiceproto.link.sasl import SaslStep, split_mechanisms


@fault("sasl-without-zero-byte", "SPICE-LINK-057")
class SaslWithoutZeroByte(ClientLink):
    """Sends SASL responses without their zero byte."""

    def respond(self, step: SaslStep) -> None:
        before = len(self.unsent)
        super().respond(step)
        for at in range(before, len(self.unsent)):
            data = self.unsent[at][4:-1]
            self.unsent[at] = len(data).to_bytes(4, "little") + data


@fault("no-sasl-limits", "SPICE-LINK-058")
class NoSaslLimits(ClientLink):
    """Takes mechanism lists and challenges of any size."""

    def on_mechanism_list_length(self, data: bytes) -> None:
        self.expect("sasl", int.from_bytes(data, "little"), self.on_mechanism_list)

    def on_challenge_length(self, data: bytes) -> None:
        self.expect("sasl", int.from_bytes(data, "little") + 1, self.on_challenge)


@fault("sasl-mechanism-not-listed", "SPICE-LINK-059")
class SaslMechanismNotListed(ClientLink):
    """Chooses a SASL mechanism that is not in the server's list."""

    def on_mechanism_list(self, data: bytes) -> None:
        listed = split_mechanisms(data)
        name = next(name for name in ("ANONYMOUS", "LOGIN", "X-OWN") if name not in listed).encode()
        self.send(len(name).to_bytes(4, "little") + name)
        self.respond(SaslStep(b"suite"))


@fault("sasl-layer-too-early", "SPICE-LINK-061")
class SaslLayerTooEarly(ClientLink):
    """Takes the link result after SASL for wrapped in a security layer already."""

    def expect(self, stage: str, size: int, then: Any) -> None:
        # What comes under a security layer has its length before it.
        super().expect(stage, size + 4 if stage == "result" and self.sasl_finished else size, then)

    def on_result(self, data: bytes) -> None:
        super().on_result(data[-4:])
