"""What a case is, and how one is declared.

    @server_case("SPICE-LINK-006/zero-bytes")
    def zero_bytes(client: SuiteClient) -> None:
        \"\"\"Four zero bytes where REDQ belongs.\"\"\"
        wire = client.connect()
        wire.send(bytes(16), "sixteen zero bytes")
        ...

The function is the conversation; its docstring says in one line what it does. It returns (pass), or raises one of
:mod:`conformance.outcome`: Failure, NotApplicable, Blocked. A case with several values is declared
several times, with the values behind the id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import msgspec

from spiceproto.controls import CONTROLS

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
    "unix-socket": "connections come through a Unix socket",
    "two-displays": "there are two display channels",
    "copy-paste-off": "copy and paste is switched off",
    "file-transfer-off": "file transfer is switched off",
    "early-loss": "a display can be lost before it has begun",
    "one-session": "one session is served at a time",
    "many-sessions": "several sessions are served at a time",
    "expendable": "the target may come to its end, as the programs do that the suite starts anew",
    "semi-seamless": "clients are taken along to another server (MIGRATE_BEGIN)",
    "seamless": "clients are taken along to another server with the state of their channels (MIGRATE_BEGIN_SEAMLESS)",
    "client-password": "the client can be told a password",
    "client-tls": "the client knows a TLS port",
    "client-sasl": "the client can log in by SASL",
    "client-folder": "the client can be told to share a folder",
    "client-no-folder": "the client can be told to share no folder",
    **{control.need: control.meaning for control in CONTROLS},
}
"""What a case may need of its target, and what that means; ``control:`` and ``act:`` are verbs of
:mod:`spiceproto.controls`."""


class Case(msgspec.Struct, frozen=True):
    """One case.

    * ``id``: ``<requirement>/<slug>``, never changed
    * ``role``: what the target is
    * ``also``: further sentences that it decides
    * ``needs``: keys of :data:`NEEDS`; without one of them the case is not applicable
    * ``requires``: ids of cases that have to pass first, else it is blocked
    * ``slow``: seconds that it has to wait for the target's clock
    * ``revision``: raised when what is expected changes
    * ``from_rules``: it reads a sentence off what the rules see in the conversations of all cases
    """

    id: str
    role: str
    run: Callable[..., None]
    title: str
    channel: str = ""
    values: tuple[Any, ...] = ()
    also: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    slow: float = 0.0
    revision: int = 1
    from_rules: bool = False

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

SIGN_OF_LIFE: Final = {"server": "SPICE-MAIN-012/asked-twice"}
"""The case that shows how a target can be seen to go on: it is run before all that would rest on it."""

_FEW_BYTES: Final = 8
"""That a title has in full."""

_declared: dict[str, Case] = {}
_Function = TypeVar("_Function", bound=Callable[..., None])


def _shown(value: object) -> str:
    """A value in a title; bytes as digits, and not as they stand in a program."""
    if not isinstance(value, bytes):
        return str(value)
    return value.hex(" ") if len(value) <= _FEW_BYTES else f"{len(value)} bytes: {value[:_FEW_BYTES].hex(' ')} ..."


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
            title += f" ({', '.join(map(_shown, values))})"
        requires = options.pop("requires", ())
        unconditional = options.pop("unconditional", False) or id == SANITY[role]
        if not unconditional and SANITY[role] not in requires:
            requires = (SANITY[role], *requires)
        _declared[id] = Case(id, role, function, title, values=values, requires=requires, **options)
        return function

    return keep


def server_case(id: str, *values: Any, **options: Any) -> Callable[[_Function], _Function]:
    """A case for servers: the function gets a :class:`conformance.as_client.SuiteClient`, and ``values``.

    ``options`` are fields of :class:`Case`: also, needs, requires, tags, slow, revision, channel; and ``unconditional`` for a
    case that requires none, not even :data:`SANITY`: what it finds is the reason why that fails.
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
    """What was declared so far."""
    return tuple(_declared.values())


def ordered(cases: Iterable[Case]) -> list[Case]:
    """Cases behind those they require, otherwise as they are given. Raises ValueError for a circle."""
    by_id = {case.id: case for case in cases}
    done: dict[str, Case] = {}
    busy: set[str] = set()

    def visit(case: Case) -> None:
        if case.id in done:
            return
        if case.id in busy:
            raise ValueError(f"{case.id} requires itself")
        busy.add(case.id)
        for id in case.requires:
            if id in by_id:
                visit(by_id[id])
        done[case.id] = case

    for case in by_id.values():
        visit(case)
    return list(done.values())
