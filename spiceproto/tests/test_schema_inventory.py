"""The schemas against the inventory: names, numbers, layouts, counts, pointers and conditions.

The inventory is a list of what spice.proto, the headers and the reference programs hold, made by a script without
anything of this package; ``inventory/*.json`` are copies of it. Every comparison notes what differs under a dotted
path, with both sides. A difference is either a mistake or a row of ``DELIBERATE``, and every row there must match
something.

Paths begin with a message table and a sender (``main.server.INIT``), with a structure (``struct.Rect``), or with one of
``enum``, ``agent``, ``link``, ``migration``, ``codec`` and ``count``. Names follow, then what is compared.

Not compared, for the schemas do not hold it: conditions other than capabilities (mouse mode, transport, order), which
program has code for a message, and the device side of the agent (``stream_device``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, NamedTuple

import pytest
from construct import Construct

import spiceproto.enums
from spiceproto import schema, wire
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.message import Message, Sender

INVENTORY = Path(__file__).with_name("inventory")

DELIBERATE = {
    "*.COMPRESSED_DATA.empty": "a structure of no bytes, there to give a switch a case; nothing to model",
    "struct.CompressedData.empty": "the same",
    "struct.EmptyStructure": "the same",
    "common.server.NOTIFY.terminator": "spice-server sends a zero byte that the description does not have",
    "main.server.INIT.supported_mouse_modes.names": "the description has a bare integer; it is a mouse_mode",
    "main.server.INIT.current_mouse_mode.names": "the description has a bare integer; it is a mouse_mode",
    "main.server.MOUSE_MODE.class": "MouseMode is the enumeration; this class is MouseModeMessage",
    "struct.ChannelId.type.names": "the description has a bare integer; it is a channel type",
    "struct.ChannelWait.channel_type.names": "the description has a bare integer; it is a channel type",
    "struct.WaitForChannel.channel_type.names": "the description has a bare integer; it is a channel type",
    "struct.ResourceID.type.names": "the description has a bare integer; it is a resource_type",
    "*.EVENT.event.names": "the description has a bare integer; protocol.h has the names",
    "tunnel.*": "the description dropped the channel; it is restored from history",
    "count.messages.tunnel.*": "the same",
    "enum.TunnelServiceType": "the same",
    "enum.TunnelIpType": "the same",
    "enum.CompositeFlags.MASK_FILTER1": "alias of the misspelled MASK_FITLER1, for people who write code",
    "struct.VscMessageHeader": "stands in line in smartcard.Data, which the message table compares",
    "struct.VscMessageReaderAdd.name.pointer": "the name is all there is, and stands in line on the wire",
    "struct.VscMessageReaderAdd.name.wire": "the description has signed characters; they are text",
    "struct.VscMessageReaderAdd.size": "follows from the name in line",
    "struct.VscMessageReaderAdd.exact": "follows from the name in line",
    "agent.header.data": "the body of an agent message is looked up by its type",
    "agent.*.CLIPBOARD*.__reserved": "named reserved here",
    "agent.*.CLIPBOARD*.reserved": "__reserved in the header",
    "agent.*.CLIPBOARD_RELEASE.dummy_empty_field": "C has no structure without members; there are no bytes",
    "agent.*.MONITORS_CONFIG.monitors.count": "the field in front counts them, so that sizes can follow",
    "agent.*.MONITORS_CONFIG.physical_sizes": "a comment in the header speaks of them; C cannot declare a second tail",
    "agent.*.FILE_XFER_DATA.data.count": "the field in front counts them",
    "agent.*.AUDIO_VOLUME_SYNC.volume.count": "the field in front counts them",
    "agent.*.GRAPHICS_DEVICE_INFO.display_info.count": "the field in front counts them",
    "agent.DeviceDisplayInfo.device_address.count": "the field in front counts them; others follow",
    "link.LinkMess.caps": "the words whose place the offset gives; the header has no member for them",
    "link.LinkReply.caps": "the words whose place the offset gives; the header has no member for them",
    "link.SubMessageList.sub_messages.count": "the field in front counts them",
    "link.LinkError": "the short refusal that some servers send; no structure upstream",
    "link.LinkResult": "a bare uint32 in the programs; no structure upstream",
    "link.Sasl*": "lengths and strings that the programs read one by one; no structure upstream",
    "migration.*.header": "begins every body; upstream reads it before the structure",
    "migration.*_ptr.pointer": "the header has a bare uint32; it is an offset from the first byte of the body",
    "migration.*_ptr.wire": "the same: the target's kind instead of the offset's",
    "migration.*_ptr.count": "the same: the field in front counts the target",
    "migration.SurfacesAtClient*.surfaces.*": "lossless or lossy is only known from another channel; kept as bytes",
    "migration.MigrateDisplaySurfaceLoss*": "elements of those bytes",
    "migration.SpiceMigrateDataRect": "the same",
    "codec.LZ_PLT.palette.pointer": "the inventory's table of streams gives the offset as a number",
    "codec.LZ_PLT.palette.wire": "the same",
    "codec.BITMAP.palette.pointer": "the same",
    "codec.BITMAP.palette.wire": "the same",
    "codec.BITMAP.palette_id.when": "the inventory's table of streams gives conditions in words",
    "codec.LZ_PLT.palette_id.when": "the same",
    "codec.BITMAP.palette.when": "the same",
    "codec.LZ_PLT.palette.when": "the same",
}
"""Path, perhaps with ``*``, to why the schemas differ there. ``tunnel.*`` aside, none hides a whole message."""

RENAMED: dict[str, tuple[str, ...]] = {
    "AudioMute": ("playback.Mute", "record.Mute"),
    "AudioVolume": ("playback.Volume", "record.Volume"),
    "Data": ("common.List", "common.MigrateData", "display.QualityIndicator", "inputs.KeyScancode", "main.AgentData",
             "main.QualityIndicator", "spicevmc.Data"),
    "Empty": ("common.Ack", "common.BaseLast", "common.MigrateFlushMark", "cursor.Hide", "display.Mark",
              "main.MigrateEnd", "playback.Stop", "record.Stop"),
    "EmptyStructure": (),
    "VscMessageAPDU": ("smartcard.VscApdu",),
    "VscMessageATR": ("smartcard.VscAtr",),
    "VscMessageError": ("smartcard.VscError",),
    "VscMessageHeader": (),
    "VscMessageReaderAdd": ("smartcard.VscReaderAdd",),
}  # fmt: skip
"""Structures of the description that have another name here, or several: a class belongs to one channel."""

AGENT_STRUCTS = {
    "VDAgentDeviceDisplayInfo": "agent.DeviceDisplayInfo",
    "VDAgentFileXferStatusError": "agent.FileXferStatusError",
    "VDAgentFileXferStatusNotEnoughSpace": "agent.FileXferStatusNotEnoughSpace",
    "VDAgentMonConfig": "agent.MonConfig",
    "VDAgentMonitorMM": "agent.MonitorMM",
    "VDIChunkHeader": "agent.ChunkHeader",
}
"""Structures of the agent that are no bodies, without their prefix."""

AGENT_ENUMS = {
    "VDP_CLIENT_PORT": ("AgentPort", "VDP_{}"),
    "VD_AGENT_CLIPBOARD_NONE": ("ClipboardType", "VD_AGENT_CLIPBOARD_{}"),
    "VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD": ("ClipboardSelection", "VD_AGENT_CLIPBOARD_SELECTION_{}"),
    "VD_AGENT_CONFIG_MONITORS_FLAG_USE_POS": ("MonitorsConfigFlags", "VD_AGENT_CONFIG_MONITORS_FLAG_{}"),
    "VD_AGENT_DISPLAY_CONFIG_FLAG_DISABLE_WALLPAPER": ("DisplayConfigFlags", "VD_AGENT_DISPLAY_CONFIG_FLAG_{}"),
    "VD_AGENT_FILE_XFER_STATUS_CAN_SEND_DATA": ("FileXferStatus", "VD_AGENT_FILE_XFER_STATUS_{}"),
    "VD_AGENT_FILE_XFER_STATUS_ERROR_GLIB_IO": ("FileXferErrorType", "VD_AGENT_FILE_XFER_STATUS_ERROR_{}"),
    "VD_AGENT_SUCCESS": ("AgentReplyError", "VD_AGENT_{}"),
}
"""The header's enums have no names: their first member, our class, and how a member's constant is made."""

MIGRATION_STRUCTS = {
    "GlzEncDictRestoreData": "migration.GlzDictionary",
    "MigrateDisplaySurfacesAtClientLossless": "migration.SurfacesAtClient",
    "MigrateDisplaySurfacesAtClientLossy": "migration.SurfacesAtClient",
    "SpiceMigrateDataCharDevice": "migration.CharDevice",
    "SpiceMigrateDataDisplay": "migration.Display",
    "SpiceMigrateDataHeader": "migration.MigrateDataHeader",
    "SpiceMigrateDataInputs": "migration.Inputs",
    "SpiceMigrateDataMain": "migration.Main",
    "SpiceMigrateDataSmartcard": "migration.Smartcard",
    "SpiceMigrateDataSpiceVmc": "migration.Spicevmc",
    "VDIChunkHeader": "migration.ChunkHeader",
}

CODECS = {
    "BITMAP": ("image.BitmapData",),
    "GLZ": ("codec.GlzHeader",),
    "JPEG": ("image.BinaryData",),
    "JPEG_ALPHA": ("image.JPEGAlphaData",),
    "LZ": ("codec.LzHeader",),
    "LZ4": ("image.BinaryData", "codec.Lz4Header"),
    "LZ_PLT": ("image.LZPLTData",),
    "QUIC": ("codec.QuicHeader",),
    "SURFACE": ("image.Surface",),
    "ZLIB_GLZ": ("image.ZlibGlzRGBData",),
}
"""The records whose fields, up to the stream itself, are the inventory's header of a stream."""


