"""The guest agent's messages, carried by AGENT_DATA of the main channel, and the chunks on the way to the guest.

One agent message is a header and a body; it is cut into AGENT_DATA messages of at most 2048 bytes and put together by
whoever receives it. Some bodies have more at their front once both sides announced a capability: clipboard bodies get
a selection, grabs get a serial number. Each combination of those two is a table of its own, so every body has one
layout: see :func:`table`. The tables of both senders are the same, for who looks at the device of the guest reads all of it;
``sent_by`` says whose message it is: the client's, the agent's, or the server's own, which stands on the device alone.

Sources: vd_agent.h of spice-protocol 0.14.5.
"""

from __future__ import annotations

from spiceproto.enums.agent import (
    AgentButtonMask,
    AgentCapability,
    AgentMessageType,
    AgentPort,
    AgentReplyError,
    ClipboardSelection,
    ClipboardType,
    DisplayConfigFlags,
    FileXferStatus,
    MonitorsConfigFlags,
)
from spiceproto.message import Message, Table, channel, message
from spiceproto.wire import (
    REST,
    Field,
    Record,
    array,
    data,
    enum,
    field,
    flags,
    int32,
    record,
    text,
    uint8,
    uint16,
    uint32,
    uint64,
    when,
)

ChunkHeader = record(
    "agent.ChunkHeader",
    field("port", enum(AgentPort, uint32), "Whose stream this chunk belongs to"),
    field("size", uint32, "Bytes that follow", unit="byte"),
    doc="Stands before every chunk between server and guest, not between client and server.",
)

MessageHeader = record(
    "agent.MessageHeader",
    field("protocol", uint32, "1", domain=1),
    field("type", enum(AgentMessageType, uint32), "Which message"),
    field("opaque", uint64, "0"),
    field("size", uint32, "Bytes of the body", unit="byte"),
    doc="Stands before every agent message.",
)

MouseState = record(
    "agent.MouseState",
    field("x", uint32, "Position from the left edge", unit="pixel"),
    field("y", uint32, "Position from the top edge", unit="pixel"),
    field("buttons", flags(AgentButtonMask, uint32), "Buttons that are down; one bit higher than on the inputs channel"),
    field("display_id", uint8, "Which head"),
    doc="The pointer, in client mouse mode.",
)

MonConfig = record(
    "agent.MonConfig",
    field("height", uint32, "Height; 0 for a disabled monitor", unit="pixel"),
    field("width", uint32, "Width; 0 for a disabled monitor", unit="pixel"),
    field("depth", uint32, "Bits per pixel"),
    field("x", int32, "Left edge", unit="pixel"),
    field("y", int32, "Top edge", unit="pixel"),
    doc="One monitor; height comes before width.",
)

MonitorMM = record(
    "agent.MonitorMM",
    field("height", uint16, "Height", unit="mm"),
    field("width", uint16, "Width", unit="mm"),
    doc="Physical size of one monitor.",
)

MonitorsConfig = record(
    "agent.MonitorsConfig",
    field("num_of_monitors", uint32, "How many monitors"),
    field("flags", flags(MonitorsConfigFlags, uint32), "What is given"),
    field("monitors", array(MonConfig, "num_of_monitors"), "The monitors"),
    field(
        "physical_sizes",
        when("flags", MonitorsConfigFlags.PHYSICAL_SIZE, array(MonitorMM, "num_of_monitors")),
        "Their physical sizes",
    ),
    doc="The monitors that the client would like.",
)

Reply = record(
    "agent.Reply",
    field("type", enum(AgentMessageType, uint32), "The message that is answered"),
    field("error", enum(AgentReplyError, uint32), "Whether it worked"),
    doc="Answer to MONITORS_CONFIG and DISPLAY_CONFIG.",
)

DisplayConfig = record(
    "agent.DisplayConfig",
    field("flags", flags(DisplayConfigFlags, uint32), "What to change"),
    field("depth", uint32, "Colour depth, with SET_COLOR_DEPTH", unit="bit"),
    doc="Desktop settings for slow links.",
)

AnnounceCapabilities = record(
    "agent.AnnounceCapabilities",
    field("request", uint32, "1 if the receiver should answer with its own"),
    field("caps", array(uint32, REST), "Capability words", shown="agent_capabilities"),
    doc="What the sender can do.",
)

_SELECTION = (
    field("selection", enum(ClipboardSelection, uint8), "Which clipboard"),
    field("reserved", data(3), "Zero"),
)
_SERIAL = (field("serial", uint32, "Counts the grabs of the sender, so that late ones are told apart"),)


