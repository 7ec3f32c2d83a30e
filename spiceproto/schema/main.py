"""The main channel: the session, its list of channels, mouse modes, the way to the guest agent, and migration.

It is the first channel to be connected, and all others end with it. INIT comes first and only once per link. The first
CHANNELS_LIST, an answer to ATTACH_CHANNELS, names every channel; spice-server's later ones name only what was added.
The server owns the mouse mode and the client can only ask for another. Agent messages are cut into AGENT_DATA of at
most 2048 bytes, and each AGENT_DATA costs its sender a token.

Sources: spice.proto of spice-common; BEHAVIOUR 8, 9, 11 and 18.
"""

from __future__ import annotations

from spiceproto.domain import NAMED, TRUTH, ZERO_LAST, among, at_least
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.message import channel, message
from spiceproto.wire import REST, array, data, enum, field, flags, pointer, record, text, uint8, uint16, uint32, uint64

_ONE_MODE = among(MouseMode.SERVER, MouseMode.CLIENT, sentence="SPICE-MOUSE-001")
_WANTED = among(MouseMode.SERVER, MouseMode.CLIENT, sentence="SPICE-MOUSE-007", tolerated=True)

ChannelId = record(
    "main.ChannelId",
    field("type", enum(ChannelType, uint8), "Kind of the channel"),
    field("id", uint8, "Which of several"),
    doc="A channel that the client may connect.",
)

DstInfo = record(
    "main.DstInfo",
    field("port", uint16, "Port without TLS"),
    field("sport", uint16, "Port with TLS"),
    field("host_size", uint32, "Length of the host name", unit="byte"),
    field(
        "host_data", pointer(text("host_size"), null=False), "Host name or address, usually with a zero byte", domain=ZERO_LAST
    ),
    field("cert_subject_size", uint32, "Length of the subject", unit="byte"),
    field(
        "cert_subject_data",
        pointer(text("cert_subject_size"), null=True, announced=True),
        "Subject that the certificate must have; null to compare the host name",
        domain=ZERO_LAST,
    ),
    doc="Where a session migrates to.",
)

MigrateBegin = record(
    "main.MigrateBegin",
    field("dst_info", DstInfo, "The destination"),
    doc="Asks the client to link the destination ahead of a semi-seamless migration.",
)

MigrateCancel = record(
    "main.MigrateCancel",
    doc="No migration after all; the client drops its links to the destination.",
)

Init = record(
    "main.Init",
    field(
        "session_id", uint32, "Connection id for the links of all other channels", domain=at_least(1, sentence="SPICE-MAIN-003")
    ),
    field("display_channels_hint", uint32, "Display channels to expect; only a hint"),
    field("supported_mouse_modes", flags(MouseMode, uint32), "Mouse modes that can be asked for"),
    field("current_mouse_mode", flags(MouseMode, uint32), "Mouse mode now", domain=_ONE_MODE),
    field("agent_connected", uint32, "1 if a guest agent is there", domain=TRUTH),
    field("agent_tokens", uint32, "AGENT_DATA messages the client may send before it gets more"),
    field("multi_media_time", uint32, "Multimedia clock, modulo 2^32", unit="ms"),
    field("ram_hint", uint32, "Memory of the graphics device, from which clients choose the GLZ window", unit="byte"),
    doc="Opens the session.",
)

ChannelsList = record(
    "main.ChannelsList",
    field("num_of_channels", uint32, "How many channels"),
    field("channels", array(ChannelId, "num_of_channels"), "The channels; after the first list only those added"),
    doc="Channels that the client may connect.",
)

MouseModeMessage = record(
    "main.MouseModeMessage",
    field("supported_modes", flags(MouseMode, uint16), "Mouse modes that can be asked for"),
    field("current_mode", flags(MouseMode, uint16), "Mouse mode now", domain=_ONE_MODE),
    doc="The mouse mode, or what is supported, has changed.",
)

MultiMediaTime = record(
    "main.MultiMediaTime",
    field("time", uint32, "Multimedia clock, modulo 2^32", unit="ms"),
    doc="Sets the client's multimedia clock while no sound is played.",
)

AgentConnected = record(
    "main.AgentConnected",
    doc="A guest agent is there; the client's tokens stay as they were.",
)