class Pair(NamedTuple):
    """Both sides of a difference."""

    inventory: object
    schema: object


Found = dict[str, Pair]


@cache
def load(name: str) -> Any:
    return json.loads((INVENTORY / f"{name}.json").read_text())


def note(found: Found, path: str, inventory: object, ours: object) -> None:
    if inventory != ours:
        found[path] = Pair(inventory, ours)


# -- sizes -------------------------------------------------------------------------------------------------------------


def twins(one: Construct, other: Construct) -> bool:
    """True if exactly one of two conditional fields is there."""
    return (
        isinstance(one, wire.When)
        and isinstance(other, wire.When)
        and (one.on, one.members) == (other.on, other.members)
        and {one.test, other.test} == {"is", "is-not"}
    )


def extent(node: Construct) -> tuple[int, bool]:
    """Fewest bytes in line, and whether there can be no more."""
    match node:
        case wire.Record():
            total, exact, rest = 0, True, list(node.fields)
            while rest:
                size, fixed = extent(rest[0].subcon)
                if len(rest) > 1 and twins(rest[0].subcon, rest[1].subcon):
                    size = min(extent(rest[0].subcon.subcon)[0], extent(rest[1].subcon.subcon)[0])
                    del rest[0]
                del rest[0]
                total, exact = total + size, exact and fixed
            return total, exact
        case wire.Integer():
            return node.size, True
        case wire.Enumeration() | wire.FlagSet():
            return extent(node.subcon)
        case wire.Pointer():
            return 4, True
        case wire.Descriptor():
            return 0, True
        case wire.Data(count=wire.Fixed(number=number)):
            return number, True
        case wire.Sequence(count=wire.Fixed(number=number)):
            size, fixed = extent(node.element)
            return number * size, fixed
    return 0, False


