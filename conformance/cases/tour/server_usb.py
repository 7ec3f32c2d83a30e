"""What the tour does on a usbredir channel of a server: a device comes, is asked things, is pulled out, and comes again."""

from __future__ import annotations

from conformance.as_client import SuiteClient
from conformance.cases.usbredir.device import SmallDevice
from conformance.cases.usbredir.steps import ALL, Device
from conformance.talk import Talk
from spiceproto.usbredir_device import DeviceSide

__all__ = ["plug_in"]


def plug_in(client: SuiteClient, talk: Talk) -> None:
    """A device that answers, twice."""
    device = Device(client, talk, DeviceSide(SmallDevice(), "spiceconf", ALL))
    if device.until(lambda: device.side.connected, client.network.quiet):
        client.wait_quiet()
        device.unplug()
        client.wait_quiet()
        device.plug()
        client.wait_quiet()
        device.unplug()
        client.wait_quiet()