AgentDisconnected = record(
    "main.AgentDisconnected",
    field("error_code", enum(LinkErr, uint32), "Why", domain=NAMED),
    doc="The guest agent is gone, and with it tokens and agent capabilities.",
)

AgentData = record(
    "main.AgentData",
    field("data", data(REST), "Piece of an agent message, at most 2048 bytes"),
    doc="A piece of an agent message, for one token.",
)

AgentToken = record(
    "main.AgentToken",
    field("num_tokens", uint32, "AGENT_DATA messages the receiver may send on top"),
    doc="Flow control of AGENT_DATA.",
)

MigrateSwitchHost = record(
    "main.MigrateSwitchHost",
    field("port", uint16, "Port without TLS"),
    field("sport", uint16, "Port with TLS"),
    field("host_size", uint32, "Length of the host name", unit="byte"),
    field(
        "host_data",
        pointer(text("host_size"), null=True, announced=True),
        "Host name or address, usually with a zero byte",
        domain=ZERO_LAST,
    ),
    field("cert_subject_size", uint32, "Length of the subject", unit="byte"),
    field(
        "cert_subject_data",
        pointer(text("cert_subject_size"), null=True, announced=True),
        "Subject that the certificate must have; null to compare the host name",
        domain=ZERO_LAST,
    ),
    doc="Tells the client to leave and to connect elsewhere from nothing; the host may be null here, not in DstInfo.",
)

MigrateEnd = record(
    "main.MigrateEnd",
    doc="Ends a semi-seamless migration: the source tells the client, and the client the destination.",
)

Name = record(
    "main.Name",
    field("name_len", uint32, "Length of the name", unit="byte"),
    field("name", text("name_len"), "The name, usually with a zero byte at its end", domain=ZERO_LAST),
    doc="Name of the guest.",
)

Uuid = record(
    "main.Uuid",
    field("uuid", data(16), "The UUID, in the order in which it is printed"),
    doc="UUID of the guest.",
)

AgentConnectedTokens = record(
    "main.AgentConnectedTokens",
    field("num_tokens", uint32, "AGENT_DATA messages the client may send before it gets more"),
    doc="A guest agent is there, and the client's tokens start anew.",
)

MigrateBeginSeamless = record(
    "main.MigrateBeginSeamless",
    field("dst_info", DstInfo, "The destination"),
    field("src_mig_version", uint32, "Version of the source's migration data; 1 today"),
    doc="Asks the client to link the destination ahead of a seamless migration.",
)

MigrateDstSeamlessAck = record(
    "main.MigrateDstSeamlessAck",
    doc="The destination understands the source's migration data.",
)

MigrateDstSeamlessNack = record(
    "main.MigrateDstSeamlessNack",
    doc="The destination does not; the migration will be semi-seamless.",
)

ClientInfo = record(
    "main.ClientInfo",
    field("cache_size", uint64, "Size of the image cache"),
    doc="Obsolete: the size now stands in INIT of the display channel, and spice-server closes on this message.",
)

MigrateConnected = record(
    "main.MigrateConnected",
    doc="The client has linked the destination.",
)

MigrateConnectError = record(
    "main.MigrateConnectError",
    doc="The client could not link the destination.",
)

AttachChannels = record(
    "main.AttachChannels",
    doc="Asks for CHANNELS_LIST.",
)

MouseModeRequest = record(
    "main.MouseModeRequest",
    field("mode", flags(MouseMode, uint16), "The mode wanted", domain=_WANTED),
    doc="Asks for another mouse mode; answered by MOUSE_MODE only if the mode changes.",
)

AgentStart = record(
    "main.AgentStart",
    field("num_tokens", uint32, "AGENT_DATA messages the server may send before it gets more"),
    doc="The client begins to talk to the agent; agent data before it is dropped.",
)

MigrateDstDoSeamless = record(
    "main.MigrateDstDoSeamless",
    field("src_version", uint32, "The version that MIGRATE_BEGIN_SEAMLESS brought"),
    doc="Asks the destination whether it understands the source's migration data.",
)

MigrateConnectedSeamless = record(
    "main.MigrateConnectedSeamless",
    doc="The client has linked the destination, which agreed to a seamless migration.",
)

