"""What the user, a file and the environment say, put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_client.channels import WANTED
from reference_client.plan import Wish, plan
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.tests.test_connection_file import LEAST


def test_an_address_alone() -> None:
    way, options = plan(Wish(target="spice://me@h?port=1&tls-port=2&password=x"))
    assert (way.plain, way.tls, options.plain, options.tls) == (True, True, True, True)
    assert (options.password, options.username, options.sasl) == ("x", "me", True)


def test_what_the_user_says_goes_before_the_address() -> None:
    _, options = plan(Wish(target="spice://me@h:1?password=x", password="y", username=""))
    assert (options.password, options.username, options.sasl) == ("y", "", False)


def test_a_file_brings_channels_and_trust(tmp_path: Path) -> None:
    path = tmp_path / "x.vv"
    path.write_text(
        LEAST + "tls-port=2\nhost-subject=CN=a\nsecure-channels=main\ndisable-channels=cursor;display\nproxy=p:80\n"
    )
    way, options = plan(Wish(target=str(path), proxy="other:81"))
    assert (way.host_subject, options.secure_channels) == ("CN=a", frozenset({ChannelType.MAIN}))
    assert options.channels == tuple([kind for kind in WANTED if kind not in (ChannelType.CURSOR, ChannelType.DISPLAY)])
    assert way.proxy is not None and (way.proxy.host, way.proxy.port) == ("p", 80)


def test_a_unix_socket_needs_no_proxy_and_has_no_tls() -> None:
    way, options = plan(Wish(target="spice+unix:///x", proxy="p:80", secure_channels="all"))
    assert way.proxy is None and not way.tls and options.secure_channels == frozenset()


def test_who_demands_tls_where_there_is_none_is_not_served_without() -> None:
    _, options = plan(Wish(target="spice://h:1", secure_channels="main"))
    assert options.secure_channels == frozenset({ChannelType.MAIN}) and not options.tls


def test_channels_by_name() -> None:
    _, options = plan(Wish(target="spice://h:1", channels="main,playback,inputs", disable_channels="inputs"))
    assert options.channels == (ChannelType.MAIN, ChannelType.PLAYBACK)


@pytest.mark.parametrize(
    "wish",
    [
        Wish(target="spice://h:abc"),
        Wish(target="spice://h"),
        Wish(target="spice+tls://h:1", ca_pem="no certificate"),
        Wish(target="spice://h:1", disable_channels="no-such"),
        Wish(target="spice://h:1", proxy="ftp://x"),
    ],
)
def test_what_cannot_be_is_an_error(wish: Wish) -> None:
    with pytest.raises(LocalError):
        plan(wish)
