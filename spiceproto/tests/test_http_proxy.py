"""Names of proxies, and what is said to one."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.address import Address, parse_address
from spiceproto.errors import LocalError
from spiceproto.http_proxy import Proxy, connect_request, parse_proxy, refusal
from spiceproto.tests.peers import PATIENCE, absent
from spiceproto.way import Way


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("p", Proxy(False, "p", 3128)),
        ("p:8080", Proxy(False, "p", 8080)),
        ("http://p/", Proxy(False, "p", 3128)),
        ("https://p", Proxy(True, "p", 3129)),
        ("HTTP://u:s%40:t@p:1", Proxy(False, "p", 1, "u", "s@:t")),
        ("u@p", Proxy(False, "p", 3128, "u", "")),
        ("[::1]:1", Proxy(False, "::1", 1)),
        ("[::1]", Proxy(False, "::1", 3128)),
    ],
)
def test_a_proxy_is_named_as_in_spice_gtk(text: str, found: Proxy) -> None:
    assert parse_proxy(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://p",
        "http://",
        "p:0",
        "p:x",
        "[::1",
        "[::1]x",
        "u@",
        "p:",
        "http://p:",
        "https://p:/",
        "http://[::127.0.0.1]:",
        "u:@p",
    ],
)
def test_what_is_no_proxy_is_an_error(text: str) -> None:
    with pytest.raises(LocalError):
        parse_proxy(text)


_ORACLE = """
import json, os, sys
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
import gi
gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import GLib, SpiceClientGLib
found = []
for text in json.load(sys.stdin):
    GLib.setenv("SPICE_PROXY", text, True)
    found.append(SpiceClientGLib.Session().get_property("proxy"))
json.dump(found, sys.stdout)
"""

_FORMS = [
    "".join(parts)
    for parts in itertools.product(
        ("", "http://", "https://", "HTTP://", "ftp://"),
        ("", "u@", "u:p@", "u%20v:p%40@"),
        ("p", "[::1]", "10.0.0.1", "a-b.c"),
        ("", ":8080", ":0", ":65536", ":x", ":"),
        ("", "/"),
    )
]


def printed(text: str) -> str | None:
    """What the library prints of a proxy, made of what we read."""
    try:
        found = parse_proxy(text)
    except LocalError:
        return None
    login = "" if found.user is None else f"{found.user}:{found.password or '(null)'}@"
    return f"{'https' if found.secure else 'http'}://{login}{found.host}:{found.port}"


def test_the_variable_is_read_as_the_library_reads_it() -> None:
    """But for ``p:8080``: of what has no ``//`` the library takes what stands before a colon for the scheme, and refuses it."""
    if not Path("/usr/bin/python3").exists():
        absent("there is no /usr/bin/python3 of the distribution")
    command = ["/usr/bin/python3", "-c", _ORACLE]
    done = subprocess.run(command, input=json.dumps(_FORMS), capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        absent("python3-gi or SpiceClientGLib is not installed")
    theirs = dict(zip(_FORMS, json.loads(done.stdout), strict=True))
    assert len([answer for answer in theirs.values() if answer]) > 100
    scheme = re.compile(r"[a-z0-9.%-]+:(?!//)")
    for text, answer in theirs.items():
        if not scheme.match(text):
            plain = None if answer is None else re.sub("%20", " ", re.sub("%40", "@", answer.replace("HTTP://", "http://")))
            assert printed(text) == plain, text


@given(text=st.text(max_size=30))
def test_no_text_raises_anything_else(text: str) -> None:
    with contextlib.suppress(LocalError):
        parse_proxy(text)


def test_what_is_asked_of_a_proxy() -> None:
    assert connect_request(Proxy(False, "p", 1), "h", 5900) == b"CONNECT h:5900 HTTP/1.1\r\nHost: h:5900\r\n\r\n"
    request = connect_request(Proxy(False, "p", 1, "u", "p"), "[::1]", 1)
    assert request == b"CONNECT [::1]:1 HTTP/1.1\r\nHost: [::1]:1\r\nProxy-Authorization: Basic dTpw\r\n\r\n"
    # A token of a broker is handed over as it stands.
    assert connect_request(Proxy(False, "p", 1), "a:0:1::f", 1).startswith(
        b"CONNECT a:0:1::f:1 HTTP/1.1\r\nHost: a:0:1::f:1\r\n"
    )
    with pytest.raises(LocalError):
        connect_request(Proxy(False, "p", 1), "h\r\nX: y", 1)


@pytest.mark.parametrize(
    ("answer", "good"),
    [(b"HTTP/1.1 200 OK", True), (b"HTTP/1.0 200", True), (b"HTTP/1.1 407 No", False), (b"SSH-2.0", False), (b"", False)],
)
def test_what_a_proxy_answers(answer: bytes, good: bool) -> None:
    assert (refusal(answer + b"\r\nX: 1\r\n\r\n", Proxy(False, "p", 1)) == "") == good


def test_what_a_proxy_answers_is_named_and_can_be_printed() -> None:
    said = refusal(b"HTTP/1.1 403 \x1b[31mno\xe9" + b"x" * 1000 + b"\r\n\r\n", Proxy(False, "::1", 8))
    assert said.startswith("the proxy [::1]:8 refuses: HTTP/1.1 403 \\x1b[31mno\\xe9x") and len(said) < 300


@pytest.mark.parametrize("host", ["a b", "a\nb", "a\x1bb", "a/b", "a\0"])
def test_the_host_of_a_proxy_is_a_name(host: str) -> None:
    with pytest.raises(LocalError, match="not the host of a proxy"):
        Way(address=parse_address("spice://h:1"), proxy=Proxy(False, host, 1)).check()


@pytest.mark.parametrize(
    ("address", "wrong"), [(Address(host="127.0.0.1\0", port="1"), "not a host"), (Address(unix_path="/a\0b"), "not the path")]
)
def test_what_has_a_zero_byte_is_nowhere(address: Address, wrong: str) -> None:
    with pytest.raises(LocalError, match=wrong):
        Way(address=address).check()