QualityIndicator = record(
    "main.QualityIndicator",
    field("data", data(REST), "Not defined"),
    doc="Reserved; no program sends it, and spice-server closes on it.",
)

MAIN = channel(
    "main",
    ChannelType.MAIN,
    prefix="MAIN",
    server=(
        message(
            101,
            "MIGRATE_BEGIN",
            MigrateBegin,
            capability=MainCapability.SEMI_SEAMLESS_MIGRATE,
            instead="MIGRATE_SWITCH_HOST at the end",
            summary=("dst_info.host_data", "dst_info.port", "dst_info.sport"),
        ),
        message(102, "MIGRATE_CANCEL", MigrateCancel),
        message(
            103,
            "INIT",
            Init,
            summary=(
                "session_id",
                "supported_mouse_modes",
                "current_mouse_mode",
                "agent_connected",
                "agent_tokens",
                "multi_media_time",
            ),
        ),
        message(104, "CHANNELS_LIST", ChannelsList, summary=("num_of_channels", "channels")),
        message(105, "MOUSE_MODE", MouseModeMessage),
        message(106, "MULTI_MEDIA_TIME", MultiMediaTime),
        message(
            107,
            "AGENT_CONNECTED",
            AgentConnected,
            absent=MainCapability.AGENT_CONNECTED_TOKENS,
            instead="AGENT_CONNECTED_TOKENS",
        ),
        message(108, "AGENT_DISCONNECTED", AgentDisconnected),
        message(109, "AGENT_DATA", AgentData),
        message(110, "AGENT_TOKEN", AgentToken),
        message(111, "MIGRATE_SWITCH_HOST", MigrateSwitchHost, summary=("host_data", "port", "sport")),
        message(
            112,
            "MIGRATE_END",
            MigrateEnd,
            capability=MainCapability.SEMI_SEAMLESS_MIGRATE,
            instead="MIGRATE_SWITCH_HOST",
        ),
        message(113, "NAME", Name, capability=MainCapability.NAME_AND_UUID, instead="not sent", summary=("name",)),
        message(114, "UUID", Uuid, capability=MainCapability.NAME_AND_UUID, instead="not sent", summary=("uuid",)),
        message(
            115,
            "AGENT_CONNECTED_TOKENS",
            AgentConnectedTokens,
            capability=MainCapability.AGENT_CONNECTED_TOKENS,
            instead="AGENT_CONNECTED",
        ),
        message(
            116,
            "MIGRATE_BEGIN_SEAMLESS",
            MigrateBeginSeamless,
            capability=MainCapability.SEAMLESS_MIGRATE,
            instead="MIGRATE_BEGIN",
            summary=("dst_info.host_data", "dst_info.port", "dst_info.sport", "src_mig_version"),
        ),
        message(117, "MIGRATE_DST_SEAMLESS_ACK", MigrateDstSeamlessAck),
        message(118, "MIGRATE_DST_SEAMLESS_NACK", MigrateDstSeamlessNack),
    ),
    client=(
        message(101, "CLIENT_INFO", ClientInfo, status="obsolete"),
        message(102, "MIGRATE_CONNECTED", MigrateConnected),
        message(103, "MIGRATE_CONNECT_ERROR", MigrateConnectError),
        message(104, "ATTACH_CHANNELS", AttachChannels),
        message(105, "MOUSE_MODE_REQUEST", MouseModeRequest),
        message(106, "AGENT_START", AgentStart),
        message(107, "AGENT_DATA", AgentData),
        message(108, "AGENT_TOKEN", AgentToken, status="unsent-by-reference"),
        message(109, "MIGRATE_END", MigrateEnd, capability=MainCapability.SEMI_SEAMLESS_MIGRATE),
        message(
            110,
            "MIGRATE_DST_DO_SEAMLESS",
            MigrateDstDoSeamless,
            capability=MainCapability.SEAMLESS_MIGRATE,
            instead="not sent, and the migration is semi-seamless",
        ),
        message(111, "MIGRATE_CONNECTED_SEAMLESS", MigrateConnectedSeamless),
        message(112, "QUALITY_INDICATOR", QualityIndicator, status="reserved"),
    ),
    doc="The session itself: opened first, and everything else ends with it.",
)
