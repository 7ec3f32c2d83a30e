"""Faults with bytes that can not be read, are not all there, or too many (spec/02-framing.md, 2.3, 2.4 and 2.9)."""

from __future__ import annotations

from typing import Final

from reference_client.channels import MainChannel
from reference_client.faults.fault import fault
from spiceproto import dispatch
from spiceproto.channel import Channel
from spiceproto.enums.link import LinkErr
from spiceproto.messages import common
from spiceproto.messages.inputs import MouseMotion
from spiceproto.messages.main import MouseModeRequest

_INIT: Final = dispatch.rows("display", "client")[101].number
_MOTION: Final = dispatch.row_of("inputs", "client", MouseMotion(0, 0, 0)).number
_PONG: Final = dispatch.row_of("main", "client", common.Pong(0, 0)).number
_ACK: Final = dispatch.row_of("main", "client", common.Ack()).number
_MODE_REQUEST: Final = dispatch.row_of("main", "client", MouseModeRequest(0)).number
_LEAVING: Final = common.Disconnecting(0, LinkErr.OK)


@fault("display-init-cut-short", "SPICE-FRAME-041")
class DisplayInitCutShort(Channel):
    """Leaves out the last field of the display's INIT."""

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        if self.table == "display" and type == _INIT:
            body = body[:-4]
        return super().frame(type, body, sub_list)


@fault("motion-cut-short", "SPICE-FRAME-041")
class MotionCutShort(Channel):
    """Leaves out the last byte of MOUSE_MOTION."""

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        if self.table == "inputs" and type == _MOTION:
            body = body[:-1]
        return super().frame(type, body, sub_list)


@fault("header-announces-too-much", "SPICE-FRAME-012")
class HeaderAnnouncesTooMuch(MainChannel):
    """Announces four GiB when it leaves, and does not send them."""

    def leave(self, now: float) -> None:
        messages = self.line.messages
        assert messages is not None
        header = messages.send(_LEAVING)[:-12]
        place = len(header) - (4 if messages.writer.mini else 8)
        self.line.put(header[:place] + b"\xff\xff\xff\xff" + header[place + 4 :])


@fault("list-outside-its-message", "SPICE-FRAME-042")
class ListOutsideItsMessage(Channel):
    """Says under full headers that a PONG has a list of messages behind its end."""

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        if type == _PONG and not self.writer.mini:
            sub_list = len(body) - 1
        return super().frame(type, body, sub_list)


@fault("leaves-inside-a-message", "SPICE-FRAME-043")
class LeavesInsideAMessage(MainChannel):
    """Closes main with half of its last message on it."""

    def leave(self, now: float) -> None:
        messages = self.line.messages
        assert messages is not None
        self.line.put(messages.send(_LEAVING)[:9])


@fault("byte-behind-ack", "SPICE-FRAME-044")
class ByteBehindAck(Channel):
    """Sends ACK with a byte, although it has no fields."""

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        return super().frame(type, body + bytes(type == _ACK), sub_list)


@fault("mode-request-too-long", "SPICE-FRAME-044")
class ModeRequestTooLong(Channel):
    """Sends MOUSE_MODE_REQUEST with four bytes behind the mode."""

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        if self.table == "main" and type == _MODE_REQUEST:
            body += bytes(4)
        return super().frame(type, body, sub_list)
