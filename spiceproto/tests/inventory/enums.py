"""Everything with names for numbers: ``enums.json``, ``capabilities.json``, and what the other files have of the kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import spiceproto.enums
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.tests.inventory.difference import Found, Pair, class_name, load, note

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
