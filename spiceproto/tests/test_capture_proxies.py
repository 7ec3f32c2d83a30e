"""SOCKS, the PROXY header and HTTP proxies in front of a recording, and tunnels that were never opened."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import pytest

from spiceproto.command import main
from spiceproto.tests.capture_samples import ACK, CAPTURES, FIN, Result, Talk, pcap
from spiceproto.tests.plain_recording import PLAIN_STREAMS, tshark_streams

SENT, RECEIVED = PLAIN_STREAMS[0]

Step = tuple[bool, bytes]
"""From the client, what."""


def client(data: bytes) -> Step:
    return True, data


def server(data: bytes) -> Step:
    return False, data


def talk(*steps: Step, cut: int = 10_000, close: bool = True) -> Talk:
    made = Talk()
    made.open()
    for from_client, data in steps:
        for at in range(0, len(data), cut):
            made.send(from_client, data[at : at + cut])
    if close:
        made.close()
    return made


def capture(*steps: Step, cut: int = 10_000, close: bool = True) -> Result:
    return Result(pcap(talk(*steps, cut=cut, close=close).packets, 101))


def counted(data: bytes) -> bytes:
    return bytes((len(data),)) + data


PORT = struct.pack(">H", 5900)
ADDRESS, ADDRESS6 = socket.inet_pton(socket.AF_INET, "192.0.2.9"), socket.inet_pton(socket.AF_INET6, "2001:db8::9")
REQUEST = client(b"\5\1\0\1" + ADDRESS + PORT)
METHODS, ANY = client(b"\5\3\0\1\2"), b"\1" + bytes(4) + bytes(2)

SOCKS: dict[str, tuple[list[Step], str, str]] = {
    "4": ([client(b"\4\1" + PORT + ADDRESS + b"user\0"), server(b"\0\x5a" + bytes(6))], "socks4", "192.0.2.9:5900"),
    "4-no-user": ([client(b"\4\1" + PORT + ADDRESS + b"\0"), server(b"\0\x5a" + bytes(6))], "socks4", "192.0.2.9:5900"),
    "4a": (
        [client(b"\4\1" + PORT + b"\0\0\0\1user\0vm.example\0"), server(b"\0\x5a" + bytes(6))],
        "socks4a",
        "vm.example:5900",
    ),
    "5": (
        [METHODS, server(b"\5\0"), REQUEST, server(b"\5\0\0" + ANY)],
        "socks5",
        "192.0.2.9:5900",
    ),
    "5-name": (
        [client(b"\5\1\0"), server(b"\5\0"), client(b"\5\1\0\3" + counted(b"vm.example") + PORT), server(b"\5\0\0\3\1a\0\0")],
        "socks5",
        "vm.example:5900",
    ),
    "5-ipv6": (
        [METHODS, server(b"\5\0"), client(b"\5\1\0\4" + ADDRESS6 + PORT), server(b"\5\0\0\4" + bytes(18))],
        "socks5",
        "[2001:db8::9]:5900",
    ),
    "5-login": (
        [
            METHODS,
            server(b"\5\2"),
            client(b"\1" + counted(b"user") + counted(b"secret")),
            server(b"\1\0"),
            REQUEST,
            server(b"\5\0\0" + ANY),
        ],
        "socks5",
        "192.0.2.9:5900",
    ),
}


@pytest.mark.parametrize("name", SOCKS)
@pytest.mark.parametrize("cut", [1, 3, 10_000])
def test_socks_complete_and_cut_anywhere(name: str, cut: int, tmp_path: Path) -> None:
    steps, layer, target = SOCKS[name]
    made = talk(*steps, client(SENT), server(RECEIVED), cut=cut)
    sink = Result(pcap(made.packets, 101)).only
    assert (sink.client, sink.server, sink.gaps, sink.problems) == (SENT, RECEIVED, [], [])
    assert (sink.connection.layers, sink.connection.target) == (["tcp", layer], target)
    if cut > 1000:
        path = tmp_path / "socks.pcap"
        path.write_bytes(pcap(made.packets, 101))
        heads = [sum(len(data) for side, data in steps if side is wanted) for wanted in (True, False)]
        assert tshark_streams(path) == [(len(SENT) + heads[0], len(RECEIVED) + heads[1])]


@pytest.mark.parametrize("name", SOCKS)
def test_client_that_does_not_wait(name: str) -> None:
    """Everything the client says is there before the first answer, and the answers come in one piece with SPICE's."""
    steps, layer, _ = SOCKS[name]
    said = b"".join(data for from_client, data in steps if from_client)
    answered = b"".join(data for from_client, data in steps if not from_client)
    sink = capture(client(said + SENT), server(answered + RECEIVED)).only
    assert (sink.client, sink.server) == (SENT, RECEIVED) and sink.connection.layers == ["tcp", layer]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (
            [client(b"\4\1" + PORT + ADDRESS + b"\0"), server(b"\0\x5b" + bytes(6))],
            "the proxy answered 91 (rejected or failed) to SOCKS for 192.0.2.9:5900",
        ),
        ([METHODS, server(b"\5\xff")], "the proxy answered that it accepts none of the logins offered to SOCKS"),
        (
            [METHODS, server(b"\5\2"), client(b"\1" + counted(b"a") + counted(b"b")), server(b"\1\1")],
            "the proxy answered that user name or password are wrong to SOCKS",
        ),
        (
            [METHODS, server(b"\5\0"), REQUEST, server(b"\5\5\0" + ANY)],
            "the proxy answered 5 (connection refused) to SOCKS for 192.0.2.9:5900",
        ),
        (
            [METHODS, server(b"\5\0"), REQUEST],
            "the capture has no answer to SOCKS for 192.0.2.9:5900",
        ),
    ],
)
def test_refused_by_a_socks_proxy(steps: list[Step], words: str) -> None:
    result = capture(*steps)
    code = "proxy-unanswered" if "no answer" in words else "proxy-refused"
    assert result.only.problems == [(code, words)] and result.totals.refused_connections == 1


