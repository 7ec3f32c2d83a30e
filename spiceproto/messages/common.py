"""Values of common. Made from spiceproto/schema/common.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.common import MigrateFlags, NotifySeverity, NotifyVisibility
from spiceproto.enums.link import ChannelType, LinkErr


class ChannelWait(msgspec.Struct, frozen=True, gc=False):
    """One message to wait for; the display channel has a twin of this structure, WaitForChannel.

    * ``channel_type`` uint8: Kind of the channel to wait for
    * ``channel_id`` uint8: Which of several
    * ``message_serial`` uint64: Serial of the message that it must have handled
    """

    channel_type: ChannelType | int
    channel_id: int
    message_serial: int


class Migrate(msgspec.Struct, frozen=True, gc=False):
    """The source gives up the channel; the client goes on with the destination.

    * ``flags`` uint32: What the source still wants of the client
    """

    flags: MigrateFlags | int


class MigrateData(msgspec.Struct, frozen=True, gc=False):
    """The channel's state, from the source to the client and unchanged from there to the destination.

    * ``data`` bytes: State of the channel, opaque to the client; see the migration schema
    """

    data: bytes


class SetAck(msgspec.Struct, frozen=True, gc=False):
    """Sets how often the client acknowledges.

    * ``generation`` uint32: Number of this setting, to be repeated in ACK_SYNC
    * ``window`` uint32: Messages for one ACK; 0 for no ACKs
    """

    generation: int
    window: int


class Ping(msgspec.Struct, frozen=True, gc=False):
    """Asks for a PONG.

    * ``id`` uint32: Number of the ping
    * ``timestamp`` uint64: Clock of the sender, opaque to the receiver
    * ``data`` bytes: Padding, with which spice-server measures the bit rate (256000 bytes)
    """

    id: int
    timestamp: int
    data: bytes


class WaitForChannels(msgspec.Struct, frozen=True, gc=False):
    """Later messages of this channel wait until other channels have handled those named.

    * ``wait_list`` ChannelWaits: The messages; a channel that is not there is skipped
    """

    wait_list: tuple[ChannelWait, ...]

    @property
    def wait_count(self) -> int:
        """Length of ``wait_list``."""
        return len(self.wait_list)


class Disconnecting(msgspec.Struct, frozen=True, gc=False):
    """The sender is about to close; no reference program sends it.

    * ``time_stamp`` uint64: Clock of the sender, opaque to the receiver
    * ``reason`` uint32: Why
    """

    time_stamp: int
    reason: LinkErr | int


class Notify(msgspec.Struct, frozen=True, gc=False):
    """Something for the user to read.

    * ``time_stamp`` uint64: Clock of the server, opaque to the client
    * ``severity`` uint32: How serious it is
    * ``visibilty`` uint32: How visible it should be; upstream spells the name so
    * ``what`` uint32: A WarnCode or an InfoCode, by severity
    * ``message`` bytes: What happened, for people
    * ``terminator`` bytes: A zero byte that spice-server adds and does not count
    """

    time_stamp: int
    severity: NotifySeverity | int
    visibilty: NotifyVisibility | int
    what: int
    message: bytes
    terminator: bytes

    @property
    def message_len(self) -> int:
        """Length of ``message``."""
        return len(self.message)


class List(msgspec.Struct, frozen=True, gc=False):
    """Carries nothing but sub-messages; the only way to send them under mini headers.

    * ``data`` bytes: A list of sub-messages; see SubMessageList
    """

    data: bytes


class BaseLast(msgspec.Struct, frozen=True, gc=False):
    """Keeps the numbers up to 100 for messages of every channel; never on the wire."""


class AckSync(msgspec.Struct, frozen=True, gc=False):
    """From here on the window of that SET_ACK holds.

    * ``generation`` uint32: The generation that SET_ACK brought
    """

    generation: int


class Ack(msgspec.Struct, frozen=True, gc=False):
    """Another window of messages came in."""


class Pong(msgspec.Struct, frozen=True, gc=False):
    """Answer to PING, without its padding.

    * ``id`` uint32: The id of the PING
    * ``timestamp`` uint64: The time stamp of the PING, unchanged
    """

    id: int
    timestamp: int


class MigrateFlushMark(msgspec.Struct, frozen=True, gc=False):
    """The client's last message to the source, if MIGRATE had NEED_FLUSH."""