def offsets(record: wire.Record) -> list[int | None]:
    """Where each field begins, as far as that is fixed."""
    out: list[int | None] = []
    at: int | None = 0
    for item in record.fields:
        out.append(at)
        size, exact = extent(item.subcon)
        at = at + size if at is not None and exact else None
    return out


# -- fields ------------------------------------------------------------------------------------------------------------


def class_name(name: str) -> str:
    """``link_err`` as ``LinkErr``."""
    return "".join(part.capitalize() for part in name.split("_"))


def inventory_count(count: Mapping[str, str]) -> str:
    return "rest" if count["kind"] == "rest-of-message" else count["expr"]


def inventory_when(when: Mapping[str, Any]) -> tuple[str, str, frozenset[str]]:
    tests = {test["test"] for test in when["any"]}
    names = {name for test in when["any"] for name in test.get("values", [test.get("value")])}
    assert len(tests) == 1, when
    return when["on"], "is" if tests == {"is"} else "is-not", frozenset(names)


def inventory_field(item: Mapping[str, Any]) -> dict[str, object]:
    """What the inventory says of a field of the description."""
    told: dict[str, object] = {"wire": item.get("struct", item["wire"])}
    if item.get("alias") == "fixed28_4":
        told["alias"] = "fixed28_4"
    for kind in ("enum", "flags"):
        if kind in item:
            told["names"] = (kind, class_name(item[kind]))
    if "count" in item:
        told["count"] = inventory_count(item["count"])
    if "pointer" in item:
        told["pointer"] = "null" if item["pointer"]["null_allowed"] else "not null"
    if "when" in item:
        told["when"] = inventory_when(item["when"])
    return told


