"""What a source hands over, and where it sends its client: what is wrong with one message alone."""

from __future__ import annotations

import pytest

from spiceproto.channel_state import FORMS
from spiceproto.messages import common, main
from spiceproto.migration_data import MigrationData
from spiceproto.migration_offer import MigrationOffer
from spiceproto.tests.test_migration import STATE

CHANNEL = (2, 0)


def _found(table: str, body: bytes, sender: str = "server") -> list[str]:
    value = common.MigrateData(body)
    return [item.requirement for item in MigrationData(CHANNEL, table).judge(sender, "MIGRATE_DATA", value, 0.0)]


@pytest.mark.parametrize("table", STATE)
def test_the_state_of_the_channel(table: str) -> None:
    assert _found(table, STATE[table]) == []


@pytest.mark.parametrize("table", FORMS)
def test_no_state(table: str) -> None:
    assert _found(table, b"") == _found(table, b"DCM") == _found(table, bytes(100)) == ["SPICE-MIG-048"]


@pytest.mark.parametrize("table", STATE)
@pytest.mark.parametrize("other", STATE)
def test_the_state_of_another_channel(table: str, other: str) -> None:
    assert _found(table, STATE[other]) == ([] if table == other else ["SPICE-MIG-048"])


@pytest.mark.parametrize("table", STATE)
def test_another_version(table: str) -> None:
    body = STATE[table]
    assert _found(table, body[:4] + b"\x02" + body[5:]) == ["SPICE-MIG-048"]


@pytest.mark.parametrize("table", STATE)
def test_fields_that_are_not_there(table: str) -> None:
    for size in range(8, len(STATE[table])):
        assert _found(table, STATE[table][:size]) == ["SPICE-MIG-048"], size


def test_what_a_client_brings_is_the_source_s_business() -> None:
    assert _found("display", b"", sender="client") == []


def test_byte_channels_have_one_kind_of_state() -> None:
    assert FORMS["usbredir"] == FORMS["port"] == FORMS["webdav"]


def _offer(host: bytes, subject: bytes | None = None, port: int = 5900, sport: int = 0) -> list[list[str]]:
    place = main.DstInfo(port=port, sport=sport, host_data=host, cert_subject_data=subject)
    values = (
        ("MIGRATE_BEGIN", main.MigrateBegin(place)),
        ("MIGRATE_BEGIN_SEAMLESS", main.MigrateBeginSeamless(place, 1)),
        (
            "MIGRATE_SWITCH_HOST",
            main.MigrateSwitchHost(port=port, sport=sport, host_data=host or None, cert_subject_data=subject),
        ),
    )
    return [[item.requirement for item in MigrationOffer((1, 0)).judge("server", name, value, 0.0)] for name, value in values]


@pytest.mark.parametrize(
    ("offer", "wanted"),
    [
        ((b"there\0",), []),
        ((b"there\0", b"CN=there\0"), []),
        ((b"there\0", None, 0, 5901), []),
        ((b"there",), ["SPICE-MIG-004"]),
        ((b"there\0", b"CN=there"), ["SPICE-MIG-004"]),
        ((b"there\0", None, 0, 0), ["SPICE-MIG-003"]),
        ((b"\0",), ["SPICE-MIG-003"]),
        ((b"",), ["SPICE-MIG-003"]),
    ],
)
def test_where_to(offer: tuple[bytes, bytes | None, int, int], wanted: list[str]) -> None:
    assert _offer(*offer) == [wanted] * 3
