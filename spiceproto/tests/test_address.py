"""Addresses, compared with the library that everybody uses."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiceproto.address import Address, parse_address, parse_uri, port_number
from spiceproto.errors import LocalError
from spiceproto.tests.peers import PATIENCE, absent

_ORACLE = """
import json, os, sys
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
import gi
gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import SpiceClientGLib
def ask(text):
    session = SpiceClientGLib.Session()
    session.set_property("uri", text)
    found = {}
    for name in ("host", "port", "tls-port", "unix-path", "username", "password", "uri"):
        try:
            found[name] = session.get_property(name)
        except UnicodeDecodeError:
            found[name] = "?"
    return found
print("ready", flush=True)
for line in sys.stdin:
    print(json.dumps(ask(json.loads(line))), flush=True)
"""


class Library:
    """libspice-client-glib, one process for all questions."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Library:
        if not Path("/usr/bin/python3").exists():
            absent("there is no /usr/bin/python3 of the distribution")
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-c", _ORACLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        if self.process.stdout.readline().strip() != "ready":
            absent("python3-gi or SpiceClientGLib is not installed")
        return self

    def ask(self, text: str) -> dict[str, Any]:
        assert self.process and self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(text) + "\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def __exit__(self, *_: object) -> None:
        assert self.process and self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def library() -> Any:
    with Library() as found:
        yield found


def ours(text: str) -> dict[str, Any] | None:
    try:
        found = parse_uri(text)
    except LocalError:
        return None
    return {
        "host": found.host if found.unix_path is None else None,
        "port": found.port,
        "tls-port": found.tls_port,
        "unix-path": found.unix_path,
        "username": found.username,
        "password": found.password,
        "uri": found.uri,
    }


def theirs(answer: dict[str, Any]) -> dict[str, Any] | None:
    return None if answer["uri"] is None else answer


def undefined(text: str) -> bool:
    """Whether the library reads what is not there: a key without ``=``, a value of more than 127 bytes, a long key."""
    query = re.split("[?;]", text, maxsplit=1)[-1]
    parts = query.replace(";", "&").split("&")
    return any(
        (part and "=" not in part) or len(part.partition("=")[0]) > 31 or len(part.partition("=")[2].encode()) > 127
        for part in parts
    )


def same(mine: dict[str, Any] | None, library: dict[str, Any] | None) -> bool:
    if mine is None or library is None:
        return mine is library
    # Bytes that are no text cannot be had from the library.
    return all(library[name] == "?" or mine[name] == library[name] for name in mine)


_TRAPS = """
spice://h;port=5 spice://h/x;port=5 spice://h:5; spice://h/x;y?port=5 spice://h:5900 spice://h?port=5900
spice://h?port=5900;tls-port=5901 spice://h/?port=5900&tls-port=5901 spice+tls://h:5901 spice+tls://h?tls-port=5901
spice+tls://h:5901?port=5900 spice+tls://h:5901?tls-port=7 spice+unix:///tmp/x spice+unix://rel spice+unix:///tmp/a%20b
spice+unix:// spice://u@h:5900 spice://u:p@h:5900 spice://[::1]:5900 spice://[::1] spice://[::1]?port=1
spice://[::1:5900 spice://u@[::1]:5900 SPICE://h:1 spice://h spice://h: spice://:5900 spice:// spice://h:abc
spice://h:99999 spice://h:0 spice://h:-1 spice://h?port=abc spice://h?port= spice://h?port=5&port=6 spice://h:5?port=6
spice://h:5?password=a%20b spice://h:5?password= spice://h:5?username=u spice://h:5?x=1 spice://h:5/path?password=x
spice://h:5? spice://h:5/? spice://h:5?password=a& spice://h:5?&password=a spice://h:5?password=a;;tls-port=3
spice://h%41:5 spice://a@b@h:5 spice://h:5:6 spice://h?port=5?password=x spice://h/a/b?port=5 spice://h/a/b:7
spice://h?port=5/6 spice://h?port=%35 spice://h?port=5%00 spice://u%40x@h:5 spice://@h:5 spice://h:5?PORT=3
spice://h:5?tls-port=6#frag spice://h#x:5 spice:/h:5 spice://h?tls-port=5901 spice+tls://h:5901/?password=x
spice+tls://u@h:5901 spice://h:5?password=%zz spice://h:5?password=%e9 spice://é:5 spice://[::1]x:5 spice://[::1]5
spice://h:5?=x spice://h:5?password==x spice://[h]:5 spice+unix:///a?b spice://u@?port=5 spice://[::1]: spice+tls://h
spice+tls://h: spice+tls://h?port=5 spice://h:%35 spice://h%zz:5 spice://[::1]x?port=7 spice://h:5?port=&password=a
spice://%zz@h:5 spice://h?port=%zz spice://h?port=%zz&port=5 spice+tls://h:5?foo=1 spice://h?port=5&&
spice://h?tls-port=;port=5 spice://u@/x?port=5 spice:///x?port=5 spice://h%00:5 spice://a:b@c:d@e:5
spice://h:5?password=% spice://h:5?foo= spice+tls://h:5?port=&password=x spice://[a]:5]:6 spice://u@[::1:5 spice://h]:5
spice://[%41]:5
"""
TRAPS = _TRAPS.split()


