"""The mouse of a session: its mode, movements, and what the guest gets of them."""

from __future__ import annotations

from typing import Final

from conformance.learn.alphabet import Alphabet, Letter
from conformance.learn.machines.main import control, sends
from conformance.learn.talks import Talks
from spiceproto.enums.link import ChannelType
from spiceproto.messages import inputs, main

__all__ = ["MOUSE"]


class MouseTalks(Talks):
    """Main and inputs."""

    guest_tells = True

    def begin(self) -> None:
        self.session()
        self.channel("inputs", ChannelType.INPUTS)
        self.talks["inputs"].expect("INIT")

    def check(self) -> None:
        # Without main there is no session; without inputs there is no mouse.
        self.over = self.over or any(talk.closed for talk in self.talks.values())


_MOTION: Final = inputs.MouseMotion(1, -1, 0)
_POSITION: Final = inputs.MousePosition(x=10, y=20, buttons_state=0, display_id=0)
_POINTER: Final = ("control:pointer",)
_ACK: Final = {"MOUSE_MOTION_ACK": "SPICE-MOUSE-018"}

MOUSE: Final = Alphabet(
    name="mouse",
    role="server",
    doc="The mode of the mouse, movements, and what the guest gets of them.",
    begin=MouseTalks,
    letters=(
        Letter("MOUSE_MODE_REQUEST SERVER", sends(main.MouseModeRequest(1))),
        Letter("MOUSE_MODE_REQUEST CLIENT", sends(main.MouseModeRequest(2))),
        Letter("MOUSE_MODE_REQUEST other", sends(main.MouseModeRequest(3))),
        Letter("MOUSE_MOTION", sends(_MOTION, on="inputs"), owed=_ACK, brings_seldom=True),
        Letter("MOUSE_POSITION", sends(_POSITION, on="inputs"), owed=_ACK, brings_seldom=True),
        Letter("(pointer relative)", control("pointer", "relative"), needs=_POINTER),
        Letter("(pointer absolute)", control("pointer", "absolute"), needs=_POINTER),
    ),
)
