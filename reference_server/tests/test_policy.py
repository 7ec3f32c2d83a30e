"""Who may link which channel, and how it logs in."""

from __future__ import annotations

import pytest

from reference_server.tests.memory import COMMON, error, serve, small
from spiceproto.capabilities import NONE
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.link import mechanisms
from spiceproto.messages import main


@pytest.mark.parametrize("password", ("", "wrong", "sesame ", "x" * 60))
def test_wrong_password(password: str) -> None:
    assert error(serve(password=b"sesame").link(password=password)) == LinkErr.PERMISSION_DENIED


def test_password_expires_for_each_channel_and_changes() -> None:
    wire = serve(small(), password=b"sesame", password_expires=5.0)
    line, _ = wire.main(password="sesame")
    wire.wait(6)
    assert error(wire.link(ChannelType.INPUTS, password="sesame")) == LinkErr.PERMISSION_DENIED
    wire.server.set_password("other")
    assert wire.link(ChannelType.INPUTS, password="other").refused is None
    line.send(main.AttachChannels())
    assert "ChannelsList" in line.names() and not line.closed


@pytest.mark.parametrize(
    ("kind", "id", "connection_id", "expected"),
    (
        (ChannelType.DISPLAY, 77, None, LinkErr.CHANNEL_NOT_AVAILABLE),
        (ChannelType.TUNNEL, 0, None, LinkErr.CHANNEL_NOT_AVAILABLE),
        (200, 0, None, LinkErr.CHANNEL_NOT_AVAILABLE),
        (ChannelType.DISPLAY, 0, 0, LinkErr.BAD_CONNECTION_ID),
        (ChannelType.DISPLAY, 0, 0x5EED, LinkErr.BAD_CONNECTION_ID),
        (ChannelType.MAIN, 0, 0x5EED, LinkErr.BAD_CONNECTION_ID),
    ),
)
def test_refused(kind: int, id: int, connection_id: int | None, expected: LinkErr) -> None:
    wire = serve(small())
    line, _ = wire.main()
    assert error(wire.link(kind, id, connection_id)) == expected
    assert not line.closed


def test_a_channel_is_linked_once() -> None:
    wire = serve(small())
    wire.main()
    first = wire.link(ChannelType.INPUTS)
    assert error(wire.link(ChannelType.INPUTS)) == LinkErr.CHANNEL_NOT_AVAILABLE
    assert not first.closed
    first.hang_up()
    assert wire.link(ChannelType.INPUTS).refused is None


def test_secured_channels() -> None:
    wire = serve(small(), secured=("inputs",), unsecured=("display",))
    line, _ = wire.main()
    assert error(wire.link(ChannelType.INPUTS)) == LinkErr.NEED_SECURED
    assert error(wire.link(ChannelType.DISPLAY, secure=True)) == LinkErr.NEED_UNSECURED
    assert wire.link(ChannelType.INPUTS, secure=True).refused is None
    assert "Notify" not in line.names()


@pytest.mark.parametrize("mechanism", mechanisms.MECHANISMS)
@pytest.mark.parametrize(("password", "good"), (("sesame", True), ("wrong", False)))
def test_sasl(mechanism: str, password: str, good: bool) -> None:
    wire = serve(small(), sasl=True, ticket=False, sasl_users={"user": "sesame"})
    common_bits = COMMON.with_(CommonCapability.AUTH_SASL)
    line = wire.link(common=common_bits, sasl=mechanisms.client("user", password, (mechanism,)))
    assert (line.refused is None) == good
    if good:
        assert isinstance(line.read()[0], main.Init)
    assert error(wire.link(common=NONE)) == LinkErr.VERSION_MISMATCH
