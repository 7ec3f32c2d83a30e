"""Servers: what a source tells of the destination, and whom (19.1, 19.3)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.migration.journey import (
    HANDS_OVER,
    SEAMLESS,
    SEMI_SEAMLESS,
    SWITCH_HOST,
    TAKES_ALONG,
    WITH_STATE,
    Journey,
    Kind,
    set_out,
)
from conformance.expectation import check, check_value, such
from conformance.outcome import Failure
from spiceproto.messages import main

_TOLD: Final = "SPICE-MIG-001/semi-seamless"
_TOLD_OF_DATA: Final = "SPICE-MIG-001/seamless"
_SWITCHED: Final = "SPICE-MIG-007/announced-nothing"
_BEGINS: Final = ("MIGRATE_BEGIN", "MIGRATE_BEGIN_SEAMLESS")
_SOME_TIME: Final = 30.0
_NO_ANSWER: Final = ("SPICE-MIG-007/says-nothing",)

_THERE: Final = such("a name or an address", lambda host: bool(host) and bool(host.strip(b"\0")))
_ENDED: Final = such("a zero byte at its end", lambda text: text is not None and text.endswith(b"\0"))
_ENDED_IF_THERE: Final = such("a zero byte at its end, or null", lambda text: text is None or text.endswith(b"\0"))


def _announcement(client: SuiteClient, kind: Kind) -> tuple[str, Any]:
    """Name and fields of the message that tells of the destination."""
    journey = set_out(client, kind, ())
    with client.preparing("the announcement of a destination"):
        if kind is SWITCH_HOST:
            journey.begin()
            journey.finish()
            return "MIGRATE_SWITCH_HOST", journey.main.expect("MIGRATE_SWITCH_HOST")
        return kind.begins, journey.begin().dst_info


@server_case(_TOLD, SEMI_SEAMLESS, channel="main", needs=TAKES_ALONG)
@server_case(_TOLD_OF_DATA, SEAMLESS, channel="main", needs=WITH_STATE)
def told(client: SuiteClient, kind: Kind) -> None:
    """A client that can follow, and a source that was told of a destination: the client is told. Kind."""
    journey = set_out(client, kind, ())
    client.control("migrate-begin")
    journey.main.expect(*_BEGINS, why="the source was told of a destination")
    client.alive(journey.main)


@server_case("SPICE-MIG-001/announced-nothing", channel="main", needs=HANDS_OVER, requires=(_SWITCHED,))
def not_told(client: SuiteClient) -> None:
    """A client that announced no migration hears nothing of the destination before the guest has gone."""
    journey = set_out(client, SWITCH_HOST, ())
    client.control("migrate-begin")
    for name in _BEGINS:
        journey.main.expect_count(name, 0, why="the client announced neither", settle=True)
    client.alive(journey.main)


@server_case("SPICE-MIG-002/version", channel="main", needs=WITH_STATE, requires=(_TOLD_OF_DATA,))
def version(client: SuiteClient) -> None:
    """The version of the data in MIGRATE_BEGIN_SEAMLESS."""
    journey = set_out(client, SEAMLESS, ())
    with client.preparing("the announcement of a destination"):
        journey.begin()
    check("MIGRATE_BEGIN_SEAMLESS", journey.told, src_mig_version=1)


@server_case("SPICE-MIG-003/semi-seamless", SEMI_SEAMLESS, channel="main", needs=TAKES_ALONG, requires=(_TOLD,))
@server_case("SPICE-MIG-003/seamless", SEAMLESS, channel="main", needs=WITH_STATE, requires=(_TOLD_OF_DATA,))
@server_case("SPICE-MIG-003/switch-host", SWITCH_HOST, channel="main", needs=HANDS_OVER, requires=(_SWITCHED,))
def host_and_port(client: SuiteClient, kind: Kind) -> None:
    """What tells of the destination has a host and a port. Kind."""
    name, told = _announcement(client, kind)
    check(name, told, host_data=_THERE)
    if not told.port and not told.sport:
        check_value(name, "ports", f"{told.port}, {told.sport}", "one of them at least other than 0")


@server_case("SPICE-MIG-004/semi-seamless", SEMI_SEAMLESS, channel="main", needs=TAKES_ALONG, requires=(_TOLD,))
@server_case("SPICE-MIG-004/seamless", SEAMLESS, channel="main", needs=WITH_STATE, requires=(_TOLD_OF_DATA,))
@server_case("SPICE-MIG-004/switch-host", SWITCH_HOST, channel="main", needs=HANDS_OVER, requires=(_SWITCHED,))
def zero_bytes(client: SuiteClient, kind: Kind) -> None:
    """Host and subject in what tells of the destination end with a zero byte. Kind."""
    name, told = _announcement(client, kind)
    check(name, told, host_data=_ENDED, cert_subject_data=_ENDED_IF_THERE)


@server_case("SPICE-MIG-006/told-twice", channel="main", needs=TAKES_ALONG, requires=(_TOLD,))
def told_twice(client: SuiteClient) -> None:
    """The source is told of the destination twice: a second announcement comes behind the end of the first."""
    journey = set_out(client, SEMI_SEAMLESS, ())
    with client.preparing("the announcement of a destination"):
        journey.begin()
    try:
        client.control("migrate-begin")
    except Failure as refusal:
        client.note(f"the source refuses a second one: {refusal.actual}")
    found = client.so_far(journey.main, *_BEGINS, "MIGRATE_CANCEL", "MIGRATE_END", "MIGRATE_SWITCH_HOST")
    if found and found[0].name in _BEGINS:
        raise Failure("the end of the migration that was announced, before another is", f"a second {found[0].name}")


# -- the guest has gone


def _gone(client: SuiteClient, kind: Kind, what: str) -> Journey:
    """The guest has gone, and the client has said so much of the destination."""
    journey = set_out(client, kind, ())
    with client.preparing("a migration that has begun"):
        journey.begin()
        if what == "error":
            journey.main.send(main.MigrateConnectError())
            client.alive(journey.main)
        journey.finish()
    return journey


@server_case(_SWITCHED, SWITCH_HOST, "nothing", channel="main", needs=HANDS_OVER)
@server_case("SPICE-MIG-007/could-not-connect", SEMI_SEAMLESS, "error", channel="main", needs=TAKES_ALONG, requires=(_TOLD,))
@server_case("SPICE-MIG-007/says-nothing", SEMI_SEAMLESS, "nothing", channel="main", needs=TAKES_ALONG, requires=(_TOLD,))
def switch_host(client: SuiteClient, kind: Kind, what: str) -> None:
    """The guest has gone, and the client is not at the destination: MIGRATE_SWITCH_HOST. Kind, and what it has said."""
    _gone(client, kind, what).main.expect("MIGRATE_SWITCH_HOST", why="the guest has gone", within=_SOME_TIME)


@server_case("SPICE-MIG-023/says-nothing", SEMI_SEAMLESS, channel="main", needs=TAKES_ALONG, requires=_NO_ANSWER)
@server_case("SPICE-MIG-023/says-nothing-of-data", SEAMLESS, channel="main", needs=WITH_STATE, requires=_NO_ANSWER)
def goes_without(client: SuiteClient, kind: Kind) -> None:
    """A client that says nothing, of itself or of the destination: after some time the guest has gone without it. Kind."""
    journey = _gone(client, kind, "nothing")
    journey.main.expect("MIGRATE_SWITCH_HOST", why="the client says nothing", within=_SOME_TIME)
    with client.preparing("the destination"):
        client.destination.session_id = 0
        client.destination.main()


@server_case("SPICE-MIG-030/could-not-connect", SEMI_SEAMLESS, "error", channel="main", needs=TAKES_ALONG, requires=(_TOLD,))
@server_case("SPICE-MIG-030/says-nothing", SEMI_SEAMLESS, "nothing", channel="main", needs=TAKES_ALONG, requires=(_TOLD,))
def no_end(client: SuiteClient, kind: Kind, what: str) -> None:
    """The guest has gone, and the client is not at the destination: no MIGRATE_END. Kind, and what it has said."""
    journey = _gone(client, kind, what)
    journey.main.wait_count("MIGRATE_SWITCH_HOST", within=_SOME_TIME)
    journey.main.expect_count("MIGRATE_END", 0, why="the client is not at the destination", settle=True)


@server_case("SPICE-MIG-040/says-nothing", "nothing", channel="main", needs=WITH_STATE, requires=(_TOLD_OF_DATA,))
@server_case("SPICE-MIG-040/could-not-connect", "error", channel="main", needs=WITH_STATE, requires=(_TOLD_OF_DATA,))
def no_state(client: SuiteClient, what: str) -> None:
    """The guest has gone, and the client is not at the destination: no MIGRATE. What it has said."""
    journey = _gone(client, SEAMLESS, what)
    journey.main.wait_count("MIGRATE_SWITCH_HOST", within=_SOME_TIME)
    journey.main.expect_count("MIGRATE", 0, why="the client is not at the destination", settle=True)
