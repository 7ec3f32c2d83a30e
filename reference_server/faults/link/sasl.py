"""Faults in SASL (spec/01-link.md, SPICE-LINK-057 to 061)."""

from __future__ import annotations

from reference_server.faults.fault import fault
from reference_server.faults.link.words import u32
from spiceproto.enums.link import AuthMechanism, LinkErr
from spiceproto.link.sasl import SaslStep
from spiceproto.link.server import ServerLink


@fault("sasl-without-zero-bytes", "SPICE-LINK-057")
class SaslWithoutZeroBytes(ServerLink):
    """Sends challenges without a zero byte behind them."""

    def challenge(self, step: SaslStep) -> None:
        super().challenge(step)
        if step.data is not None and not step.failed:
            at = -3 if step.finished else -1  # Two results stand behind the last challenge.
            self.unsent[at] = u32(len(step.data)) + step.data + bytes([step.finished])


@fault("sasl-mechanism-name-of-any-length", "SPICE-LINK-058")
class SaslMechanismNameOfAnyLength(ServerLink):
    """Waits for a mechanism name, however long it is to be."""

    def on_name_length(self, data: bytes) -> None:
        self.expect("sasl", int.from_bytes(data, "little"), self.on_name)


@fault("sasl-response-of-any-length", "SPICE-LINK-058")
class SaslResponseOfAnyLength(ServerLink):
    """Waits for a response, however long it is to be."""

    def on_response_length(self, data: bytes) -> None:
        self.expect("sasl", int.from_bytes(data, "little"), self.on_response)


@fault("sasl-responses-of-1000-bytes", "SPICE-LINK-058")
class SaslResponsesOf1000Bytes(ServerLink):
    """Refuses SASL responses of more than 1000 bytes."""

    def on_response_length(self, data: bytes) -> None:
        size = int.from_bytes(data, "little")
        super().on_response_length(data if size <= 1000 else b"\xff" * 4)


@fault("sasl-failure-without-a-challenge", "SPICE-LINK-060")
class SaslFailureWithoutAChallenge(ServerLink):
    """Answers a SASL login that failed with a link result alone."""

    def answer_sasl(self, error: LinkErr, text: str) -> None:
        self.answer_result(error, text)


@fault("any-sasl-password", "SPICE-LINK-060")
class AnySaslPassword(ServerLink):
    """Takes a SASL login that failed for a good one."""

    def challenge(self, step: SaslStep) -> None:
        super().challenge(SaslStep(None, finished=True) if step.failed else step)


@fault("no-result-after-sasl", "SPICE-LINK-061", "SPICE-LINK-001", "SPICE-LINK-003")
class NoResultAfterSasl(ServerLink):
    """Sends no link result after SASL."""

    def log_in(self) -> None:
        super().log_in()
        if self.mechanism == AuthMechanism.SASL and not self.closing:
            self.unsent.pop()
