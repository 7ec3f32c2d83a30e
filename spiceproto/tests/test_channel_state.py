"""States of channels: every form is read, what waits for the agent is found in it, and nothing raises."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from spiceproto import agent, channel_state, dispatch, schema
from spiceproto.agent.device import wrap
from spiceproto.channel_state import Surface, Waiting
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.enums.agent import AgentMessageType, AgentPort
from spiceproto.errors import RemoteError
from spiceproto.messages import migration
from spiceproto.messages.agent import AnnounceCapabilities

ROWS = {row.name: row for row in dispatch.rows("migration", "client").values()}


def value_of(name: str, seed: int = 0) -> Any:
    """Any value, with the letters of its form."""
    record = schema.rows("migration", "client")[ROWS[name].number].body
    value = legal_value(record, RandomChooser(random.Random(seed)))
    return replace(value, header=migration.MigrateDataHeader(ROWS[name].number, 1))


def main(data: bytes | None) -> bytes:
    """The state of main, with bytes on their way to the agent."""
    return ROWS["MAIN"].build(replace(value_of("MAIN"), agent_base=device(1, data)))


def device(client_tokens: int, waiting: bytes | None) -> migration.CharDevice:
    """A device that is there, with bytes that wait for it, which hold so many tokens."""
    return migration.CharDevice(
        version=1,
        connected=1,
        num_client_tokens=10,
        num_send_tokens=10,
        write_num_client_tokens=client_tokens,
        write_data_ptr=waiting,
    )


@pytest.mark.parametrize("table", channel_state.FORMS)
def test_every_channel_has_its_form(table: str) -> None:
    name = channel_state.FORMS[table]
    for seed in range(8):
        value = value_of(name, seed)
        found = channel_state.read(table, ROWS[name].build(value))
        assert (found.name, found.value, found.error, found.fits) == (name, value, None, True)
        assert found.row is ROWS[name]


def test_the_form_of_another_channel() -> None:
    found = channel_state.read("inputs", ROWS["DISPLAY"].build(value_of("DISPLAY")))
    assert found.name == "DISPLAY" and found.value is not None and not found.fits


@pytest.mark.parametrize("body", [b"", b"MNM", b"WXYZ" + bytes(90)])
def test_no_form_at_all(body: bytes) -> None:
    found = channel_state.read("main", body)
    assert (found.name, found.value, found.error, found.row) == ("", None, None, None)
    assert found.body == body


def test_truncated() -> None:
    body = main(b"")
    for size in range(4, len(body)):
        found = channel_state.read("main", body[:size])
        assert found.name == "MAIN" and found.value is None and isinstance(found.error, RemoteError)


@given(st.sampled_from(sorted(channel_state.FORMS)), st.binary(max_size=200))
def test_garbage_raises_nothing(table: str, data: bytes) -> None:
    row = ROWS[channel_state.FORMS[table]]
    channel_state.read(table, data)
    channel_state.read(table, row.number.to_bytes(4, "little") + data)


def pieces(number: int, body: bytes, port: AgentPort) -> bytes:
    return wrap(port, b"".join(agent.chunks(number, body)))


ANNOUNCED = dispatch.build("agent", "client", AnnounceCapabilities(1, (5,)))[1]


def test_messages_on_their_way_to_the_agent() -> None:
    one = pieces(AgentMessageType.ANNOUNCE_CAPABILITIES, ANNOUNCED, AgentPort.CLIENT_PORT)
    other = pieces(AgentMessageType.MOUSE_STATE, bytes(13), AgentPort.SERVER_PORT)
    found = channel_state.read("main", main(one + other))
    assert found.rest == 0
    assert found.waiting == (
        Waiting(1, AgentMessageType.ANNOUNCE_CAPABILITIES, ANNOUNCED),
        Waiting(2, AgentMessageType.MOUSE_STATE, bytes(13)),
    )


def test_half_a_message_on_its_way_to_the_agent() -> None:
    one = pieces(AgentMessageType.ANNOUNCE_CAPABILITIES, ANNOUNCED, AgentPort.CLIENT_PORT)
    for size in range(len(one)):
        found = channel_state.read("main", main(one + one[:size]))
        assert len(found.waiting) == 1 and found.rest <= size
        assert (found.rest > 0) == (size not in (0, 8))  # behind a whole header of a chunk nothing of the message has come


def test_the_end_of_a_message_has_no_beginning() -> None:
    """Half of the first chunk is gone already: nobody can tell what is what, and nothing is said of it."""
    one = pieces(AgentMessageType.ANNOUNCE_CAPABILITIES, ANNOUNCED, AgentPort.CLIENT_PORT)
    found = channel_state.read("main", main(one[20:]))
    assert found.waiting == () and found.rest == len(one) - 20


def test_other_devices_have_bytes_and_no_messages() -> None:
    value = replace(value_of("SPICEVMC"), base=device(0, b"typed by nobody"))
    found = channel_state.read("port", ROWS["SPICEVMC"].build(value))
    assert found.waiting == () and found.rest == len(b"typed by nobody")


def surfaces(count: int, data: bytes) -> tuple[Surface, ...]:
    value = replace(value_of("DISPLAY"), surfaces_at_client_ptr=migration.SurfacesAtClient(count, data))
    return channel_state.read("display", ROWS["DISPLAY"].build(value)).surfaces


def test_surfaces_without_and_with_loss() -> None:
    assert surfaces(2, struct.pack("<2L", 0, 7)) == (Surface(0), Surface(7))
    assert surfaces(1, struct.pack("<L4l", 3, -1, 2, 30, 40)) == (Surface(3, (-1, 2, 30, 40)),)
    assert surfaces(0, b"") == () and surfaces(2, bytes(9)) == ()
