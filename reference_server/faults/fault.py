"""A server that breaks one rule, and how such a server is declared.

    @fault("init-twice", "SPICE-MAIN-002")
    class InitTwice(MainMember):
        \"\"\"Sends INIT twice.\"\"\"

        def open_session(self, now: float) -> None:
            super().open_session(now)
            self.send(self.init(now))

What a class derives from says which part of the server it stands in for: a member, the link stage, the policy, the
framing of a channel, or all of the server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from reference_server.member import Member
from reference_server.policy import Policy
from reference_server.server import Server
from spiceproto.channel import Channel
from spiceproto.link.server import ServerLink

__all__ = ["DECLARED", "Fault", "fault"]


class Fault(msgspec.Struct, frozen=True):
    """One mistake.

    * ``name``: what is wrong, in a few words with hyphens
    * ``requirement``: id of the sentence it breaks
    * ``breaks``: ids of all sentences that a perfect suite would report; the first is ``requirement``
    * ``title``: what is wrong, in a sentence
    * ``make``: the server that does it; called like :class:`reference_server.server.Server`
    """

    name: str
    requirement: str
    breaks: tuple[str, ...]
    title: str
    make: type[Server]


DECLARED: Final[dict[str, Fault]] = {}
"""Faults by name, in the order of the specification."""

_Class = TypeVar("_Class", bound=type[Any])

_PARTS: Final[tuple[tuple[type, str], ...]] = (
    (ServerLink, "link_class"),
    (Policy, "policy_class"),
    (Channel, "channel_class"),
)


def fault(name: str, requirement: str, *also: str, on: type[Member] | None = None) -> Callable[[_Class], _Class]:
    """Declare a fault: ``also`` are further sentences that it breaks.

    ``on`` names the member that a faulty channel class is for, if it is not for all.
    """

    def keep(part: _Class) -> _Class:
        if name in DECLARED:
            raise ValueError(f"two faults have the name {name}")
        title = (part.__doc__ or "").strip().partition("\n")[0]
        DECLARED[name] = Fault(name, requirement, (requirement, *also), title, _server(part))
        return part

    return keep


def _server(part: type[Any]) -> type[Server]:
    if issubclass(part, Server):
        return part
    if issubclass(part, Member):
        members = {kind: part if issubclass(part, usual) else usual for kind, usual in Server.members.items()}
        return type(f"{part.__name__}Server", (Server,), {"members": members})
    attribute = next(attribute for base, attribute in _PARTS if issubclass(part, base))
    return type(f"{part.__name__}Server", (Server,), {attribute: part})
