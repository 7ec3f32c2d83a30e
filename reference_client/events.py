"""What a client tells whoever sits in front of it.

Events come in the order in which things happened; :func:`as_json` is their form for logs and for the control protocol.
"""

from __future__ import annotations

from typing import Any

import msgspec

from spiceproto.enums.link import LinkErr

__all__ = [
    "ChannelClosed",
    "ChannelLinked",
    "ChannelRefused",
    "ChannelsListed",
    "Ended",
    "Event",
    "Initialised",
    "KeyModifiersChanged",
    "Marked",
    "MessageSkipped",
    "MouseModeChanged",
    "Named",
    "Notified",
    "SurfaceCreated",
    "SwitchHost",
    "as_json",
]


class ChannelLinked(msgspec.Struct, frozen=True, tag_field="event", tag="linked"):
    """A channel is there. ``secure`` says whether it has TLS, ``mechanism`` is the number of the login's mechanism."""

    channel: str
    id: int
    secure: bool
    mini_header: bool
    mechanism: int


class ChannelRefused(msgspec.Struct, frozen=True, tag_field="event", tag="refused"):
    """A channel could not be had.

    * ``error``: what the server said; None if it said nothing, or nothing that makes sense
    * ``stage``: where: "connect", or a stage of the link
    * ``text``: why, for people
    """

    channel: str
    id: int
    error: LinkErr | int | None
    stage: str
    text: str


class ChannelClosed(msgspec.Struct, frozen=True, tag_field="event", tag="closed"):
    """A channel that was linked is gone."""

    channel: str
    id: int
    text: str


class Initialised(msgspec.Struct, frozen=True, tag_field="event", tag="init"):
    """The session has begun."""

    session_id: int
    supported_mouse_modes: int
    mouse_mode: int
    agent_connected: bool


class ChannelsListed(msgspec.Struct, frozen=True, tag_field="event", tag="channels"):
    """The server has these channels, as (type, id), known or not."""

    channels: tuple[tuple[int, int], ...]


class MouseModeChanged(msgspec.Struct, frozen=True, tag_field="event", tag="mouse-mode"):
    """The mouse mode, or what is supported, is another."""

    supported: int
    mode: int


class Named(msgspec.Struct, frozen=True, tag_field="event", tag="name"):
    """The guest has a name."""

    name: str


class Notified(msgspec.Struct, frozen=True, tag_field="event", tag="notify"):
    """The server has something to read for the user."""

    channel: str
    severity: int
    visibility: int
    what: int
    text: str


class KeyModifiersChanged(msgspec.Struct, frozen=True, tag_field="event", tag="key-modifiers"):
    """The guest's lock keys are on or off."""

    modifiers: int


class SurfaceCreated(msgspec.Struct, frozen=True, tag_field="event", tag="surface"):
    """A display has a new surface."""

    display: int
    surface: int
    width: int
    height: int
    primary: bool


class Marked(msgspec.Struct, frozen=True, tag_field="event", tag="marked"):
    """A display has something to show: its primary surface was marked, or drawn to for the first time."""

    display: int


class MessageSkipped(msgspec.Struct, frozen=True, tag_field="event", tag="skipped"):
    """A message that is not known, or that could not be parsed."""

    channel: str
    id: int
    type: int
    text: str


class SwitchHost(msgspec.Struct, frozen=True, tag_field="event", tag="switch-host"):
    """The server asks the client to go elsewhere."""

    host: str
    port: int
    tls_port: int
    host_subject: str


class Ended(msgspec.Struct, frozen=True, tag_field="event", tag="ended"):
    """The session is over, and all its channels with it.

    * ``orderly``: it had begun, and one of the ends closed it
    """

    orderly: bool
    text: str


Event = (
    ChannelLinked
    | ChannelRefused
    | ChannelClosed
    | Initialised
    | ChannelsListed
    | MouseModeChanged
    | Named
    | Notified
    | KeyModifiersChanged
    | SurfaceCreated
    | Marked
    | MessageSkipped
    | SwitchHost
    | Ended
)


def as_json(event: Event) -> dict[str, Any]:
    """An event as a JSON object; its kind is under ``event``."""
    found: dict[str, Any] = msgspec.to_builtins(event)
    return found
