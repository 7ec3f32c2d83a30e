"""What the user of a client may wish: the channels of a session by name, and verbs for whoever has only words.

    client.inputs.motion(3, -1)
    client.main.request_mouse_mode("client")
    client.displays[0].picture()
    client.channel(CursorChannel, 0)                   a channel that has no name here
    client.wish("motion", {"dx": 3, "dy": -1})         a verb of spiceproto.controls

A wish that the session cannot have raises LocalError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast

from reference_client.channels import CHANNELS, ClientChannel, DisplayChannel, InputsChannel, MainChannel
from reference_client.line import Line
from spiceproto.channels import channel_name
from spiceproto.controls import control
from spiceproto.errors import LocalError

__all__ = ["VERBS", "ById", "Wishes"]

C = TypeVar("C", bound=ClientChannel)

VERBS: Final[Mapping[str, type[ClientChannel]]] = {
    verb: kind.channel for kind in CHANNELS.values() for verb in kind.channel.verbs
}
"""Verb to the channel that it is about."""


class ById(dict[int, C]):
    """The channels of one class by their ids. Raises LocalError for an id that is not there."""

    def __init__(self, name: str, found: Mapping[int, C]) -> None:
        super().__init__(found)
        self._name = name

    def __missing__(self, id: int) -> C:
        raise LocalError(f"there is no {self._name} channel {id}", expected=", ".join(map(str, self)), actual=str(id))


class Wishes:
    """What a client gives its user. ``lines`` are those of the session, by type and id of their channels."""

    lines: dict[tuple[int, int], Line]

    @property
    def main(self) -> MainChannel:
        """The main channel. Raises LocalError unless it is linked."""
        return self.channel(MainChannel)

    @property
    def inputs(self) -> InputsChannel:
        """The inputs channel. Raises LocalError unless there is one."""
        return self.channel(InputsChannel)

    @property
    def displays(self) -> ById[DisplayChannel]:
        """The display channels by their ids; what one has drawn is there when its connection is gone."""
        return self.channels_of(DisplayChannel)

    def channel(self, kind: type[C], id: int | None = None) -> C:
        """The linked channel of this class and id; the first one without an id. Raises LocalError if there is none."""
        for channel in self.channels_of(kind).values():
            if channel.line.state == "linked" and id in (None, channel.id):
                return channel
        raise LocalError(f"there is no {_name_of(kind)} channel" + ("" if id is None else f" {id}"))

    def channels_of(self, kind: type[C]) -> ById[C]:
        """All channels of this class that were ever linked."""
        name = _name_of(kind)
        lines = [line for line in self.lines.values() if line.name == name and line.channel is not None]
        return ById(name, {line.id: cast(C, line.channel) for line in lines})

    def wish(self, verb: str, values: Mapping[str, Any]) -> Any:
        """Do what a verb says, on the channel it is about; what it answers is given back.

        Raises LocalError for values that are wrong, for a verb that no channel has, and where there is no such channel.
        """
        return self.carry_out(verb, control("client", verb).read(values))

    def carry_out(self, verb: str, read: Mapping[str, Any]) -> Any:
        """The same with values that were read.

        Raises LocalError for a verb that no channel has, and where there is no such channel.
        """
        kind = VERBS.get(verb)
        if kind is None:
            raise LocalError("no channel can be told this", expected=", ".join(VERBS), actual=verb)
        linked = [channel for channel in self.channels_of(kind).values() if channel.line.state == "linked"]
        channel = type(linked[0]).chosen(linked, read) if linked else None
        if channel is None:
            raise LocalError(f"there is no {_name_of(kind)} channel")
        return getattr(channel, kind.verbs[verb].__name__)(**read)


def _name_of(kind: type[ClientChannel]) -> str:
    """Name of the type whose channels are of this class."""
    return next((channel_name(number) for number, row in CHANNELS.items() if issubclass(kind, row.channel)), kind.__name__)
