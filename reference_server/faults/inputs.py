"""Faults of how an inputs channel begins (chapter 4)."""

from __future__ import annotations

from typing import Any

from reference_server.channels.inputs import InputsChannel
from reference_server.faults.fault import fault
from spiceproto.messages import inputs


@fault("locks-before-inputs-init", "SPICE-INPUTS-001")
class LocksBeforeInputsInit(InputsChannel):
    """Sends KEY_MODIFIERS before INIT on inputs."""

    def start(self, now: float) -> None:
        self.send(inputs.KeyModifiers(self.host.guest.keyboard.locks))
        super().start(now)


@fault("no-inputs-init", "SPICE-INPUTS-001")
class NoInputsInit(InputsChannel):
    """Sends no INIT on inputs."""

    def send(self, *values: Any) -> None:
        super().send(*[value for value in values if not isinstance(value, inputs.Init)])
