"""Mouse modes."""

from __future__ import annotations

from reference_server.tests.memory import BOTH, serve, small
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main


def test_mouse_modes() -> None:
    guest = small()
    wire = serve(guest)
    line, _ = wire.main()
    line.read()
    for mode in (MouseMode.CLIENT, 0, 3, 65535, MouseMode.SERVER):
        line.send(main.MouseModeRequest(mode))
    assert line.read() == []
    guest.pointer.set_kind("absolute")
    assert line.read() == [main.MouseModeMessage(BOTH, MouseMode.SERVER)]
    line.send(main.MouseModeRequest(3), main.MouseModeRequest(MouseMode.CLIENT), main.MouseModeRequest(MouseMode.CLIENT))
    assert line.read() == [main.MouseModeMessage(BOTH, MouseMode.CLIENT)]
    guest.pointer.set_kind("relative")
    assert line.read() == [main.MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER)]