def header_field(item: Mapping[str, Any]) -> dict[str, object]:
    """What the inventory says of a member of a C structure."""
    told: dict[str, object] = {"wire": item["type"]}
    if "count" in item:
        told["count"] = "rest" if item["count"] == "rest of message" else str(item["count"])
    return told


def schema_count(count: wire.Count) -> str:
    match count:
        case wire.Fixed():
            return str(count.number)
        case wire.By():
            return count.name
        case wire.Product():
            return " * ".join(count.names)
        case wire.PackedRows(bits=1):
            return f"ceil({count.width} / 8) * {count.height}"
        case wire.PackedRows(bits=8):
            return f"{count.width} * {count.height}"
        case wire.PackedRows():
            return f"ceil({count.bits} * {count.width} / 8) * {count.height}"
        case wire.Rest():
            return "rest"
    return "zero-terminated"


def schema_field(node: Construct) -> dict[str, object]:
    """The same of a field of the schema."""
    match node:
        case wire.When():
            names = frozenset((member.name or "").lstrip("_") for member in node.members)
            return schema_field(node.subcon) | {"when": (node.on, node.test, names)}
        case wire.Pointer():
            return schema_field(node.target) | {"pointer": "null" if node.nullable else "not null"}
        case wire.Sequence():
            return schema_field(node.element) | {"count": schema_count(node.count)}
        case wire.Data():
            return {"wire": "uint8", "count": schema_count(node.count)}
        case wire.Enumeration():
            return schema_field(node.subcon) | {"names": ("enum", node.kind.__name__)}
        case wire.FlagSet():
            return schema_field(node.subcon) | {"names": ("flags", node.kind.__name__)}
        case wire.Integer():
            found: dict[str, object] = {"wire": node.label}
            return found | ({"alias": node.alias} if node.alias else {})
        case wire.Record():
            return {"wire": node.class_name}
        case wire.Descriptor():
            return {"wire": "unix_fd"}
    raise AssertionError(node)


def is_text(node: Construct) -> bool:
    match node:
        case wire.Data():
            return node.text
        case wire.Pointer():
            return is_text(node.target)
    return False


def numbered(names: Iterable[str]) -> list[str]:
    """Names that may repeat as names that do not: ``glyphs``, ``glyphs-2``, ``glyphs-3``."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return out


def compare_fields(found: Found, path: str, listed: list[dict[str, Any]], record: wire.Record, *, header: bool = False,
                   shift: int = 0, prefix: str = "") -> None:  # fmt: skip
    """Fields one by one. ``header``: from a C header, which names no enums; ``prefix`` begins its structures' names."""
    theirs = dict(zip(numbered(item["name"] for item in listed), listed, strict=True))
    ours = dict(zip(numbered(item.name for item in record.fields), zip(record.fields, offsets(record), strict=True),
                    strict=True))  # fmt: skip
    for name in theirs.keys() - ours.keys():
        found[f"{path}.{name}"] = Pair("there", None)
    for name in ours.keys() - theirs.keys():
        found[f"{path}.{name}"] = Pair(None, "there")
    shared = [name for name in theirs if name in ours]
    note(found, f"{path}.order", shared, [name for name in ours if name in theirs])
    for name in shared:
        item, (field, offset) = theirs[name], ours[name]
        one = header_field(item) if header else inventory_field(item)
        other = schema_field(field.subcon)
        if header:
            other.pop("names", None)
            structure = str(one["wire"])
            one["wire"] = MIGRATION_STRUCTS.get(structure, structure).removeprefix(prefix).removeprefix("migration.")
        for aspect in one.keys() | other.keys():
            note(found, f"{path}.{name}.{aspect}", one.get(aspect), other.get(aspect))
        if "offset" in item:
            note(found, f"{path}.{name}.offset", item["offset"], None if offset is None else offset - shift)
        if "text" in item and not is_text(field.subcon):
            found[f"{path}.{name}.text"] = Pair(item["text"], "bytes")


def compare_size(found: Found, path: str, item: Mapping[str, Any], record: wire.Record) -> None:
    smallest, exact = extent(record)
    note(found, f"{path}.size", item.get("size", item.get("min_size")), smallest)
    note(found, f"{path}.exact", "size" in item, exact)


# -- messages and structures -------------------------------------------------------------------------------------------


