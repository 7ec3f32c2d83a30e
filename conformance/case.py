"""What a case is, and how one is declared.

    @server_case("SPICE-LINK-006/zero-bytes")
    def zero_bytes(client: SuiteClient) -> None:
        \"\"\"Four zero bytes where REDQ belongs.\"\"\"
        wire = client.connect()
        wire.send(bytes(16), "sixteen zero bytes")
        ...

The function is the conversation; its docstring says in one line what it does. It ends in peace (pass), or raises
:class:`conformance.talk.Failure` or :class:`conformance.talk.NotApplicable`. A case with several values is declared
several times, with the values behind the id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import msgspec

__all__ = ["NEEDS", "Case", "client_case", "declared", "server_case"]

NEEDS: Final[dict[str, str]] = {
    "ticket": "a password is wanted",
    "no-ticket": "no password is wanted",
    "ticket-login": "tickets are accepted",
    "sasl": "SASL is offered",
    "sasl-only": "SASL is the only login",
    "no-sasl": "SASL is not offered",
    "plain": "connections without TLS are accepted",
    "tls": "there is a TLS port",
    "secured-inputs": "the inputs channel demands TLS, and main does not",
    "half-close": "the transport can close one direction",
    "raw-stream": "bytes reach the target as they are sent: no WebSocket between",
    "two-displays": "there are two display channels",
    "one-session": "one session is served at a time",
    "many-sessions": "several sessions are served at a time",
    "control:set-password": "the password can be changed from outside",
    "control:expire-password": "the password can be made to expire from outside",
    "control:pointer": "the guest's pointing device can be changed from outside",
    "control:input-events": "what the guest got can be read from outside",
    "control:animate": "the guest can be made to draw",
    "control:add-channel": "a channel can be added at run time",
    "control:agent": "a guest agent can be made to appear and to go",
    "control:expect-migration": "the server can be told to expect a migration",
    "control:notify": "the server can be told to notify",
    "control:shutdown": "the server can be told to end the session in order",
    "act:motion": "the client can be told to move the mouse",
    "act:position": "the client can be told to place the pointer",
    "act:press": "the client can be told to press a button",
    "act:release": "the client can be told to release a button",
    "act:wheel": "the client can be told to turn the wheel",
    "act:key": "the client can be told to press a key",
    "act:scancode": "the client can be told to send scan codes as bytes",
    "act:mouse-mode": "the client can be told to ask for a mouse mode",
    "act:disconnect": "the client can be told to disconnect",
    "act:password": "the client can be given another password",
    "client-tls": "the client knows a TLS port",
    "client-sasl": "the client can log in by SASL",
}
"""What a case may need of its target, and what that means."""


class Case(msgspec.Struct, frozen=True):
    """One case.

    * ``id``: ``<requirement>/<slug>``, never changed
    * ``role``: what the target is
    * ``also``: further sentences that it decides
    * ``needs``: keys of :data:`NEEDS`; without one of them the case is not applicable
    * ``after``: ids of cases that have to pass first, else it is blocked
    * ``slow``: seconds that it has to wait for the target's clock
    * ``revision``: raised when what is expected changes
    * ``observed``: it reads a sentence off the conversations of all cases
    """

    id: str
    role: str
    run: Callable[..., None]
    title: str
    channel: str = ""
    values: tuple[Any, ...] = ()
    also: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    slow: float = 0.0
    revision: int = 1
    observed: bool = False

    @property
    def requirement(self) -> str:
        """The sentence it is about."""
        return self.id.partition("/")[0]

    @property
    def verifies(self) -> tuple[str, ...]:
        """All sentences it decides."""
        return (self.requirement, *self.also)


SANITY: Final = {"server": "SPICE-LINK-001/whole-stage", "client": "SPICE-LINK-001/whole-stage-of-a-client"}
"""The case without which there is no point in any other."""

_declared: dict[str, Case] = {}
_Function = TypeVar("_Function", bound=Callable[..., None])


def _declare(role: str, id: str, values: tuple[Any, ...], options: dict[str, Any]) -> Callable[[_Function], _Function]:
    def keep(function: _Function) -> _Function:
        if id in _declared:
            raise ValueError(f"two cases have the id {id}")
        unknown = set(options.get("needs", ())) - set(NEEDS)
        if unknown:
            raise ValueError(f"{id} needs {', '.join(sorted(unknown))}, which nobody knows")
        doc = (function.__doc__ or "").strip().splitlines()
        if not doc:
            raise ValueError(f"{id} has no docstring")
        title = doc[0].rstrip(".")
        if values:
            title += f" ({', '.join(map(str, values))})"
        after = options.pop("after", ())
        first = options.pop("first", False) or id == SANITY[role]
        if not first and SANITY[role] not in after:
            after = (SANITY[role], *after)
        _declared[id] = Case(id, role, function, title, values=values, after=after, **options)
        return function

    return keep


def server_case(id: str, *values: Any, **options: Any) -> Callable[[_Function], _Function]:
    """A case for servers: the function gets a :class:`conformance.as_client.SuiteClient`, and ``values``.

    ``options`` are fields of :class:`Case`: also, needs, after, tags, slow, revision, channel; and ``first`` for a case that
    comes after none, not even :data:`SANITY`: what it finds is the reason why that fails.
    """
    return _declare("server", id, values, options)


def client_case(id: str, *values: Any, **options: Any) -> Callable[[_Function], _Function]:
    """A case for clients: the function gets a :class:`conformance.as_server.SuiteServer`, and ``values``."""
    return _declare("client", id, values, options)


def declare(case: Case) -> None:
    """A case that was made and not written."""
    if case.id in _declared:
        raise ValueError(f"two cases have the id {case.id}")
    _declared[case.id] = case


def declared() -> tuple[Case, ...]:
    """What was declared so far, in an order in which it can be run."""
    return tuple(ordered(_declared.values()))


def ordered(cases: Iterable[Case]) -> list[Case]:
    """Cases behind those they come after, otherwise as they were declared. Raises ValueError for a circle."""
    by_id = {case.id: case for case in cases}
    done: dict[str, Case] = {}
    busy: set[str] = set()

    def visit(case: Case) -> None:
        if case.id in done:
            return
        if case.id in busy:
            raise ValueError(f"{case.id} comes after itself")
        busy.add(case.id)
        for id in case.after:
            if id in by_id:
                visit(by_id[id])
        done[case.id] = case

    for case in sorted(by_id.values(), key=lambda item: item.observed):
        visit(case)
    return list(done.values())
