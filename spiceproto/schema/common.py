"""Messages that every channel has: acknowledgement, ping, notification, waiting and migration.

The receiver acknowledges a window of messages, not single ones; spice-server uses that on display and cursor only. A
PONG repeats what its PING brought but not the padding. WAIT_FOR_CHANNELS blocks the channel on which it comes until
another channel has handled a message. DISCONNECTING has handlers in both reference programs and a sender in neither.

Sources: spice.proto of spice-common; BEHAVIOUR 5 to 7, 8.4, 13.4 and 18 for what is done with these messages.
"""

from __future__ import annotations

from spiceproto.domain import BITS, NAMED
from spiceproto.enums.common import MigrateFlags, NotifySeverity, NotifyVisibility
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.message import message
from spiceproto.wire import REST, array, data, enum, field, flags, record, text, uint8, uint32, uint64

ChannelWait = record(
    "common.ChannelWait",
    field("channel_type", enum(ChannelType, uint8), "Kind of the channel to wait for"),
    field("channel_id", uint8, "Which of several"),
    field("message_serial", uint64, "Serial of the message that it must have handled"),
    doc="One message to wait for; the display channel has a twin of this structure, WaitForChannel.",
)

Migrate = record(
    "common.Migrate",
    field("flags", flags(MigrateFlags, uint32), "What the source still wants of the client", domain=BITS),
    doc="The source gives up the channel; the client goes on with the destination.",
)

MigrateData = record(
    "common.MigrateData",
    field("data", data(REST), "State of the channel, opaque to the client; see the migration schema"),
    doc="The channel's state, from the source to the client and unchanged from there to the destination.",
)

SetAck = record(
    "common.SetAck",
    field("generation", uint32, "Number of this setting, to be repeated in ACK_SYNC"),
    field("window", uint32, "Messages for one ACK; 0 for no ACKs"),
    doc="Sets how often the client acknowledges.",
)

Ping = record(
    "common.Ping",
    field("id", uint32, "Number of the ping"),
    field("timestamp", uint64, "Clock of the sender, opaque to the receiver"),
    field("data", data(REST), "Padding, with which spice-server measures the bit rate (256000 bytes)"),
    doc="Asks for a PONG.",
)

WaitForChannels = record(
    "common.WaitForChannels",
    field("wait_count", uint8, "How many messages"),
    field("wait_list", array(ChannelWait, "wait_count"), "The messages; a channel that is not there is skipped"),
    doc="Later messages of this channel wait until other channels have handled those named.",
)

Disconnecting = record(
    "common.Disconnecting",
    field("time_stamp", uint64, "Clock of the sender, opaque to the receiver"),
    field("reason", enum(LinkErr, uint32), "Why", domain=NAMED),
    doc="The sender is about to close; no reference program sends it.",
)

Notify = record(
    "common.Notify",
    field("time_stamp", uint64, "Clock of the server, opaque to the client"),
    field("severity", enum(NotifySeverity, uint32), "How serious it is", domain=NAMED),
    field("visibilty", enum(NotifyVisibility, uint32), "How visible it should be; upstream spells the name so", domain=NAMED),
    field("what", uint32, "A WarnCode or an InfoCode, by severity"),
    field("message_len", uint32, "Length of the text", unit="byte"),
    field("message", text("message_len"), "What happened, for people"),
    field("terminator", data(REST), "A zero byte that spice-server adds and does not count"),
    doc="Something for the user to read.",
)

List = record(
    "common.List",
    field("data", data(REST), "A list of sub-messages; see SubMessageList"),
    doc="Carries nothing but sub-messages; the only way to send them under mini headers.",
)

BaseLast = record(
    "common.BaseLast",
    doc="Keeps the numbers up to 100 for messages of every channel; never on the wire.",
)

AckSync = record(
    "common.AckSync",
    field("generation", uint32, "The generation that SET_ACK brought"),
    doc="From here on the window of that SET_ACK holds.",
)

Ack = record(
    "common.Ack",
    doc="Another window of messages came in.",
)

Pong = record(
    "common.Pong",
    field("id", uint32, "The id of the PING"),
    field("timestamp", uint64, "The time stamp of the PING, unchanged"),
    doc="Answer to PING, without its padding.",
)

MigrateFlushMark = record(
    "common.MigrateFlushMark",
    doc="The client's last message to the source, if MIGRATE had NEED_FLUSH.",
)

SERVER = (
    message(1, "MIGRATE", Migrate),
    message(2, "MIGRATE_DATA", MigrateData),
    message(3, "SET_ACK", SetAck),
    message(4, "PING", Ping),
    message(5, "WAIT_FOR_CHANNELS", WaitForChannels, summary=("wait_count", "wait_list")),
    message(6, "DISCONNECTING", Disconnecting, status="unsent-by-reference"),
    message(7, "NOTIFY", Notify, summary=("severity", "visibilty", "message")),
    message(8, "LIST", List, status="rare"),
    message(100, "BASE_LAST", BaseLast, status="sentinel"),
)

CLIENT = (
    message(1, "ACK_SYNC", AckSync),
    message(2, "ACK", Ack),
    message(3, "PONG", Pong),
    message(4, "MIGRATE_FLUSH_MARK", MigrateFlushMark),
    message(5, "MIGRATE_DATA", MigrateData),
    message(6, "DISCONNECTING", Disconnecting, status="unsent-by-reference"),
)
