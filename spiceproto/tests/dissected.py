"""What tshark finds with the exported Wireshark dissector: messages, and the number in every field."""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from spiceproto.command import main
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.tests.peers import need, program
from spiceproto.walk import Items, Node, Reference, Scalar, Structure

OCTETS = (
    "spiceproto.port.init.name",
    "spiceproto.main.name.name",
    "spiceproto.main.uuid.uuid",
    "spiceproto.inputs.key_scancode.data",
    "spiceproto.tunnel.service_add.description",
)
"""Fields of bytes that are compared in the capture made here: in line, behind pointers, up to a zero byte, the rest."""

Messages = dict[tuple[int, str], list[Any]]
"""(TCP stream, sender) -> something of each message, in order."""


def exported(folder: Path) -> Path:
    """The exported dissector."""
    need("tshark")
    path = folder / "spice.lua"
    assert main(["export", "lua", "-o", str(path)]) == 0
    return path


def tshark(script: Path, capture: Path, *options: str) -> str:
    """What tshark prints; any word of an error in Lua fails the test."""
    command = [program("tshark"), "-X", f"lua_script:{script}", "-r", str(capture), *options]
    keys = capture.with_name(capture.name.removesuffix(".pcapng") + ".keys.txt")
    if keys.exists():
        command += ["-o", f"tls.keylog_file:{keys}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    noise = [line for line in done.stderr.splitlines() if "Running as user" not in line]
    assert not noise and done.returncode == 0, noise
    assert "_ws.lua.error" not in done.stdout
    assert "Lua Error" not in done.stdout
    return done.stdout


def names_seen(script: Path, capture: Path, *options: str) -> Messages:
    """The names of the messages that the dissector finds."""
    fields = ("tcp.stream", "spiceproto.sender", "spiceproto.message", "_ws.lua.error")
    text = tshark(
        script,
        capture,
        *options,
        "-Y",
        "spiceproto",
        "-T",
        "fields",
        "-E",
        "separator=;",
        *(word for name in fields for word in ("-e", name)),
    )
    found: Messages = defaultdict(list)
    for line in text.splitlines():
        stream, sender, names, error = line.split(";")
        assert not error
        if names:
            found[int(stream.split(",")[-1]), sender.split(",")[0]] += names.split(",")
    return found


def snake(name: str) -> str:
    return re.sub(r"([A-Z])([A-Z][a-z])", r"\1_\2", re.sub(r"([a-z])([A-Z])", r"\1_\2", name)).lower()


def field_name(item: Structure, member: str) -> str:
    return f"spiceproto.{item.module}.{snake(item.class_name)}.{member.lower()}"


def number(node: Scalar, value: Any) -> int:
    """A number of a value, or of the decoder's JSON, where enumerations are names and flags lists of names."""
    if isinstance(value, list):
        return sum(number(node, one) for one in value)
    if isinstance(value, str):
        kind: type[WireEnum] | type[WireFlags] | None = node.table
        assert kind is not None
        return next(int(one) for one in kind.__members__.values() if str(one.name).removeprefix("_") == value)
    return int(value)


def scalars(item: Structure, value: Any) -> Iterator[tuple[str, int]]:
    """Every number of a value in the order of the schema, with the dissector's name for it."""
    done = set()
    for member in item.members:
        found = value.get(member.name) if isinstance(value, dict) else getattr(value, member.name)
        if found is None or (member.condition is not None and member.name in done):
            continue
        if member.condition is not None and not holds(item, member.condition, value):
            continue
        done.add(member.name)
        yield from node_scalars(field_name(item, member.name), member.node, found)


def holds(item: Structure, condition: Any, value: Any) -> bool:
    node: Any = item
    for name in condition.on.split("."):
        node = node.member(name).node
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    return bool(condition.holds(number(node, value)))


def node_scalars(name: str, node: Node, value: Any) -> Iterator[tuple[str, int]]:
    match node:
        case Scalar():
            yield name, number(node, value)
        case Structure():
            yield from scalars(node, value)
        case Items():
            for one in value:
                yield from node_scalars(name, node.element, one)
        case Reference():
            yield from node_scalars(name, node.target, value)


Octets = dict[int, list[tuple[str, bytes]]]


def fields_seen(script: Path, capture: Path) -> tuple[Messages, Messages, Octets]:
    """(name, [(field, text)]) of messages and of agent messages, and the bytes of OCTETS, from the XML of tshark."""
    text = tshark(script, capture, "-Y", "spiceproto", "-T", "pdml", "-J", "tcp spiceproto")
    messages: Messages = defaultdict(list)
    agents: Messages = defaultdict(list)
    octets: Octets = defaultdict(list)
    for packet in ElementTree.fromstring(text).iter("packet"):
        (stream,) = {int(field.get("show", "")) for field in packet.iter("field") if field.get("name") == "tcp.stream"}
        for proto in packet.iter("proto"):
            if proto.get("name") != "spiceproto":
                continue
            every = [(str(field.get("name")), field) for field in proto.iter("field")]
            shown = [(name, str(field.get("show"))) for name, field in every]
            octets[stream] += [(name, bytes.fromhex(str(one.get("value")))) for name, one in every if name in OCTETS]
            facts = dict(reversed(shown))
            if "spiceproto.message" not in facts:
                continue
            key = (stream, facts["spiceproto.sender"])
            messages[key].append((facts["spiceproto.message"], shown))
            start = 0
            for index, (name, text) in enumerate(shown):
                if name == "spiceproto.agent":
                    start = index
                    agents[key].append((text, []))
                elif start and name.startswith("spiceproto.agent."):
                    agents[key][-1][1].append((name, text))
    return messages, agents, octets


def numbers(shown: list[tuple[str, str]], wanted: set[str]) -> list[tuple[str, int]]:
    """The numbers of the fields named in ``wanted``."""
    return [(name, int(text, 0)) for name, text in shown if name in wanted]


def integer_fields(item: Structure) -> set[str]:
    """Names of all integer fields that a structure can hold."""
    found: set[str] = set()

    def visit(name: str, node: Node) -> None:
        match node:
            case Scalar():
                found.add(name)
            case Structure():
                for member in node.members:
                    visit(field_name(node, member.name), member.node)
            case Items():
                visit(name, node.element)
            case Reference():
                visit(name, node.target)

    visit("", item)
    return found
