"""Which channels there are."""

from __future__ import annotations

import pytest

from reference_server import Options, Server
from reference_server.tests.memory import BOTH, Wire, serve, small, ticket_key
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, DisplayCapability
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main


def test_a_channel_is_added() -> None:
    guest = small(pointer="absolute")
    wire = serve(guest)
    line, init = wire.main()
    assert init.supported_mouse_modes == BOTH
    line.read()
    wire.server.add_channel(ChannelType.CURSOR, 1)
    assert line.read() == [], "no list before ATTACH_CHANNELS"
    line.send(main.AttachChannels(), main.MouseModeRequest(MouseMode.CLIENT))
    line.read()
    wire.server.add_channel(ChannelType.DISPLAY, 1)
    # With two displays a tablet does not know which one it points at.
    expected = [main.ChannelsList((main.ChannelId(2, 1),)), main.MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER)]
    assert line.read() == expected
    with pytest.raises(ValueError, match="type 7"):
        wire.server.add_channel(7, 0)


def test_announced_capabilities_can_be_chosen() -> None:
    only: dict[int, Capabilities] = {ChannelType.DISPLAY: NONE.with_(DisplayCapability.COMPOSITE)}
    options = Options(capabilities=only, ticket_key=ticket_key)
    server = Server(options, small())
    assert server.listing.announced(ChannelType.DISPLAY) == Capabilities(0, 1 << DisplayCapability.COMPOSITE)
    assert server.listing.announced(ChannelType.MAIN).has(CommonCapability.AUTH_SPICE)
    assert Wire(server).main()[1].session_id
