"""Servers: at the destination of a migration (3.3)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.main.server_steps import need_announced
from conformance.channels import COMMON
from conformance.client_wire import Ask
from conformance.expectation import other_than
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import main

_EXPECTED: Final = 0x4D494752
"""Id of a session that is about to come from another server."""

_VERSION: Final = 1
_ANSWERS: Final = ("MIGRATE_DST_SEAMLESS_ACK", "MIGRATE_DST_SEAMLESS_NACK")
_WITHOUT_INIT: Final = ("SPICE-MAIN-022/init-after-migrate-end",)
"""A server for which such a link is a new session answers nothing that belongs to a migration."""


def _destination(client: SuiteClient) -> Talk:
    """A main link that names a session which migrates here. Raises NotApplicable if the server has none and says so."""
    expects = client.target.meets("control:expect-migration")
    if expects:
        client.control("expect-migration", _EXPECTED)
    else:
        client.main()
    id = _EXPECTED if expects else client.session_id
    wire = client.ask(Ask(ChannelType.MAIN, 0, id, capabilities=COMMON.with_(*MainCapability)))
    found = wire.conclude()
    if found.ok:
        return wire.talk()
    if expects or found.error is None:
        raise Failure("link result OK (0) for main with the id of a session that migrates here, or a refusal", str(found))
    raise NotApplicable(f"main with the id of a running session is answered: {found}")


def _no_init_yet(talk: Talk) -> None:
    talk.expect_count("INIT", 0, why="the client has not sent MIGRATE_END", settle=True)


@server_case("SPICE-MAIN-022/init-after-migrate-end", channel="main")
def no_init_before_the_end(client: SuiteClient) -> None:
    """A main link that names a running session: INIT comes after MIGRATE_END, and not before."""
    talk = _destination(client)
    _no_init_yet(talk)
    if not client.target.meets("control:expect-migration"):
        return
    talk.send(main.MigrateEnd())
    talk.expect("INIT", session_id=other_than(0))
    client.alive(talk)


@server_case("SPICE-MAIN-022/init-after-a-refusal", channel="main", needs=("control:expect-migration",))
def no_init_after_a_refusal(client: SuiteClient) -> None:
    """The answer to MIGRATE_DST_DO_SEAMLESS brings no INIT; after a no MIGRATE_END does."""
    talk = _destination(client)
    need_announced(talk, MainCapability.SEAMLESS_MIGRATE)
    client.relies_on("SPICE-MAIN-023/answered")
    talk.send(main.MigrateDstDoSeamless(_VERSION))
    answer = talk.expect_message(*_ANSWERS)
    _no_init_yet(talk)
    if answer.name == "MIGRATE_DST_SEAMLESS_NACK":
        talk.send(main.MigrateEnd())
        talk.expect("INIT")


@server_case("SPICE-MAIN-023/answered", _VERSION, channel="main", requires=_WITHOUT_INIT)
@server_case("SPICE-MAIN-023/version-of-ones", 0xFFFFFFFF, channel="main", requires=_WITHOUT_INIT)
def seamless_is_answered(client: SuiteClient, version: int) -> None:
    """MIGRATE_DST_DO_SEAMLESS is answered once, with yes or with no."""
    talk = _destination(client)
    need_announced(talk, MainCapability.SEAMLESS_MIGRATE)
    talk.send(main.MigrateDstDoSeamless(version))
    talk.expect(*_ANSWERS)
    talk.expect_none(*_ANSWERS, after=1, why="one question, one answer")


@server_case("SPICE-MAIN-023/nobody-asked", channel="main")
def seamless_unasked(client: SuiteClient) -> None:
    """A main link that names a running session, on which nobody asks: no answer."""
    talk = _destination(client)
    for answer in _ANSWERS:
        talk.expect_count(answer, 0, why="nobody has asked", settle=True)
