"""What holds for every channel: its row, the states of its handlers, and that it leaves when it is closed."""

from __future__ import annotations

import pytest

from reference_server.channels import CHANNELS, usual
from reference_server.channels.main import MainChannel
from reference_server.tests.memory import serve, small
from reference_server.watched import Watched
from spiceproto.enums.link import ChannelType
from spiceproto.messages import main
from spiceproto.rules.main import MAIN


def test_the_usual_channels_in_the_order_of_the_list() -> None:
    without, two = usual(0), usual(2)
    assert without[:2] == [(ChannelType.MAIN, 0), (ChannelType.INPUTS, 0)]
    assert two[: len(without)] == without
    assert [key for key in two if key[0] in (ChannelType.DISPLAY, ChannelType.CURSOR)] == [
        (ChannelType.DISPLAY, 0),
        (ChannelType.CURSOR, 0),
        (ChannelType.DISPLAY, 1),
        (ChannelType.CURSOR, 1),
    ]
    assert not {kind for kind, _ in without} & {ChannelType.DISPLAY, ChannelType.CURSOR}


def test_the_states_of_main_are_those_of_the_rules() -> None:
    named = {state for handler in MainChannel.handlers.values() for state in handler.states}
    assert named - {"denied"} <= {rule.state for rule in MAIN.rules}
    assert {"open", "listed", "destination", "seamless"} <= named


@pytest.mark.parametrize("kind", [kind for kind in CHANNELS if kind != ChannelType.MAIN], ids=int)
def test_a_channel_that_is_closed_listens_no_more(kind: int) -> None:
    guest = small(readers=1, usb=1)
    ports = [guest.ports.add(name) for name in ("com.example.0", "org.spice-space.webdav.0")]
    wire = serve(guest)
    wire.main()
    devices: list[Watched] = [guest.keyboard, guest.pointer, guest.agent, guest.screens[0], wire.server.listing]
    devices += [*ports, *guest.readers]
    before = [device.watchers for device in devices]
    line = wire.display() if kind == ChannelType.DISPLAY else wire.link(kind)
    line.read()
    line.hang_up()
    assert [device.watchers for device in devices] == before


def test_main_that_is_closed_listens_no_more() -> None:
    guest = small()
    wire = serve(guest)
    watched = (guest.agent, wire.server.modes, wire.server.listing)
    before = [each.watchers for each in watched]
    line, _ = wire.main()
    line.send(main.AttachChannels())
    assert [each.watchers for each in watched] == [number + 1 for number in before]
    line.hang_up()
    assert [each.watchers for each in watched] == before
