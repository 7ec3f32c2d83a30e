"""The declarative source: every structure and message of the protocol, a file a channel.

Nothing is declared a second time: parsers, builders, value classes, tables, strategies and dissectors are derived from
here. Importing a module of this package imports construct; programs that only parse do not need to.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spiceproto.message import Message, Sender, Table
    from spiceproto.wire import Record

__all__ = ["CHANNELS", "MODULES", "channel", "channels", "records", "rows"]

CHANNELS = ("main", "display", "inputs", "cursor", "playback", "record", "tunnel", "smartcard", "usbredir", "port", "webdav")
"""Channels that have a number of their own, in the order of their numbers."""

MODULES = (
    "geometry",
    "common",
    "link",
    "codec",
    "main",
    "image",
    "draw",
    "display",
    "inputs",
    "cursor",
    "playback",
    "record",
    "tunnel",
    "smartcard",
    "spicevmc",
    "usbredir",
    "port",
    "webdav",
    "agent",
    "migration",
)
"""The files of this package, in an order in which each comes after those it uses."""


@cache
def channels() -> Mapping[str, Table]:
    """Every message table by name: the channels, then the layers inside them."""
    from spiceproto.schema import agent, migration, smartcard, usbredir

    found: dict[str, Table] = {name: getattr(import_module(f"spiceproto.schema.{name}"), name.upper()) for name in CHANNELS}
    for table in (*agent.TABLES, smartcard.VSC, usbredir.USB, migration.MIGRATION):
        found[table.name] = table
    return MappingProxyType(found)


def channel(name: str) -> Table:
    """One message table by name."""
    return channels()[name]


@cache
def rows(name: str, sender: Sender) -> Mapping[int, Message]:
    """Number to message, with the messages that every channel has."""
    from spiceproto.schema import common

    table = channels()[name]
    found: dict[int, Message] = {}
    if table.common:
        found.update({row.number: row for row in (common.SERVER if sender == "server" else common.CLIENT)})
    found.update(table.rows(sender))
    return MappingProxyType(found)


@cache
def records() -> Mapping[str, Record]:
    """Every structure by its full name ``module.Class``, each after those it uses."""
    from spiceproto.wire import Record, parts

    found: dict[str, Record] = {}

    def add(item: Record) -> None:
        if item.name in found:
            return
        for part in parts(item):
            add(part)
        found[item.name] = item

    for name in MODULES:
        module = import_module(f"spiceproto.schema.{name}")
        for item in vars(module).values():
            if isinstance(item, Record):
                add(item)
    return MappingProxyType(found)
