"""Faults with bytes that can not be read, are not all there, or too many (spec/02-framing.md, 2.3, 2.4 and 2.9)."""

from __future__ import annotations

from typing import Any, Final

from reference_server.channels.cursor import CursorChannel
from reference_server.channels.display import DisplayChannel
from reference_server.channels.main import MainChannel
from reference_server.faults.fault import fault
from spiceproto import dispatch
from spiceproto.channel import Channel
from spiceproto.enums.link import LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.framing import LIST
from spiceproto.messages import common
from spiceproto.messages.display import MonitorsConfig
from spiceproto.messages.inputs import MouseMotionAck
from spiceproto.messages.main import MouseModeMessage
from spiceproto.size_limits import size_limit

_MONITORS_CONFIG: Final = dispatch.row_of("display", "server", MonitorsConfig(0, ())).number
_MOUSE_MODE: Final = dispatch.row_of("main", "server", MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER)).number
_MOTION_ACK: Final = dispatch.row_of("inputs", "server", MouseMotionAck()).number
_DISPLAY_INIT_SIZE: Final = 14
_PING: Final = dispatch.row_of("cursor", "server", common.Ping(0, 0, b"")).number


@fault("monitors-config-cut-short", "SPICE-FRAME-041")
class MonitorsConfigCutShort(Channel):
    """Leaves out the last field of MONITORS_CONFIG."""

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        if self.table == "display" and type == _MONITORS_CONFIG:
            body = body[:-4]
        return super().frame(type, body, sub_list)


class _Filled(Channel):
    """Reads bodies as if zero bytes stood behind them."""

    def enqueue(self, sender: str, type: int, body: bytes, *where: Any) -> None:
        super().enqueue(sender, type, body.ljust(_DISPLAY_INIT_SIZE, b"\0"), *where)


@fault("short-display-messages-accepted", "SPICE-FRAME-009")
class ShortDisplayMessagesAccepted(DisplayChannel):
    """Takes bodies on display that are shorter than their fields."""

    messages_class = _Filled


@fault(
    "header-announces-too-much",
    "SPICE-FRAME-012",
    "SPICE-MIG-028",
    "SPICE-MIG-029",
    "SPICE-MIG-041",
    "SPICE-MIG-048",
    "SPICE-MIG-059",
)
class HeaderAnnouncesTooMuch(CursorChannel):
    """Sends the header of a PING that is too large on the cursor channel, and nothing more."""

    def start(self, now: float) -> None:
        super().start(now)
        size = size_limit("cursor", "server", _PING).size + 1
        whole = self.messages.send_raw(_PING, bytes(size))
        self.line.put(whole[:-size])


@fault("list-outside-its-message", "SPICE-FRAME-042")
class ListOutsideItsMessage(MainChannel):
    """Sends a LIST whose only message lies behind its end, before the first ping."""

    def ping(self, now: float, padding: int = 0) -> None:
        if not len(self.messages.pings):
            self.line.put(self.messages.send_raw(LIST, b"\1\0\xff\0\0\0"))
        super().ping(now, padding)


@fault("closes-inside-a-message", "SPICE-FRAME-043")
class ClosesInsideAMessage(MainChannel):
    """Ends a session in the middle of DISCONNECTING."""

    def disconnecting(self, reason: LinkErr) -> None:
        self.line.put(self.messages.send(common.Disconnecting(0, reason))[:9])


@fault(
    "closes-inside-cursor-init",
    "SPICE-FRAME-043",
    "SPICE-MAIN-029",
    "SPICE-MIG-041",
    "SPICE-MIG-059",
    "SPICE-MIG-029",
    "SPICE-MIG-048",
    "SPICE-ROBUST-003",
)
class ClosesInsideCursorInit(CursorChannel):
    """Closes cursor in the middle of its INIT."""

    def start(self, now: float) -> None:
        self.line.put(self.messages.send(self.init())[:9])
        self.line.drop("half of INIT was sent")


@fault("byte-behind-motion-ack", "SPICE-FRAME-044")
class ByteBehindMotionAck(Channel):
    """Sends MOUSE_MOTION_ACK with a byte, although it has no fields."""

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        if self.table == "inputs" and type == _MOTION_ACK:
            body += bytes(1)
        return super().frame(type, body, sub_list)


@fault("mouse-mode-too-long", "SPICE-FRAME-044")
class MouseModeTooLong(Channel):
    """Sends MOUSE_MODE with four bytes behind the mode."""

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        if self.table == "main" and type == _MOUSE_MODE:
            body += bytes(4)
        return super().frame(type, body, sub_list)