def _clipboard(name: str, extra: tuple[Field, ...]) -> Record:
    return record(
        f"agent.{name}",
        *extra,
        field("type", enum(ClipboardType, uint32), "Format"),
        field("data", data(REST), "Content", shown="content"),
        doc="The clipboard's content, after a request.",
    )


def _grab(name: str, extra: tuple[Field, ...]) -> Record:
    return record(
        f"agent.{name}",
        *extra,
        field("types", array(enum(ClipboardType, uint32), REST), "Formats that can be had"),
        doc="The sender's side now owns the clipboard.",
    )


def _request(name: str, extra: tuple[Field, ...]) -> Record:
    return record(
        f"agent.{name}",
        *extra,
        field("type", enum(ClipboardType, uint32), "Wanted format"),
        doc="Asks the owner for the clipboard's content.",
    )


def _release(name: str, extra: tuple[Field, ...]) -> Record:
    return record(
        f"agent.{name}",
        *extra,
        doc="The sender's side no longer owns the clipboard.",
    )


Clipboard = _clipboard("Clipboard", ())
ClipboardSelected = _clipboard("ClipboardSelected", _SELECTION)
ClipboardGrab = _grab("ClipboardGrab", ())
ClipboardGrabSelected = _grab("ClipboardGrabSelected", _SELECTION)
ClipboardGrabSerial = _grab("ClipboardGrabSerial", _SERIAL)
ClipboardGrabSelectedSerial = _grab("ClipboardGrabSelectedSerial", _SELECTION + _SERIAL)
ClipboardRequest = _request("ClipboardRequest", ())
ClipboardRequestSelected = _request("ClipboardRequestSelected", _SELECTION)
ClipboardRelease = _release("ClipboardRelease", ())
ClipboardReleaseSelected = _release("ClipboardReleaseSelected", _SELECTION)

FileXferStart = record(
    "agent.FileXferStart",
    field("id", uint32, "Number of the transfer"),
    field("data", text(REST), "Name and size as a GLib key file", shown="key_file"),
    doc="The client wants to send a file.",
)

FileXferStatusMessage = record(
    "agent.FileXferStatusMessage",
    field("id", uint32, "Number of the transfer"),
    field("result", enum(FileXferStatus, uint32), "How it goes"),
    field(
        "data",
        data(REST),
        "Detail, with FILE_XFER_DETAILED_ERRORS: free space, or type and code of an error",
        shown="transfer_detail",
    ),
    doc="How a file transfer goes.",
)

FileXferStatusNotEnoughSpace = record(
    "agent.FileXferStatusNotEnoughSpace",
    field("disk_free_space", uint64, "Free space in the guest", unit="byte"),
    doc="Detail of NOT_ENOUGH_SPACE.",
)

FileXferStatusError = record(
    "agent.FileXferStatusError",
    field("error_type", uint8, "Whose error codes: 0 is GLib's I/O errors"),
    field("error_code", uint32, "The code"),
    doc="Detail of ERROR.",
)

FileXferData = record(
    "agent.FileXferData",
    field("id", uint32, "Number of the transfer"),
    field("size", uint64, "Bytes that follow", unit="byte"),
    field("data", data("size"), "Bytes of the file"),
    doc="The next bytes of a file.",
)

ClientDisconnected = record("agent.ClientDisconnected", doc="The client is gone.")

MaxClipboard = record(
    "agent.MaxClipboard",
    field("max", int32, "Largest clipboard content; -1 for no limit", unit="byte"),
    doc="The client limits the clipboard.",
)

AudioVolumeSync = record(
    "agent.AudioVolumeSync",
    field("is_playback", uint8, "1 for playback, 0 for record"),
    field("mute", uint8, "1 if muted"),
    field("nchannels", uint8, "Sound channels"),
    field("volume", array(uint16, "nchannels"), "Volume of each; 65535 is full"),
    doc="The client's volume for the guest.",
)

DeviceDisplayInfo = record(
    "agent.DeviceDisplayInfo",
    field("channel_id", uint32, "Display channel"),
    field("monitor_id", uint32, "Monitor on that channel"),
    field("device_display_id", uint32, "Output of the guest's device"),
    field("device_address_len", uint32, "Length of the address", unit="byte"),
    field("device_address", text("device_address_len"), "Hardware address, for example pci/0000/02.0"),
    doc="One output of a graphics device.",
)

