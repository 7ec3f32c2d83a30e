"""Several machines together: whom a message concerns, and how each begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from spiceproto.capabilities import Capabilities
from spiceproto.errors import SchemaError
from spiceproto.machine.lives import Lives
from spiceproto.machine.rows import Scope, Situation
from spiceproto.machine.run import Run
from spiceproto.machine.table import Machine

__all__ = ["Held", "Machines", "begin"]

Held = Run | Lives
"""A conversation held against one machine."""

_ANSWERS: Final = 1 << 12
"""Answers that are remembered, so that a message costs one look-up; peers make up types of messages."""


def begin(
    machine: Machine,
    situation: Situation = "whole",
    *,
    client: Capabilities | None = None,
    server: Capabilities | None = None,
    now: float = 0.0,
) -> Held | None:
    """A conversation as it begins in a situation; None if the machine is not run there."""
    found = machine.begins[situation]
    if found is None:
        return None
    if machine.keys is not None:
        return Lives(machine, state=found.state, client=client, server=server, whole=found.past)
    return Run(machine, state=found.state, client=client, server=server, now=now, whole=found.past)


class Machines(Mapping[str, Machine]):
    """Machines by their names. Raises SchemaError for two with the same."""

    def __init__(self, machines: Iterable[Machine]) -> None:
        self._by_name: dict[str, Machine] = {}
        for machine in machines:
            if machine.name in self._by_name:
                raise SchemaError("two machines have one name", actual=machine.name)
            self._by_name[machine.name] = machine
        self.covering = lru_cache(_ANSWERS)(self._covering)
        self.concerned = lru_cache(_ANSWERS)(self._concerned)
        self.reads_fields = lru_cache(_ANSWERS)(self._reads_fields)

    def __getitem__(self, name: str) -> Machine:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def _covering(self, scope: Scope, channel: str = "") -> tuple[Machine, ...]:
        """Machines that run once for each such thing; of connections, those that read a channel."""
        return tuple(
            [item for item in self.values() if item.scope == scope and (scope != "connection" or item.covers(channel))]
        )

    def _concerned(self, channel: str, sender: str, message: str) -> tuple[tuple[str, str], ...]:
        """The machines that a message concerns, and what each calls it: those of the channel, then those of the session."""
        found = [(item, message) for item in self.covering("connection", channel)]
        found += [(item, f"{channel}.{message}") for item in self.covering("session") if item.covers(channel)]
        return tuple([(item.name, name) for item, name in found if item.reads(sender, name)])

    def _reads_fields(self, channel: str, sender: str, message: str) -> bool:
        """Whether any of them has to know what a message on a channel says."""
        return any(self[name].reads_fields(sender, known) for name, known in self.concerned(channel, sender, message))

    def has_condition(self, channel: str, sender: str, message: str) -> bool:
        """Whether one of them judges the capabilities that a message on a channel needs."""
        return any(
            rule.when is not None and (rule.sender, rule.message.partition(" ")[0]) == (sender, known)
            for name, known in self.concerned(channel, sender, message)
            for rule in self[name].rules
        )
