"""The agent's messages and structures: ``agent.json``."""

from __future__ import annotations

from typing import Any

from spiceproto import schema
from spiceproto.tests.inventory.difference import Found, Pair, load, note
from spiceproto.tests.inventory.fields import compare_fields
from spiceproto.tests.inventory.sizes import extent

AGENT_STRUCTS = {
    "VDAgentDeviceDisplayInfo": "agent.DeviceDisplayInfo",
    "VDAgentFileXferStatusError": "agent.FileXferStatusError",
    "VDAgentFileXferStatusNotEnoughSpace": "agent.FileXferStatusNotEnoughSpace",
    "VDAgentMonConfig": "agent.MonConfig",
    "VDAgentMonitorMM": "agent.MonitorMM",
    "VDIChunkHeader": "agent.ChunkHeader",
}
"""Structures of the agent that are no bodies, without their prefix."""


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
            prefix = sum(int(field["type"][4:]) // 8 * field.get("count", 1) for field in fields if "when_capability" in field)
            note(found, f"{path}.size", struct["fixed_size"] + prefix, extent(row.body)[0])
    for name in structs.keys() - used:
        found[f"agent.{name}"] = Pair("there", None)
    return found
