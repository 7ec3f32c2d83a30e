"""remote-viewer with two displays: each has a window, and its picture is asked for by the display's id."""

from __future__ import annotations

from pathlib import Path

from conformance.adapters.programs.remote_viewer import RemoteViewer
from conformance.as_server import SuiteServer
from conformance.case import Case
from conformance.cases.display.drawing import fill, surface
from conformance.channels import LISTED
from conformance.client_sockets import SocketClientNetwork
from conformance.program_target import AdapterClient
from spiceproto import png
from spiceproto.enums.link import ChannelType
from spiceproto.messages.display import Mark
from spiceproto.tests.peers import absent, until

_COLOURS = {1: 0x0000FF, 0: 0xFF0000}


def colours(target: AdapterClient, number: int, path: Path) -> set[int]:
    """All that the window of a display shows; none while there is no such window."""
    if target.adapter.do("picture", path=str(path), display=number).kind != "ok":
        return set()
    return {red << 16 | green << 8 | blue for red, green, blue in png.decode(path.read_bytes()).reshape(-1, 3).tolist()}


def test_the_second_display_may_begin_first(tmp_path: Path) -> None:
    """Its window is the first one then, and still has its number."""
    if missing := RemoteViewer.missing():
        absent(missing)
    target = AdapterClient("remote-viewer:", RemoteViewer())
    target.start()
    network = target.open(Case("SPICE-DISPLAY-044/two-windows", "client", lambda server: None, "x"))
    assert isinstance(network, SocketClientNetwork)
    server = SuiteServer(network, target)
    width, height = target.least_screen
    try:
        server.greetings["display"] = ()
        server.picture = False
        server.session((ChannelType.DISPLAY, 0), listed=(*LISTED, (ChannelType.DISPLAY, 1)))
        for number, color in _COLOURS.items():
            talk = server.linked(ChannelType.DISPLAY, number)
            for value in (surface(0, width, height), Mark(), fill((0, 0, width, height), color)):
                talk.send(value)
            server.alive(talk)
            until(lambda number=number, color=color: colours(target, number, tmp_path / "x.png") == {color})  # type: ignore[misc]
        assert {number: colours(target, number, tmp_path / "x.png") for number in _COLOURS} == {
            number: {color} for number, color in _COLOURS.items()
        }
    finally:
        target.close(network)
        target.stop()
