"""What the suite does first on a channel."""

from __future__ import annotations

import pytest

from conformance import channels
from conformance.channels import COMMON, GREETINGS, LISTED, shown_by
from spiceproto import dispatch
from spiceproto.capabilities import NONE
from spiceproto.channels import NAMES, channel_name
from spiceproto.enums.link import ChannelType


@pytest.mark.parametrize("table", GREETINGS)
def test_what_is_said_first_are_messages_of_the_channel(table: str) -> None:
    row = GREETINGS[table]
    assert table in NAMES
    for role, values in (("client", row.client_says), ("server", row.server_says + row.shown)):
        for value in values:
            assert dispatch.build(table, role, value)
    names = {item.name for item in dispatch.rows(table, "server").values()}
    assert {row.awaited, row.kept_until} - {""} <= names


def test_channels_that_are_listed_have_a_row() -> None:
    more = {"main", "playback", "record", "port", "webdav", "usbredir"}
    assert {channel_name(kind) for kind, _ in LISTED} | more == set(GREETINGS)


def test_what_is_announced() -> None:
    for role in ("client", "server"):
        usual = channels.announced(role, ChannelType.MAIN)
        assert usual.common == COMMON.common and usual.channel
        assert channels.announced(role, ChannelType.MAIN, NONE).common == 0
    assert channels.announced("client", 77) == COMMON


def test_what_shows_a_message_is_known_by_its_channel_or_for_all() -> None:
    assert shown_by("server", "inputs", "INIT") == ("SPICE-INPUTS-001/init",)
    assert shown_by("server", "main", "INIT") == ()
    assert shown_by("client", "main", "PONG") == shown_by("client", "port", "PONG") == ("SPICE-FRAME-028/on-main",)
    assert shown_by("client", "display", "PONG") == ("SPICE-FRAME-028/on-main", "SPICE-FRAME-028/on-display")