@pytest.mark.parametrize(
    "steps",
    [
        [client(b"\5\1\1"), server(b"\5\1"), client(b"\1\1\0\4abcd")],  # GSS-API
        [METHODS, server(b"\5\7")],  # not offered
        [METHODS, server(b"\4\0")],
        [METHODS, server(b"\5\0"), client(b"\5\3\0\1" + ADDRESS + PORT)],  # for UDP
        [METHODS, server(b"\5\0"), client(b"\5\1\0\7" + ADDRESS + PORT)],
        [METHODS, server(b"\5\0"), client(b"\5\1\0\1" + ADDRESS + b"\0\0")],
        [METHODS, server(b"\5\0"), client(b"\5\1\0\1" + ADDRESS + b"\1\xbb"), server(b"\5\5\0" + ANY)],  # port 443
        [METHODS, server(b"\5\0"), REQUEST, server(b"\6\0\0" + ANY)],
        [METHODS, server(b"\5\0"), REQUEST, server(b"\5\0\0" + ANY), client(b"SSH-2.0-x")],
        [client(b"\4\1" + PORT + ADDRESS + b"us\1er\0"), server(b"\0\x5a" + bytes(6))],
        [client(b"\4\1" + PORT + ADDRESS + b"user\0"), server(b"\1\x5a" + bytes(6))],
        [client(b"\4\1" + PORT + ADDRESS + bytes(b"x" * 70_000))],
        [client(b"\4\2" + PORT + ADDRESS + b"\0")],
        [client(b"\5\0\0\0")],
    ],
)
def test_other_things_that_begin_like_socks(steps: list[Step]) -> None:
    result = capture(*steps)
    assert not result.sinks and result.totals.foreign_connections == 1


SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def v2(command: int, family: int, body: bytes) -> bytes:
    return SIGNATURE + bytes((0x20 | command, family)) + struct.pack(">H", len(body)) + body


HEADERS: dict[str, tuple[bytes, str, tuple[str, int] | None]] = {
    "1": (b"PROXY TCP4 198.51.100.7 192.0.2.1 40001 5900\r\n", "proxy-v1", ("198.51.100.7", 40001)),
    "1-ipv6": (b"PROXY TCP6 2001:db8::7 2001:db8::1 40001 5900\r\n", "proxy-v1", ("2001:db8::7", 40001)),
    "1-unknown": (b"PROXY UNKNOWN\r\n", "proxy-v1", None),
    "2": (v2(1, 0x11, bytes((198, 51, 100, 7)) + ADDRESS + b"\x9c\x41" + PORT), "proxy-v2", ("198.51.100.7", 40001)),
    "2-ipv6": (v2(1, 0x21, ADDRESS6 + ADDRESS6 + b"\x9c\x41" + PORT), "proxy-v2", ("2001:db8::9", 40001)),
    "2-tlv": (v2(1, 0x11, ADDRESS * 2 + b"\x9c\x41" + PORT + b"\x02\0\3a.b"), "proxy-v2", ("192.0.2.9", 40001)),
    "2-local": (v2(0, 0, b""), "proxy-v2", None),
    "2-unix": (v2(1, 0x31, bytes(216)), "proxy-v2", None),
}


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("cut", [1, 10_000])
def test_proxy_header_complete_and_cut_anywhere(name: str, cut: int) -> None:
    header, layer, origin = HEADERS[name]
    sink = capture(client(header), client(SENT), server(RECEIVED), cut=cut).only
    assert (sink.client, sink.server, sink.gaps, sink.problems) == (SENT, RECEIVED, [], [])
    assert (sink.connection.layers, sink.connection.origin) == (["tcp", layer], origin)
    assert capture(client(header + SENT), server(RECEIVED)).only.client == SENT


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY " + bytes(200),
        b"PROXY TCP4 1.2.3.4\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 port 1\r\n",
        SIGNATURE + b"\x31\x11\0\0",
        HEADERS["1"][0] + b"HELO there, this is mail",
    ],
)
def test_proxy_header_wrong_or_before_something_else(header: bytes) -> None:
    result = capture(client(header), client(SENT[:3]))
    assert not result.sinks and result.totals.foreign_connections == 1