def capability_name(member: WireEnum | None) -> str | None:
    if member is None:
        return None
    return f"SPICE_{type(member).__name__.removesuffix('Capability').upper()}_CAP_{member.name}"


def compare_messages(found: Found, name: str, sender: Sender, listed: list[dict[str, Any]], rows: Iterable[Message],
                     prefix: str) -> None:  # fmt: skip
    theirs = {item["name"].upper(): item for item in listed}
    ours = {row.name: row for row in rows}
    start = "SPICE_MSG_" if sender == "server" else "SPICE_MSGC_"
    for key in theirs.keys() - ours.keys():
        found[f"{name}.{sender}.{key}"] = Pair("there", None)
    for key in ours.keys() - theirs.keys():
        found[f"{name}.{sender}.{key}"] = Pair(None, "there")
    for key in theirs.keys() & ours.keys():
        path, item, row = f"{name}.{sender}.{key}", theirs[key], ours[key]
        between = row.prefix or prefix
        note(found, f"{path}.number", item["type"], row.number)
        note(found, f"{path}.constant", item["constant"], f"{start}{between}_{key}" if between else f"{start}{key}")
        note(found, f"{path}.class", class_name(item["name"]), row.body.class_name)
        note(found, f"{path}.status", item["status"], row.status)
        condition = item.get("condition", {})
        note(found, f"{path}.capability", condition.get("peer_cap"), capability_name(row.capability))
        note(found, f"{path}.absent", condition.get("peer_cap_absent"), capability_name(row.absent))
        compare_fields(found, path, item["fields"], row.body)
        compare_size(found, path, item, row.body)


def compare_channels(listed: Mapping[str, Any]) -> Found:
    """Common messages, and channel by channel."""
    from spiceproto.schema import common

    found: Found = {}
    compare_messages(found, "common", "server", listed["common"]["server"], common.SERVER, "")
    compare_messages(found, "common", "client", listed["common"]["client"], common.CLIENT, "")
    note(found, "channels", [item["name"] for item in listed["channels"]], list(schema.CHANNELS))
    for item in listed["channels"]:
        table = schema.channel(item["name"])
        note(found, f"{table.name}.type", item["type"], table.type)
        note(found, f"{table.name}.common", item["inherits_common"], table.common)
        compare_messages(found, table.name, "server", item["server"], table.server.values(), table.prefix)
        compare_messages(found, table.name, "client", item["client"], table.client.values(), table.prefix)
    return found


def compare_structs(listed: Mapping[str, Any]) -> Found:
    """Structures of the description."""
    found: Found = {}
    by_class: dict[str, list[str]] = {}
    for full in schema.records():
        if not full.startswith(("agent.", "link.", "codec.", "migration.")):
            by_class.setdefault(full.partition(".")[2], []).append(full)
    for name, item in listed.items():
        names = RENAMED.get(name, tuple(by_class.get(name, ())))
        if not names:
            found[f"struct.{name}"] = Pair("there", None)
        for full in names:
            compare_fields(found, f"struct.{name}", item["fields"], schema.records()[full])
            compare_size(found, f"struct.{name}", item, schema.records()[full])
    return found


# -- enums and capabilities --------------------------------------------------------------------------------------------


@cache
def enum_classes() -> Mapping[str, type[WireEnum] | type[WireFlags]]:
    """Every enumeration of the package."""
    found = {}
    for module in iter_modules(spiceproto.enums.__path__):
        for item in vars(import_module(f"spiceproto.enums.{module.name}")).values():
            if isinstance(item, type) and issubclass(item, WireEnum | WireFlags) and len(item):
                found[item.__name__] = item
    return found


def compare_members(found: Found, kind_name: str, listed: Iterable[Mapping[str, Any]], used: set[str]) -> None:
    """Names, values and wire constants, which the class's docstring shows as ``(PREFIX_*)``."""
    path = f"enum.{kind_name}"
    kind = enum_classes().get(kind_name)
    if kind is None:
        found[path] = Pair("there", None)
        return
    used.add(kind_name)
    theirs = {item["name"]: item["value"] for item in listed}
    ours = {name.lstrip("_"): int(member) for name, member in kind.__members__.items()}
    for name in theirs.keys() | ours.keys():
        note(found, f"{path}.{name}", theirs.get(name), ours.get(name))
    shown = re.search(r"\(([A-Z0-9_]+_)\*", kind.__doc__ or "")
    for item in listed:
        if "constant" in item:
            made = f"{shown[1]}{item['name']}" if shown else None
            note(found, f"{path}.{item['name']}.constant", item["constant"], made)


