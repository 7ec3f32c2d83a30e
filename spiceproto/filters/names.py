"""What the names of a filter mean besides fields, and all messages there are to ask for fields.

``.size`` with a dot before it is always a field: where one is called like something of this table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from spiceproto import dispatch
from spiceproto.channels import NAMES
from spiceproto.filters.fields import NUMBER, WORD, Kind, fields, named
from spiceproto.generated.catalogue import TABLES
from spiceproto.image_places import PICTURES

__all__ = [
    "HEADER",
    "IMAGE",
    "LAYERS",
    "Candidate",
    "Name",
    "all_names",
    "candidates",
    "field_names",
    "image_kind",
    "words",
]


class Name(NamedTuple):
    """``settled``: the same for all messages of a sender on a connection, of one type; otherwise each has its own."""

    kind: Kind
    settled: bool
    text: str


HEADER: Final[Mapping[str, Name]] = MappingProxyType(
    {
        "channel": Name(WORD, True, "the channel: main, display, ..."),
        "channel_id": Name(NUMBER, True, "which channel of that type"),
        "connection": Name(NUMBER, True, "number of the connection in the capture"),
        "session": Name(NUMBER, True, "number of the session in the capture"),
        "direction": Name(WORD, True, "who sends: client, server"),
        "protocol": Name(WORD, True, "spice, or what is inside of it: agent, usbredir, webdav, vsc, state; link before it"),
        "name": Name(WORD, True, "what the message is called: DRAW_COPY"),
        "type": Name(NUMBER, True, "its number on the wire; messages of spice and of the agent"),
        "number": Name(NUMBER, False, "number of the message in the capture; messages of spice"),
        "serial": Name(NUMBER, False, "number of the message of its sender on the channel; messages of spice"),
        "size": Name(NUMBER, False, "bytes without the header of spice"),
        "time": Name(NUMBER, False, "seconds since the first thing seen"),
        "epoch": Name(NUMBER, False, "seconds since 1970"),
        "frame": Name(NUMBER, False, "number of any frame in the capture that the message is from"),
    }
)

IMAGE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "image": "the message has an image; masks are none",
        "image.id": "its key in the pixmap cache",
        "image.type": "how its pixels are encoded",
        "image.flags": "what to do with it",
        "image.width": "pixels",
        "image.height": "pixels",
        "image.codec": "of its streams: QUIC, LZ, GLZ, LZ4, JPEG",
    }
)
"""Of any image of a message, read from its header alone."""

LAYERS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        **{name: ("spice", name) for name in NAMES},
        **dict.fromkeys(("agent", "agent_selection", "agent_serial", "agent_selection_serial"), ("agent", "main")),
        "vsc": ("vsc", "smartcard"),
        "usb": ("usbredir", "usbredir"),
    }
)
"""Table to the protocol it belongs to, and the channel that this is on."""

PROTOCOLS: Final = ("spice", "agent", "usbredir", "webdav", "vsc", "state", "link")


_CHUNKS: Final = ("CHUNK", "CLOSE")

_LINK_STEPS: Final = (
    "link-header",
    "link-message",
    "link-reply",
    "link-error",
    "auth-mechanism",
    "ticket",
    "sasl-mechanism-list",
    "sasl-start",
    "sasl-challenge",
    "sasl-response",
    "sasl-result",
    "link-result",
    "established",
    "failed",
    "opaque",
)

_UNKNOWN: Final = "UNKNOWN_0"
"""What a message of an unknown number is called like."""


def image_kind(name: str) -> Kind:
    """Of a name in :data:`IMAGE`."""
    from spiceproto.enums.image import ImageFlags, ImageType

    found = {"image.type": Kind("enum", ImageType), "image.flags": Kind("flags", ImageFlags), "image.codec": WORD}
    return found.get(name, NUMBER)


@cache
def words(name: str) -> tuple[str, ...]:
    """The words that a name may be compared with without quotes."""
    if name == "channel":
        return NAMES
    if name == "direction":
        return ("client", "server")
    if name == "protocol":
        return PROTOCOLS
    if name == "image.codec":
        return ("QUIC", "LZ", "GLZ", "LZ4", "JPEG")
    found = {line.split()[1]: None for senders in TABLES.values() for lines in senders.values() for line in lines.splitlines()}
    return (*found, *_CHUNKS)


class Candidate(NamedTuple):
    """Something that a capture may have: what is settled of it, and the classes of its values."""

    settled: Mapping[str, Any]
    classes: tuple[type, ...]
    images: str = ""


def _layer(module: str, *names: str) -> tuple[type, ...]:
    from importlib import import_module

    holder = import_module(f"spiceproto.messages.{module}")
    found = [item for item in vars(holder).values() if getattr(item, "__module__", "") == holder.__name__]
    return tuple([item for item in found if not names or item.__name__ in names])


def _carriers(protocol: str) -> tuple[type, ...]:
    """The classes of values before what an inner protocol says in a packet."""
    return _layer("usbredir", "UsbredirHeader", "UsbredirWideHeader") if protocol == "usbredir" else ()


def candidates(unknown: str | None = _UNKNOWN) -> Iterator[Candidate]:
    """Every message there is, and last one of an unknown number on each channel, and what is no message.

    ``unknown``: what is called so; None: nobody knows.
    """
    nameless = {} if unknown is None else {"name": unknown}
    for table, (protocol, channel) in LAYERS.items():
        for sender in TABLES[table]:
            settled = {"channel": channel, "direction": sender, "protocol": protocol}
            for row in dispatch.rows(table, sender).values():
                number = row.number if protocol in ("spice", "agent") else None
                known = {**settled, "name": row.name, "type": number}
                yield Candidate(known, (*_carriers(protocol), row.value_class), row.name if row.name in PICTURES else "")
    for channel in NAMES:
        yield Candidate({"channel": channel, "protocol": "spice", **nameless}, ())
    yield Candidate({"protocol": "spice", **nameless}, ())
    yield Candidate({"channel": "main", "protocol": "agent", **nameless}, ())
    for name in _CHUNKS:
        yield Candidate({"channel": "webdav", "protocol": "webdav", "name": name, "type": None}, _layer("webdav"))
    for name in _LINK_STEPS:
        yield Candidate({"protocol": "link", "name": name, "type": None}, _layer("link"))
    for row in dispatch.rows("migration", "server").values():
        yield Candidate({"protocol": "state", "name": row.name, "type": None}, (row.value_class,))


def field_names(name: str) -> Iterator[tuple[type, Kind]]:
    """Where there is a field of this name: the class of the message, and what the field is."""
    seen: set[type] = set()
    for candidate in candidates():
        for value_class in candidate.classes:
            if value_class not in seen:
                seen.add(value_class)
                yield from ((value_class, field.kind) for field in named(value_class, name))


@cache
def all_names() -> tuple[str, ...]:
    """Every name: those of the tables, and each end of the path of a field or a structure."""
    found = dict.fromkeys((*HEADER, *IMAGE))
    for candidate in candidates():
        for value_class in candidate.classes:
            for field in fields(value_class):
                parts = field.path.split(".")
                ends = range(1, len(parts) + 1)
                found |= {".".join(parts[begin:end]): None for end in ends for begin in range(end)}
    return tuple(found)
