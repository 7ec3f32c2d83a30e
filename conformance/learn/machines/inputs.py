"""An inputs channel of a server: keys, lock keys and buttons. What movements do is the mouse machine."""

from __future__ import annotations

from typing import Final

from conformance.learn.alphabet import Alphabet, Letter
from conformance.learn.machines.main import control, sends, unknown
from conformance.learn.talks import Talks
from spiceproto.enums.inputs import MouseButton, MouseButtonMask
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, inputs

__all__ = ["INPUTS"]

_CAPS_LOCK: Final = 4


class InputsTalks(Talks):
    """An inputs channel of a session; no lock key is on at the beginning."""

    guest_tells = True

    def begin(self) -> None:
        if self.target.meets("control:lock-keys"):
            self.control("lock-keys", 0)
        self.session()
        self.channel("inputs", ChannelType.INPUTS)
        self._said["main"] = []

    def check(self) -> None:
        self.over = self.over or any(talk.closed for talk in self.talks.values())


_LOCKS: Final = ("control:lock-keys",)

INPUTS: Final = Alphabet(
    name="inputs",
    role="server",
    doc="An inputs channel: keys, lock keys and buttons.",
    begin=InputsTalks,
    channel="inputs",
    letters=(
        Letter("KEY_DOWN", sends(inputs.KeyDown(0x1E), on="inputs")),
        Letter("KEY_UP", sends(inputs.KeyUp(0x9E), on="inputs")),
        Letter("KEY_DOWN, two bytes", sends(inputs.KeyDown(0x48E0), on="inputs")),
        Letter("KEY_DOWN 0", sends(inputs.KeyDown(0), on="inputs")),
        Letter("KEY_MODIFIERS 4", sends(inputs.KeyModifiers(_CAPS_LOCK), on="inputs")),
        Letter("KEY_MODIFIERS 0", sends(inputs.KeyModifiers(0), on="inputs")),
        Letter("KEY_SCANCODE", sends(inputs.KeyScancode(b"\x1e\x9e"), on="inputs")),
        Letter("MOUSE_PRESS", sends(inputs.MousePress(MouseButton.LEFT, MouseButtonMask.LEFT), on="inputs")),
        Letter("MOUSE_RELEASE", sends(inputs.MouseRelease(MouseButton.LEFT, 0), on="inputs")),
        Letter("MOUSE_PRESS 99", sends(inputs.MousePress(99, 0), on="inputs")),
        Letter("MIGRATE_DATA", sends(common.MigrateData(b""), on="inputs")),
        Letter("MIGRATE_FLUSH_MARK", sends(common.MigrateFlushMark(), on="inputs")),
        Letter("type 199", unknown("inputs")),
        Letter("(caps lock)", control("lock-keys", _CAPS_LOCK), needs=_LOCKS),
        Letter("(no lock key)", control("lock-keys", 0), needs=_LOCKS),
    ),
)
