"""What a fault of the client is: one class, in place of a part of the client that it derives from.

    @fault("wrong-display-id", "SPICE-MOUSE-016")
    class WrongDisplayId(InputsChannel):
        \"\"\"Says that positions are on the display after the right one.\"\"\"

        def send_position(self) -> None:
            ...

Parts are the channels, the line with its link stage and message layer, who waits for whom, the pointer, and the migration;
whatever else is wrong, derives from the client.
"""

from __future__ import annotations

from typing import Final

from reference_client.client import Client
from reference_client.line import Line
from reference_client.migration import Migration
from reference_client.pointing import Pointing
from reference_client.waiting import Waiting
from spiceproto.channel import Channel
from spiceproto.fault import Catalogue
from spiceproto.link.client import ClientLink

__all__ = ["fault"]

fault: Final = Catalogue(
    Client,
    parts={
        Line: "line_class",
        ClientLink: "link_class",
        Channel: "channel_class",
        Waiting: "waiting_class",
        Pointing: "pointing_class",
        Migration: "migration_class",
    },
    channels="channels",
)