def compare_enums() -> Found:
    """Everything with names for numbers, capability bits included."""
    found: Found = {}
    used: set[str] = set()
    listed = load("enums")
    for item in (*listed["from_description"], *listed["header_only"], *listed["codec_enums"]):
        name = class_name(item["name"])
        compare_members(found, name, item["members"], used)
        if "kind" in item and name in enum_classes():
            kind = "flags" if issubclass(enum_classes()[name], WireFlags) else "enum"
            note(found, f"enum.{name}.kind", item["kind"], kind)
    compare_members(found, "ChannelType", listed["channel_types"]["members"], used)

    agent = load("agent")
    for first, members in agent["enums"].items():
        kind_name, form = AGENT_ENUMS[first]
        compare_members(found, kind_name, _inside(form, {item["name"]: item["value"] for item in members}), used)
    compare_members(found, "AgentButtonMask", _inside("VD_AGENT_{}_MASK", agent["button_masks"]), used)
    types = {item["name"]: item["type"] for item in agent["messages"]}
    compare_members(found, "AgentMessageType", _inside("VD_AGENT_{}", types), used)
    bits = {item["name"]: item["bit"] for item in agent["capabilities"]}
    compare_members(found, "AgentCapability", _inside("VD_AGENT_CAP_{}", bits), used)

    images = load("images")
    compare_members(found, "ImageType", images["types"], used)
    compare_members(found, "ImageFlags", images["flags"], used)
    compare_members(found, "BitmapFmt", images["bitmap_formats"], used)
    compare_members(found, "ImageCompression", images["compression_choices"], used)
    for item in images["codec_enums"]:
        compare_members(found, class_name(item["name"]), item["members"], used)

    link = load("link")
    compare_members(found, "LinkErr", link["errors"], used)
    flags = [{"name": name, "value": value} for name, value in link["migration"]["flags"].items()]
    compare_members(found, "MigrateFlags", flags, used)
    mechanisms = {item["capability"]: item["number"] for item in link["auth_mechanisms"]}
    compare_members(found, "AuthMechanism", _inside("SPICE_COMMON_CAP_AUTH_{}", mechanisms), used)

    for item in load("capabilities")["sets"]:
        bits = {member["name"]: member["bit"] for member in item["members"]}
        form = f"SPICE_{item['set'].upper()}_CAP_{{}}"
        compare_members(found, f"{item['set'].capitalize()}Capability", _inside(form, bits), used)

    for name in enum_classes().keys() - used:
        found[f"enum.{name}"] = Pair(None, "there")
    return found


def _inside(form: str, constants: Mapping[str, int]) -> list[dict[str, Any]]:
    """Members whose names are constants of the given form."""
    before, after = form.split("{}")
    return [
        {"name": name.removeprefix(before).removesuffix(after) if after else name.removeprefix(before), "value": value}
        for name, value in constants.items()
    ]


# -- agent, link, migration, codecs ------------------------------------------------------------------------------------


def compare_agent() -> Found:
    """The agent's messages in each of their four forms, and its structures."""
    found: Found = {}
    listed = load("agent")
    structs = listed["structs"]
    used = {*AGENT_STRUCTS, "VDAgentMessage"}
    header = schema.records()["agent.MessageHeader"]
    compare_fields(found, "agent.header", structs["VDAgentMessage"]["fields"], header, header=True)
    note(found, "agent.protocol", listed["protocol_number"], header.fields[0].expect)
    for name, full in AGENT_STRUCTS.items():
        record = schema.records()[full]
        compare_fields(found, full, structs[name]["fields"], record, header=True, prefix="VDAgent")
        note(found, f"{full}.size", structs[name]["fixed_size"], extent(record)[0])
    tables: tuple[tuple[str, set[str]], ...] = (
        ("agent", set()),
        ("agent_selection", {"VD_AGENT_CAP_CLIPBOARD_SELECTION"}),
        ("agent_serial", {"VD_AGENT_CAP_CLIPBOARD_GRAB_SERIAL"}),
        ("agent_selection_serial", {"VD_AGENT_CAP_CLIPBOARD_SELECTION", "VD_AGENT_CAP_CLIPBOARD_GRAB_SERIAL"}),
    )
    for table, announced in tables:
        rows = schema.channel(table).server
        note(found, f"agent.{table}.sides", rows, schema.channel(table).client)
        note(found, f"agent.{table}.numbers", {item["type"] for item in listed["messages"]}, set(rows))
        for item in listed["messages"]:
            row = rows[item["type"]]
            path = f"agent.{table}.{row.name}"
            note(found, f"{path}.name", item["name"], f"VD_AGENT_{row.name}")
            needed = None if row.capability is None else f"VD_AGENT_CAP_{row.capability.name}"
            note(found, f"{path}.capability", item["needs_capability"], needed)
            struct: dict[str, Any] = structs[item["body"]] if item["body"] else {"fields": [], "fixed_size": 0}
            used.add(item["body"])
            fields = [field for field in struct["fields"] if field.get("when_capability") in (None, *announced)]
            compare_fields(found, path, fields, row.body, header=True, prefix="VDAgent")
            prefix = sum(int(field["type"][4:]) // 8 * field.get("count", 1) for field in fields
                         if "when_capability" in field)  # fmt: skip
            note(found, f"{path}.size", struct["fixed_size"] + prefix, extent(row.body)[0])
    for name in structs.keys() - used:
        found[f"agent.{name}"] = Pair("there", None)
    return found


