"""Faults in the answers to pings (spec/02-framing.md, 2.6)."""

from __future__ import annotations

from typing import Any

from reference_client.faults.fault import fault
from reference_client.faults.framing.answers import ChangedAnswers
from spiceproto import dispatch, flow
from spiceproto.channel import Channel
from spiceproto.errors import RemoteError
from spiceproto.messages import common

_MUCH_PADDING = 4096


@fault("no-pong", "SPICE-FRAME-028")
class NoPong(ChangedAnswers):
    """Does not answer pings."""

    def change(self, value: Any) -> list[Any]:
        return [] if isinstance(value, common.Pong) else [value]


@fault("no-pong-on-inputs", "SPICE-FRAME-028")
class NoPongOnInputs(ChangedAnswers):
    """Does not answer pings on inputs."""

    def change(self, value: Any) -> list[Any]:
        return [] if isinstance(value, common.Pong) and self.table == "inputs" else [value]


@fault("no-pong-on-display", "SPICE-FRAME-028")
class NoPongOnDisplay(ChangedAnswers):
    """Does not answer pings on display."""

    def change(self, value: Any) -> list[Any]:
        return [] if isinstance(value, common.Pong) and self.table == "display" else [value]


@fault("pong-with-other-timestamp", "SPICE-FRAME-029")
class PongWithOtherTimestamp(ChangedAnswers):
    """Answers pings with a time stamp of its own."""

    def change(self, value: Any) -> list[Any]:
        return [common.Pong(value.id, value.timestamp ^ 1)] if isinstance(value, common.Pong) else [value]


@fault("pong-with-padding", "SPICE-FRAME-030", "SPICE-FRAME-012", "SPICE-FRAME-044")
class PongWithPadding(Channel):
    """Sends the padding of a ping back. The largest pong of spice-server is a body of 12 bytes."""

    def note(self, value: Any) -> None:
        if isinstance(value, common.Ping):
            type, body = dispatch.build(self.table, "client", flow.pong(value))
            self.unsent.append(self.send_raw(type, body + value.data))
        else:
            super().note(value)


@fault("large-ping-fatal", "SPICE-FRAME-031")
class LargePingFatal(Channel):
    """Closes a channel on which a ping with much padding comes."""

    def note(self, value: Any) -> None:
        if isinstance(value, common.Ping) and len(value.data) > _MUCH_PADDING:
            raise RemoteError("a large ping")
        super().note(value)
