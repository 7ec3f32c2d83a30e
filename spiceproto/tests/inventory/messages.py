"""Channels, their messages and the structures of the description: ``messages.json``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from spiceproto import schema
from spiceproto.enums.base import WireEnum
from spiceproto.message import Message, Sender
from spiceproto.schema import common
from spiceproto.tests.inventory.difference import Found, Pair, class_name, note
from spiceproto.tests.inventory.fields import compare_fields, compare_size

RENAMED: dict[str, tuple[str, ...]] = {
    "AudioMute": ("playback.Mute", "record.Mute"),
    "AudioVolume": ("playback.Volume", "record.Volume"),
    "Data": (
        "common.List",
        "common.MigrateData",
        "display.QualityIndicator",
        "inputs.KeyScancode",
        "main.AgentData",
        "main.QualityIndicator",
        "spicevmc.Data",
    ),
    "Empty": (
        "common.Ack",
        "common.BaseLast",
        "common.MigrateFlushMark",
        "cursor.Hide",
        "display.Mark",
        "main.MigrateEnd",
        "playback.Stop",
        "record.Stop",
    ),
    "EmptyStructure": (),
    "VscMessageAPDU": ("smartcard.VscApdu",),
    "VscMessageATR": ("smartcard.VscAtr",),
    "VscMessageError": ("smartcard.VscError",),
    "VscMessageHeader": (),
    "VscMessageReaderAdd": ("smartcard.VscReaderAdd",),
}
"""Structures of the description that have another name here, or several: a class belongs to one channel."""


def capability_name(member: WireEnum | None) -> str | None:
    if member is None:
        return None
    return f"SPICE_{type(member).__name__.removesuffix('Capability').upper()}_CAP_{member.name}"


def compare_messages(
    found: Found, name: str, sender: Sender, listed: list[dict[str, Any]], rows: Iterable[Message], prefix: str
) -> None:
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
