"""The inventory's totals: ``counts.json``."""

from __future__ import annotations

from spiceproto import schema
from spiceproto.schema import common
from spiceproto.tests.inventory.difference import Found, load, note
from spiceproto.tests.inventory.enums import enum_classes


def compare_counts() -> Found:
    """The inventory's totals, counted again here."""
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
