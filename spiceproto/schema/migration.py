"""What a server sends itself through the client when a session moves: the bodies of MIGRATE_DATA.

To the client they are opaque. Each begins with a magic number and a version; offsets count from the first byte of the
message body. Cursor, playback and record have no such data. Source: migration_protocol.h of spice-server 0.15.1.
"""

from __future__ import annotations

from spiceproto.enums.agent import AgentPort
from spiceproto.message import channel, message
from spiceproto.wire import (
    REST,
    array,
    data,
    enum,
    field,
    int64,
    pointer,
    record,
    uint8,
    uint16,
    uint32,
    uint64,
)

MigrateDataHeader = record(
    "migration.MigrateDataHeader",
    field("magic", uint32, "Four letters that name the channel", shown="letters"),
    field("version", uint32, "1"),
    doc="Begins every MIGRATE_DATA.",
)

CharDevice = record(
    "migration.CharDevice",
    field("version", uint32, "1"),
    field("connected", uint8, "1 if the device is connected"),
    field("num_client_tokens", uint32, "Tokens the client has left"),
    field("num_send_tokens", uint32, "Tokens the server has left"),
    field("write_size", uint32, "Bytes on the way to the device", unit="byte"),
    field("write_num_client_tokens", uint32, "How many of the tokens those bytes hold"),
    field("write_data_ptr", pointer(data("write_size"), null=True), "Those bytes"),
    doc="State of a byte device.",
)

ChunkHeader = record(
    "migration.ChunkHeader",
    field("port", enum(AgentPort, uint32), "Port of the chunk that is being read"),
    field("size", uint32, "Its size", unit="byte"),
    doc="The agent chunk header read last.",
)

Main = record(
    "migration.Main",
    field("header", MigrateDataHeader, "MNMD"),
    field("agent_base", CharDevice, "The agent's device"),
    field("client_agent_started", uint8, "1 if the client sent AGENT_START"),
    field("agent2client_chunk_header_size", uint32, "Bytes of the chunk header that were read", unit="byte"),
    field("agent2client_chunk_header", ChunkHeader, "The chunk header, as far as it was read"),
    field("agent2client_msg_header_done", uint8, "1 if the message header was read whole"),
    field("agent2client_msg_header_partial_len", uint32, "Bytes of the message header that were read", unit="byte"),
    field(
        "agent2client_msg_header_ptr",
        pointer(data("agent2client_msg_header_partial_len"), null=True),
        "Those bytes",
    ),
    field("agent2client_msg_remaining", uint32, "Bytes of the message still to come from the agent", unit="byte"),
    field("agent2client_msg_filter_result", uint8, "Whether that message is passed on"),
    field("client2agent_msg_remaining", uint32, "Bytes of the message still to come from the client", unit="byte"),
    field("client2agent_msg_filter_result", uint8, "Whether that message is passed on"),
    doc="State of the main channel.",
)

GlzDictionary = record(
    "migration.GlzDictionary",
    field("size", uint32, "Window", unit="pixel"),
    field("max_encoders", uint32, "Encoders that share it"),
    field("last_image_id", uint64, "Number that the next image gets"),
    doc="State of a GLZ dictionary.",
)

SurfacesAtClient = record(
    "migration.SurfacesAtClient",
    field("num_surfaces", uint32, "How many surfaces"),
    field("surfaces", data(REST), "Their ids (4 bytes each); with lossy areas, id and rectangle (20 bytes each)"),
    doc="The surfaces the client has.",
)

Display = record(
    "migration.Display",
    field("header", MigrateDataHeader, "DCMD"),
    field("message_serial", uint64, "Serial of the last message"),
    field("low_bandwidth_setting", uint8, "1 if the link was found to be slow"),
    field("pixmap_cache_id", uint8, "Which pixmap cache"),
    field("pixmap_cache_size", int64, "Its size", unit="pixel"),
    field("pixmap_cache_freezer", uint8, "1 if this channel froze the cache"),
    field("pixmap_cache_clients", array(uint64, 4), "Serials of the display channels that share it"),
    field("glz_dict_id", uint8, "Which GLZ dictionary"),
    field("glz_dict_data", GlzDictionary, "Its state"),
    field("surfaces_at_client_ptr", pointer(SurfacesAtClient, null=True), "The surfaces the client has"),
    doc="State of a display channel.",
)

Inputs = record(
    "migration.Inputs",
    field("header", MigrateDataHeader, "ICMD"),
    field("motion_count", uint16, "Motions not yet acknowledged"),
    doc="State of the inputs channel.",
)

Spicevmc = record(
    "migration.Spicevmc",
    field("header", MigrateDataHeader, "SVMD"),
    field("base", CharDevice, "The device"),
    doc="State of a byte channel.",
)

Smartcard = record(
    "migration.Smartcard",
    field("header", MigrateDataHeader, "SCMD"),
    field("base", CharDevice, "The device"),
    field("reader_added", uint8, "1 if the reader was announced"),
    field("read_size", uint32, "Bytes read from the device and not handled", unit="byte"),
    field("read_data_ptr", pointer(data("read_size"), null=True), "Those bytes"),
    doc="State of the smartcard channel.",
)

_ROWS = (
    message(0x444D4E4D, "MAIN", Main),
    message(0x444D4344, "DISPLAY", Display),
    message(0x444D4349, "INPUTS", Inputs),
    message(0x444D5653, "SPICEVMC", Spicevmc),
    message(0x444D4353, "SMARTCARD", Smartcard),
)

MIGRATION = channel(
    "migration",
    None,
    prefix="MIGRATE_DATA",
    server=_ROWS,
    client=_ROWS,
    common=False,
    doc="Inside MIGRATE_DATA; the number is the magic.",
)
