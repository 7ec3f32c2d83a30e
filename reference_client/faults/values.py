"""Faults of values (spec/02-framing.md, section 8)."""

from __future__ import annotations

from typing import Any

from reference_client.channels.display import DisplayChannel, init_message
from reference_client.faults.fault import fault
from reference_client.options import Options
from spiceproto.messages import display

_WRONG = init_message(Options(glz_window_size=-1))


@fault("negative-window", "SPICE-FRAME-040")
class NegativeWindow(DisplayChannel):
    """Asks in INIT of display for a GLZ window of less than no pixels."""

    def send(self, *values: Any) -> None:
        super().send(*[_WRONG if isinstance(value, display.Init) else value for value in values])
