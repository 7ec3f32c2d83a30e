"""What a fault is: a client that breaks a sentence of the specification, and as little else as possible.

Each is a subclass of :class:`~reference_client.client.Client` of a few lines, which reaches into the link stage and the message
layer of ``spiceproto`` where it has to: what nobody should do has no public way.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from types import MappingProxyType

import msgspec

from reference_client.client import Client
from reference_client.options import Options
from reference_client.part import Part
from spiceproto.enums.link import ChannelType

__all__ = ["Fault", "fault", "with_parts"]


class Fault(msgspec.Struct, frozen=True):
    """A way to be wrong.

    * ``name``: says what is wrong
    * ``requirement``: the sentence it is made to break
    * ``breaks``: all that a perfect suite would report, that sentence first
    * ``title``: what the client does, in a sentence
    * ``client``: the class that does it
    """

    name: str
    requirement: str
    breaks: tuple[str, ...]
    title: str
    client: type[Client]

    def make(self, options: Options | None = None, random: Random | None = None) -> Client:
        """A client with this fault."""
        return self.client(options, random=random)


def fault(name: str, breaks: str, client: type[Client]) -> Fault:
    """A row of a catalogue. ``breaks`` are numbers of sentences, ``LINK-001 LINK-039``; the title is the class's docstring."""
    ids = tuple([f"SPICE-{number}" for number in breaks.split()])
    assert client.__doc__
    return Fault(name, ids[0], ids, client.__doc__, client)


def with_parts(**parts: type[Part]) -> Mapping[int, type[Part]]:
    """The usual parts, but for those named by channel: ``with_parts(main=..., inputs=...)``."""
    return MappingProxyType({**Client.parts, **{ChannelType[name.upper()]: part for name, part in parts.items()}})
