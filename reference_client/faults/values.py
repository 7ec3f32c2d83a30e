"""Faults of values (spec/02-framing.md, section 8)."""

from __future__ import annotations

from typing import Any

from reference_client.channels import InputsChannel
from reference_client.channels.display import DisplayChannel, init_message
from reference_client.faults.fault import fault
from reference_client.options import Options
from spiceproto.messages import inputs


@fault("negative-window", "SPICE-FRAME-040")
class NegativeWindow(DisplayChannel):
    """Asks in INIT of display for a GLZ window of less than no pixels."""

    def start(self, now: float) -> None:
        self.send(init_message(Options(glz_window_size=-1)))


@fault("scan-codes-of-four-bytes", "SPICE-FRAME-040")
class ScanCodesOfFourBytes(InputsChannel):
    """Fills the bytes of KEY_SCANCODE up with zeros, as KEY_DOWN has them."""

    def send(self, *values: Any) -> None:
        super().send(
            *[inputs.KeyScancode(bytes(v.data).ljust(4, b"\0")) if isinstance(v, inputs.KeyScancode) else v for v in values]
        )