GraphicsDeviceInfo = record(
    "agent.GraphicsDeviceInfo",
    field("count", uint32, "How many outputs"),
    field("display_info", array(DeviceDisplayInfo, "count"), "The outputs"),
    doc="Which display channels and monitors are which outputs of the guest's devices.",
)


_CLIENT, _AGENT, _SERVER = "client", "agent", "server"


def _rows(selection: bool, serial: bool) -> tuple[Message, ...]:
    grab = {
        (False, False): ClipboardGrab,
        (True, False): ClipboardGrabSelected,
        (False, True): ClipboardGrabSerial,
        (True, True): ClipboardGrabSelectedSerial,
    }[selection, serial]
    cap = AgentCapability
    by_demand = cap.CLIPBOARD_BY_DEMAND
    selected = ("selection",) * selection
    return (
        message(1, "MOUSE_STATE", MouseState, capability=cap.MOUSE_STATE, sent_by=(_SERVER,)),
        message(
            2,
            "MONITORS_CONFIG",
            MonitorsConfig,
            capability=cap.MONITORS_CONFIG,
            summary=("flags", "monitors", "physical_sizes"),
            sent_by=(_CLIENT, _SERVER),
        ),
        message(3, "REPLY", Reply, capability=cap.REPLY, sent_by=(_AGENT,)),
        message(
            4,
            "CLIPBOARD",
            ClipboardSelected if selection else Clipboard,
            capability=by_demand,
            summary=(*selected, "type", "data"),
            sent_by=(_CLIENT, _AGENT),
        ),
        message(5, "DISPLAY_CONFIG", DisplayConfig, capability=cap.DISPLAY_CONFIG, sent_by=(_CLIENT,)),
        message(6, "ANNOUNCE_CAPABILITIES", AnnounceCapabilities, summary=("request", "caps"), sent_by=(_CLIENT, _AGENT)),
        message(
            7,
            "CLIPBOARD_GRAB",
            grab,
            capability=by_demand,
            summary=(*selected, *("serial",) * serial, "types"),
            sent_by=(_CLIENT, _AGENT),
        ),
        message(
            8,
            "CLIPBOARD_REQUEST",
            ClipboardRequestSelected if selection else ClipboardRequest,
            capability=by_demand,
            sent_by=(_CLIENT, _AGENT),
        ),
        message(
            9,
            "CLIPBOARD_RELEASE",
            ClipboardReleaseSelected if selection else ClipboardRelease,
            capability=by_demand,
            sent_by=(_CLIENT, _AGENT),
        ),
        message(10, "FILE_XFER_START", FileXferStart, summary=("id", "data"), sent_by=(_CLIENT,)),
        message(11, "FILE_XFER_STATUS", FileXferStatusMessage, summary=("id", "result", "data"), sent_by=(_CLIENT, _AGENT)),
        message(12, "FILE_XFER_DATA", FileXferData, summary=("id", "size"), sent_by=(_CLIENT,)),
        message(13, "CLIENT_DISCONNECTED", ClientDisconnected, sent_by=(_SERVER,)),
        message(14, "MAX_CLIPBOARD", MaxClipboard, capability=cap.MAX_CLIPBOARD, sent_by=(_CLIENT,)),
        message(
            15,
            "AUDIO_VOLUME_SYNC",
            AudioVolumeSync,
            capability=cap.AUDIO_VOLUME_SYNC,
            summary=("is_playback", "mute", "volume"),
            sent_by=(_CLIENT,),
        ),
        message(
            16,
            "GRAPHICS_DEVICE_INFO",
            GraphicsDeviceInfo,
            capability=cap.GRAPHICS_DEVICE_INFO,
            summary=("count", "display_info"),
            sent_by=(_SERVER,),
        ),
    )


def _table(name: str, selection: bool, serial: bool) -> Table:
    rows = _rows(selection, serial)
    return channel(
        name, None, prefix="VD_AGENT", server=rows, client=rows, common=False, doc="Agent messages inside AGENT_DATA."
    )


AGENT = _table("agent", selection=False, serial=False)
AGENT_SELECTION = _table("agent_selection", selection=True, serial=False)
AGENT_SERIAL = _table("agent_serial", selection=False, serial=True)
AGENT_SELECTION_SERIAL = _table("agent_selection_serial", selection=True, serial=True)

TABLES = (AGENT, AGENT_SELECTION, AGENT_SERIAL, AGENT_SELECTION_SERIAL)

DETAILS = (FileXferStatusNotEnoughSpace, FileXferStatusError)