@pytest.mark.parametrize("text", [*TRAPS, "", " spice://h:5", "spice://h :5", "spice://h:5\n", "spice://h:5?password= x y"])
def test_a_trap_is_read_as_the_library_reads_it(library: Library, text: str) -> None:
    assert same(ours(text), theirs(library.ask(text)))


_PIECE = st.one_of(
    st.sampled_from(
        [
            *"[]:@/?&;=#% -é",
            "h",
            "::1",
            "[::1]",
            "%41",
            "%zz",
            "%00",
            "%e9",
            "5900",
            "user",
            "port=",
            "tls-port=",
            "password=",
            "username=",
            "x=",
            "port=5900",
            "tls-port=5901",
            "password=secret",
        ]
    ),
    st.text("abz019:/?@%&;=[]-. é", max_size=4),
)
_URIS = st.one_of(
    st.builds(
        lambda scheme, parts: scheme + "".join(parts),
        st.sampled_from(["spice://", "spice+tls://", "spice+unix://", "spice+unix:/", "Spice://", "spice:"]),
        st.lists(_PIECE, max_size=9),
    ),
    st.builds(
        lambda scheme, user, host, port, path, pairs, separator: (
            f"{scheme}{user}{host}{port}{path}" + ("?" + separator.join(pairs) if pairs else "")
        ),
        st.sampled_from(["spice://", "spice+tls://"]),
        st.sampled_from(["", "", "u@", "u%20v@", "@"]),
        st.sampled_from(["h", "10.0.0.1", "[::1]", "", "h%20x"]),
        st.sampled_from(["", ":5900", ":", ":x"]),
        st.sampled_from(["", "/", "/a"]),
        st.lists(
            st.builds(
                lambda key, value: f"{key}={value}",
                st.sampled_from(["port", "tls-port", "password", "y"]),
                st.sampled_from(["", "1", "5900", "a%20b", "%zz", "x=y"]),
            ),
            max_size=3,
        ),
        st.sampled_from(["&", ";"]),
    ),
)


@settings(max_examples=3000)
@given(text=_URIS)
def test_any_address_is_read_as_the_library_reads_it(library: Library, text: str) -> None:
    if not undefined(text):
        assert same(ours(text), theirs(library.ask(text)))


@pytest.mark.parametrize("text", ["spice://h:5?password", "spice://h:5?password=" + "x" * 128, "spice://h?port=5&tls-port"])
def test_where_the_library_reads_what_is_not_there_we_refuse(text: str) -> None:
    with pytest.raises(LocalError):
        parse_uri(text)


@given(text=st.text(max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    for head in ("", "spice://", "ws://"):
        with contextlib.suppress(LocalError):
            parse_address(head + text)


@given(
    host=st.sampled_from(["h", "10.0.0.1", "[::1]"]),
    port=st.one_of(st.none(), st.integers(1, 65535).map(str)),
    tls_port=st.one_of(st.none(), st.integers(1, 65535).map(str)),
)
def test_the_printed_form_is_read_as_the_same_address(host: str, port: str | None, tls_port: str | None) -> None:
    if port is None and tls_port is None:
        return
    address = Address(host=host, port=port, tls_port=tls_port)
    assert parse_uri(address.uri) == address


def test_a_websocket_has_host_port_and_path() -> None:
    found = parse_address("ws://[::1]:8080/some/where?x=1")
    assert (found.plain_host, found.port, found.websocket) == ("::1", "8080", "/some/where?x=1")
    assert parse_address("wss://h:1").uri == "wss://h:1/"
    with pytest.raises(LocalError):
        parse_address("ws://h/")


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "+5", " 5", "abc", "٥", "1" * 30])
def test_what_is_no_port_is_an_error(text: str) -> None:
    with pytest.raises(LocalError):
        port_number(text)


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("65535", 65535), ("0005900", 5900)])
def test_a_port_is_a_number(text: str, number: int) -> None:
    assert port_number(text) == number