def compare_link() -> Found:
    """Headers and structures outside message bodies."""
    found: Found = {}
    listed = load("link")
    used = set()
    for name, struct in listed["structs"].items():
        full = f"link.{name.removeprefix('Spice')}"
        used.add(full)
        compare_fields(found, full, struct["fields"], schema.records()[full], header=True, prefix="Spice")
        note(found, f"{full}.size", struct["fixed_size"], extent(schema.records()[full])[0])
    for full in schema.records():
        if full.startswith("link.") and full not in used:
            found[full] = Pair(None, "there")
    expected = {item.name: item.expect for item in schema.records()["link.LinkHeader"].fields}
    note(found, "link.LinkHeader.magic.expect", listed["magic"]["u32le"], expected["magic"])
    note(found, "link.LinkHeader.major_version.expect", listed["version"]["major"], expected["major_version"])
    note(found, "link.LinkHeader.minor_version.expect", listed["version"]["minor"], expected["minor_version"])
    return found


def compare_migration() -> Found:
    """What a server sends itself."""
    found: Found = {}
    listed = load("link")["migration"]
    for name, struct in listed["structs"].items():
        if name not in MIGRATION_STRUCTS:
            found[f"migration.{name}"] = Pair("there", None)
            continue
        full = MIGRATION_STRUCTS[name]
        record = schema.records()[full]
        first = record.fields[0].subcon
        shift = (
            extent(first)[0] if isinstance(first, wire.Record) and first.name == "migration.MigrateDataHeader" else 0
        )
        fields = [{**item, "name": item["name"].replace(".", "_")} for item in struct["fields"]]
        compare_fields(found, full, fields, record, header=True, shift=shift)
        note(found, f"{full}.size", struct["fixed_size"], extent(record)[0] - shift)
    header = schema.records()["migration.MigrateDataHeader"]
    compare_fields(found, header.name, listed["data_header"]["fields"], header, header=True)
    magics = {name.upper(): int.from_bytes(magic.encode(), "little") for name, magic in listed["magics"].items()}
    ours = {row.name: row.number for row in schema.channel("migration").server.values()}
    note(found, "migration.magics", magics, ours)
    return found


def compare_codecs() -> Found:
    """Headers of compressed streams; the stream itself is not a field of the inventory's."""
    found: Found = {}
    listed = load("images")
    descriptor = schema.records()["image.ImageDescriptor"]
    _compare_stream(found, "codec.descriptor", listed["descriptor"], descriptor.fields)
    note(found, "codec.descriptor.size", listed["descriptor_size"], extent(descriptor)[0])
    for name, stream in listed["streams"].items():
        if not stream["header"]:
            continue
        records = [schema.records()[full] for full in CODECS[name]]
        fields = [item for record in records for item in record.fields if item.name != "data"]
        _compare_stream(found, f"codec.{name}", stream["header"], fields)
        if "header_size" in stream:
            note(found, f"codec.{name}.size", stream["header_size"], sum(extent(record)[0] for record in records))
    note(found, "codec.names", {name for name, item in listed["streams"].items() if item["header"]}, set(CODECS))
    return found


