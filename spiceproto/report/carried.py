"""What byte channels carry, in the words of reports: usbredir packets, chunks of a webdav channel."""

from __future__ import annotations

from typing import Any

from spiceproto import scsi_names, vsc
from spiceproto.capture.consumer import Inner
from spiceproto.usbredir import Packet
from spiceproto.vsc import Inside

_PARTS = 4
_SHOWN = 64
"""Bytes of a command or an answer that are printed."""

__all__ = ["as_dict", "protocol", "text", "values"]


def protocol(item: Inner) -> str:
    """As lines call it."""
    if isinstance(item, Inside):
        return "vsc"
    return "usbredir" if isinstance(item, Packet) else "webdav"


def as_dict(item: Inner) -> dict[str, Any]:
    """What it says, for JSON lines and others."""
    if isinstance(item, Inside):
        return _of_card(item)
    if not isinstance(item, Packet):
        said: dict[str, Any] = {"client": item.value.client, "length": len(item.value.data)}
        return said | ({"http": item.lines} if item.lines else {})
    header, hello = item.header, item.hello
    said = {"type": int(header.type), "length": header.length, "id": header.id}
    if hello is not None:
        said["version"] = hello.version.rstrip(b"\0").decode("utf-8", "backslashreplace")
        said["capabilities"] = item.capabilities
    elif item.value is not None and item.value.__struct_fields__:
        said["fields"] = {name: _plain(getattr(item.value, name)) for name in item.value.__struct_fields__}
        command = scsi_names.transport(bytes(getattr(item.value, "data", b"")))
        said |= {"command": command} if command else {}
    return said


def _of_card(item: Inside) -> dict[str, Any]:
    """A message about smart cards; a command has the parts and the name that ISO/IEC 7816-4 gives it."""
    said: dict[str, Any] = {"reader": item.reader_id}
    if item.name == "Error":
        said["code"] = int(item.value.code)
    elif item.name == "ReaderAdd":
        said["called"] = item.value.name.decode("utf-8", "backslashreplace")
    elif item.name == "ATR":
        said["atr"] = item.value.atr.hex()
    elif item.name == "APDU":
        data = bytes(item.value.data)
        if item.command and vsc.command_name(data):
            said["command"] = vsc.command_name(data)
            said |= dict(zip(("cla", "ins", "p1", "p2"), [f"{byte:02x}" for byte in data[:_PARTS]], strict=False))
        said["data"] = data[:_SHOWN].hex() + ("..." if len(data) > _SHOWN else "")
    return said


def values(item: Inner) -> tuple[Any, ...]:
    """The values that it is made of, as far as they are read."""
    if not isinstance(item, Packet):
        return (item.value,)
    return (item.header,) if item.value is None else (item.header, item.value)


def text(item: Inner) -> str:
    """The same in a line."""
    said = as_dict(item)
    if isinstance(item, Packet):
        said.pop("type", None)
    said.pop("length", None)
    fields = said.pop("fields", {})
    said |= {name: value for name, value in fields.items() if isinstance(value, int)}
    return " ".join(f"{name}={_shown(value)}" for name, value in said.items())


def _plain(value: Any) -> Any:
    """A value of a field as JSON has it."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, tuple):
        return tuple([int(item) for item in value])
    return int(value)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return repr(value)
    return "|".join(map(repr if value and " " in str(value[0]) else str, value)) if isinstance(value, tuple) else str(value)