def connect(host: bytes = b"vm.example:5900", fields: bytes = b"") -> Step:
    return client(b"CONNECT " + host + b" HTTP/1.1\r\n" + fields + b"\r\n")


WANTS_LOGIN = b"HTTP/1.1 407 Proxy Authentication Required\r\n"
OPEN = server(b"HTTP/1.1 200 Connection established\r\n\r\n")
BODIES = {
    "none": b"Content-Length: 0\r\n\r\n",
    "counted": b"Content-Length: 12\r\n\r\nHTTP/1.1 200",
    "chunked": b"Transfer-Encoding: chunked\r\n\r\n5\r\nlogin\r\n0\r\n\r\n",
    "uncounted": b"\r\n<html>\r\n\r\n</html>",
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("cut", [1, 10_000])
@pytest.mark.parametrize("times", [1, 2])
def test_tunnel_after_a_login(body: str, cut: int, times: int) -> None:
    asked = [connect(), server(WANTS_LOGIN + BODIES[body])] * times
    login = connect(fields=b"Proxy-Authorization: Basic dTpw\r\n")
    sink = capture(*asked, login, OPEN, client(SENT), server(RECEIVED), cut=cut).only
    assert (sink.client, sink.server, sink.problems) == (SENT, RECEIVED, [])
    assert (sink.connection.layers, sink.connection.target) == (["tcp", "http-connect"], "vm.example:5900")


@pytest.mark.parametrize(
    ("steps", "code", "words"),
    [
        ([connect(b"h:61000"), server(WANTS_LOGIN + b"\r\n")], "proxy-refused", '"HTTP/1.1 407 Proxy Authentication Required"'),
        ([connect(b"h:61000"), server(b"HTTP/1.0 401 in\x1bvalid\r\n\r\n")], "proxy-refused", '"HTTP/1.0 401 in\\x1bvalid"'),
        ([connect(b"a:b:c:61000")], "proxy-unanswered", 'no answer to "CONNECT a:b:c:61000"'),
        (
            [connect(b"h:61000"), server(WANTS_LOGIN + b"\r\n"), connect(b"h:61000"), server(b"HTTP/1.1 503 No\r\n\r\n")],
            "proxy-refused",
            '"HTTP/1.1 503 No"',
        ),
    ],
)
def test_refused_by_an_http_proxy(steps: list[Step], code: str, words: str) -> None:
    result = capture(*steps)
    ((found, text),) = result.only.problems
    assert found == code and words in text and result.totals.refused_connections == 1


def test_proxy_that_closes_without_an_answer() -> None:
    made = talk(connect(b"h:61000"), close=False)
    made.send(False, flags=ACK | FIN)
    made.send(True, flags=ACK | FIN)
    ((code, text),) = Result(pcap(made.packets, 101)).only.problems
    assert (code, text) == ("proxy-refused", 'the proxy closed without an answer to "CONNECT h:61000"')


def test_tunnels_of_browsers_are_nobodys_fault() -> None:
    result = capture(connect(b"web.example:443"), server(b"HTTP/1.1 403 Forbidden\r\n\r\n"))
    assert not result.sinks and result.totals.foreign_connections == 1


def test_proxmox_ticket_with_colons(capsys: pytest.CaptureFixture[str]) -> None:
    """Three connections: one let through, one with an old ticket, one that the proxy closes without a word."""
    assert main(["decode", str(CAPTURES / "proxy-authority.pcap")]) == 1
    text = capsys.readouterr().out
    host = "pvespiceproxy:00000000:100:node1:"
    assert f"over tcp/http-connect to {host}:0123456789abcdef0123456789abcdef01234567:61000, main:0" in text
    assert f'the proxy answered "HTTP/1.0 401 invalid ticket" to "CONNECT {host}:0123:61001"' in text
    assert f'the proxy closed without an answer to "CONNECT {host}:0124:61001"' in text
    assert "1 message, 3 connections, 1 session, 2 errors" in text