def _compare_stream(found: Found, path: str, listed: list[dict[str, Any]], fields: Iterable[wire.Field]) -> None:
    ours = {item.name: item for item in fields}
    note(found, f"{path}.order", [item["name"] for item in listed], list(ours))
    for item in listed:
        field = ours.get(item["name"])
        if field is None:
            continue
        size, order = re.fullmatch(r"u(\d+)(le|be|)(?: offset)?", item["wire"]).groups()  # type: ignore[union-attr]
        other = schema_field(field.subcon)
        one: dict[str, object] = {"wire": f"uint{size}{'be' if order == 'be' else ''}"}
        if "enum" in item:
            name = class_name(item["enum"])
            one["names"] = ("flags" if issubclass(enum_classes()[name], WireFlags) else "enum", name)
        for aspect in one.keys() | other.keys():
            note(found, f"{path}.{item['name']}.{aspect}", one.get(aspect), other.get(aspect))
        if "value" in item:
            value = item["value"] if isinstance(item["value"], int) else int(item["value"], 16)
            note(found, f"{path}.{item['name']}.expect", value, field.expect)


def compare_counts() -> Found:
    """The inventory's totals, counted again here."""
    from spiceproto.schema import common

    found: Found = {}
    counts = load("counts")["counts"]
    note(found, "count.channels", counts["channels"], len(schema.CHANNELS))
    note(found, "count.common.server", counts["common_messages"]["server"], len(common.SERVER))
    note(found, "count.common.client", counts["common_messages"]["client"], len(common.CLIENT))
    for name, number in counts["channel_messages"].items():
        note(found, f"count.messages.{name}.server", number["server"], len(schema.channel(name).server))
        note(found, f"count.messages.{name}.client", number["client"], len(schema.channel(name).client))
    for name, number in counts["capabilities"].items():
        note(found, f"count.capabilities.{name}", number, len(enum_classes()[f"{name.capitalize()}Capability"]))
    note(found, "count.structs", counts["structs"], len(load("messages")["structs"]))
    listed = load("enums")["from_description"]
    note(found, "count.enums", counts["enums"], sum(item["kind"] == "enum" for item in listed))
    note(found, "count.flags", counts["flags"], sum(item["kind"] == "flags" for item in listed))
    note(found, "count.members", counts["enum_members"], sum(len(item["members"]) for item in listed))
    return found


SECTIONS = {
    "channels": lambda: compare_channels(load("messages")),
    "structs": lambda: compare_structs(load("messages")["structs"]),
    "enums": compare_enums,
    "agent": compare_agent,
    "link": compare_link,
    "migration": compare_migration,
    "codecs": compare_codecs,
    "counts": compare_counts,
}


@cache
def differences(section: str) -> Mapping[str, Pair]:
    return SECTIONS[section]()


@pytest.mark.parametrize("section", SECTIONS)
def test_differs_only_on_purpose(section: str) -> None:
    unexplained = {
        path: pair
        for path, pair in sorted(differences(section).items())
        if not any(fnmatchcase(path, pattern) for pattern in DELIBERATE)
    }
    assert not unexplained, "\n".join(f"{p}: inventory {a!r}, schema {b!r}" for p, (a, b) in unexplained.items())


@pytest.mark.parametrize("pattern", DELIBERATE)
def test_deliberate_is_still_different(pattern: str) -> None:
    assert any(fnmatchcase(path, pattern) for section in SECTIONS for path in differences(section))


def _changed(change: str) -> Any:
    """The inventory of messages with one thing changed."""
    copy = json.loads((INVENTORY / "messages.json").read_text())
    main = next(item for item in copy["channels"] if item["name"] == "main")
    init = next(item for item in main["server"] if item["name"] == "init")
    match change:
        case "INIT.number":
            init["type"] = 104
        case "INIT.constant":
            init["constant"] = "SPICE_MSG_INIT"
        case "INIT.ram_hint.wire":
            init["fields"][-1]["wire"] = "int32"
        case "INIT.order":
            init["fields"].reverse()
        case "INIT.size":
            init["size"] = 36
        case "INIT.capability":
            init["condition"] = {"peer_cap": "SPICE_MAIN_CAP_NAME_AND_UUID"}
        case "INIT.ram_hint":
            init["fields"].pop()
        case "INIT":
            main["server"].remove(init)
    return copy


@pytest.mark.parametrize(
    "change",
    ["INIT", "INIT.capability", "INIT.constant", "INIT.number", "INIT.order", "INIT.ram_hint", "INIT.ram_hint.wire",
     "INIT.size"],
)  # fmt: skip
def test_notices(change: str) -> None:
    """The comparison would see a mistake."""
    path = f"main.server.{change}"
    assert path not in differences("channels")
    assert path in compare_channels(_changed(change))
