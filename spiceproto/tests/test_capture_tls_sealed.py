"""TLS that nobody can read: its alerts by name and sender, what ties it to SPICE, and key logs that are of no use."""

from __future__ import annotations

import contextlib
import io
import ssl
import struct
from pathlib import Path

import pytest

from spiceproto import certificates
from spiceproto.capture.layers import Connection, End
from spiceproto.capture.streams import Capture
from spiceproto.capture.tls_alerts import describe_late, may_be_late
from spiceproto.capture.tls_sealed import FOREIGN
from spiceproto.command import main
from spiceproto.tests.capture_samples import CAPTURES, FIN, Address, Result, Talk, link_message, link_reply, pcap, spice_talk

UNKNOWN_CA = CAPTURES / "unknown-ca.pcap"


def record(kind: int, body: bytes) -> bytes:
    return struct.pack(">BHH", kind, 0x0303, len(body)) + body


def handshake(kind: int, body: bytes) -> bytes:
    return record(22, bytes((kind,)) + len(body).to_bytes(3, "big") + body)


HELLO = handshake(1, b"\x03\x03" + bytes(32) + b"\0\0\x02\xc0\x2f\x01\0")
ANSWER = handshake(2, b"\x03\x03" + bytes(range(32)) + b"\0\xc0\x2f\0")
DATA = record(23, bytes(40))


def alert(level: int, description: int) -> bytes:
    return record(21, bytes((level, description)))


def talk(*flights: tuple[bool, bytes], server: Address = (bytes((10, 0, 0, 2)), 5901)) -> list[bytes]:
    made = Talk(server=server)
    made.open()
    for from_client, data in flights:
        made.send(from_client, data)
    made.close()
    return made.packets


def codes(packets: list[bytes], **options: object) -> list[list[str]]:
    return [[code for code, _ in sink.problems] for sink in Result(pcap(packets, 101), **options).sinks]


def notes(packets: list[bytes]) -> list[str]:
    return [warning.text for warning in Result(pcap(packets, 101)).capture.warnings]


# -- alerts


@pytest.mark.parametrize("keys", [[], ["--keylog", str(CAPTURES / "unknown-ca.keys.txt")]], ids=["alone", "keys"])
def test_an_authority_that_the_client_does_not_know(keys: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", *keys, str(UNKNOWN_CA)]) == 1
    text = capsys.readouterr().out
    assert text.count(" error        client tls-alert ") == 2
    assert text.count('the client ended TLS with the fatal alert 48 "unknown CA" (frame ') == 2
    assert "over tcp/tls1.2, no channel" in text and "over tcp/tls1.3, no channel" in text
    assert "could not be decrypted" not in text and "spoken" not in text and "2 connections, 0 sessions, 2 errors" in text


@pytest.mark.parametrize(
    ("answered", "side", "last", "code", "text"),
    [
        (False, False, alert(2, 70), "tls-alert", 'the server ended TLS with the fatal alert 70 "protocol version"'),
        (False, False, alert(2, 40), "tls-alert", 'the server ended TLS with the fatal alert 40 "handshake failure"'),
        (False, False, alert(2, 5), "tls-alert", 'the server ended TLS with the fatal alert 5 "of no name"'),
        (True, True, alert(2, 48), "tls-alert", 'the client ended TLS with the fatal alert 48 "unknown CA"'),
        (True, True, alert(1, 90), "tls-warning", 'the client sent the TLS alert 90 "user canceled" as a warning'),
    ],
)
@pytest.mark.parametrize("cut", [1, 3, 2000])
def test_alerts_by_name_and_sender(answered: bool, side: bool, last: bytes, code: str, text: str, cut: int) -> None:
    flights = [(True, HELLO), *([(False, ANSWER)] if answered else []), (side, last)]
    pieces = [(sender, data[at : at + cut]) for sender, data in flights for at in range(0, len(data), cut)]
    assert Result(pcap(talk(*pieces), 101)).only.problems == [(code, text)]


@pytest.mark.parametrize("last", [alert(1, 0), alert(2, 0), alert(3, 40), record(21, bytes(26))])
def test_the_usual_end_and_encrypted_alerts_are_no_news(last: bytes) -> None:
    assert codes(talk((True, HELLO), (False, ANSWER), (True, DATA), (True, last))) == [["tls-no-secrets", "tls-opaque"]]


def test_an_alert_behind_the_end_of_the_other_side_is_no_news() -> None:
    """OpenSSL says so of a client that just hangs up."""
    made = Talk(server=(bytes((10, 0, 0, 2)), 5901))
    made.open()
    for from_client, data in ((True, HELLO), (False, ANSWER), (True, DATA)):
        made.send(from_client, data)
    made.send(True, flags=FIN | 16)
    made.send(False, alert(2, 50))
    assert codes(made.packets) == [["tls-no-secrets", "tls-opaque"]]


def over(*ends: str, knew: str = "") -> Connection:
    made = Connection(Capture(io.BytesIO()), 0, 0, 1)
    made.ends = {side: End("FIN", 0, 2) for side in ends}
    made.knew_end = {knew} - {""}
    return made


@pytest.mark.parametrize(
    ("connection", "code"),
    [
        (over("client", "server", knew="server"), None),
        (over("client"), None),
        (over("client", "server"), "tls-alert"),
        (over("server"), "tls-alert"),
        (over(), "tls-warning"),
    ],
    ids=["knew", "was cut off", "did not know", "ended alone", "no end seen"],
)
def test_a_decode_error_is_told_unless_the_end_of_the_other_side_caused_it(connection: Connection, code: str | None) -> None:
    body = alert(2, 50)[5:]
    assert may_be_late(body) and not may_be_late(alert(2, 48)[5:])
    said = describe_late(connection, body, from_client=False)
    assert (said[0] if said is not None else None) == code
    assert said is None or said[1].startswith('the server ended TLS with the fatal alert 50 "decode error"')


def test_no_alert_is_made_up_behind_a_hole() -> None:
    made = Talk(server=(bytes((10, 0, 0, 2)), 5901))
    made.open()
    for from_client, data in ((True, HELLO), (False, ANSWER), (True, DATA), (True, DATA), (True, alert(2, 40) * 3)):
        made.send(from_client, data)
    made.close()
    del made.packets[6]
    assert codes(made.packets) == [["tls-no-secrets", "tls-opaque"]]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_an_encrypted_alert(version: ssl.TLSVersion, tmp_path: Path) -> None:
    """The server does not like a record, and says so in one that has to be decrypted."""
    made, log = certificates.make(), tmp_path / "keys"
    (tmp_path / "pem").write_text(made.key_pem + made.certificate_pem)
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.check_hostname, client.verify_mode, client.keylog_filename = False, ssl.CERT_NONE, str(log)
    server.load_cert_chain(tmp_path / "pem")
    client.maximum_version = server.minimum_version = version
    outgoing, incoming = ({True: ssl.MemoryBIO(), False: ssl.MemoryBIO()} for _ in range(2))
    ends = {
        True: client.wrap_bio(incoming[True], outgoing[True]),
        False: server.wrap_bio(incoming[False], outgoing[False], server_side=True),
    }
    flights: list[tuple[bool, bytes]] = []

    def move(side: bool) -> None:
        data = outgoing[side].read()
        if data:
            flights.append((side, data))
            incoming[not side].write(data)

    for _ in range(3):
        for side in (True, False):
            with contextlib.suppress(ssl.SSLWantReadError):
                ends[side].do_handshake()
            move(side)
    for side, data in ((True, link_message()), (False, link_reply())):
        ends[side].write(data)
        move(side)
        ends[not side].read(1 << 14)
    ends[True].write(b"damaged")
    damaged = bytearray(outgoing[True].read())
    damaged[-1] ^= 1
    flights.append((True, bytes(damaged)))
    incoming[False].write(bytes(damaged))
    with pytest.raises(ssl.SSLError):
        ends[False].read(1 << 14)
    move(False)
    sink = Result(pcap(talk(*flights), 101), keylog=log).only
    text = 'the server ended TLS with the fatal alert 20 "bad record MAC"'
    assert sink.problems[-1] == ("tls-alert", text) and [code for code, _ in sink.problems] == ["tls-record", "tls-alert"]
    assert (sink.client, sink.server) == (link_message(), link_reply())


# -- what ties it to SPICE

ENCRYPTED = ((True, HELLO), (False, ANSWER), (True, DATA), (False, DATA))
ELSEWHERE = (bytes((10, 0, 0, 9)), 8443)


@pytest.mark.parametrize("flights", [ENCRYPTED, ((True, HELLO), (False, alert(2, 40)))], ids=["data", "alert"])
def test_tls_of_others_is_one_line(flights: tuple[tuple[bool, bytes], ...]) -> None:
    packets = [packet for port in (8443, 443, 993) for packet in talk(*flights, server=(ELSEWHERE[0], port))]
    assert codes(packets) == []
    (note,) = notes(packets)
    assert note.startswith(f"3 connections in {FOREIGN}") and "the first 10.0.0.1:40000 > 10.0.0.9:8443 (frame 1" in note


def test_what_ties_it() -> None:
    assert codes(talk(*ENCRYPTED, server=(ELSEWHERE[0], 5999))) == [["tls-no-secrets", "tls-opaque"]]
    assert codes(talk(*ENCRYPTED, server=ELSEWHERE), ports=[8443]) == [["tls-no-secrets", "tls-opaque"]]
    plain = spice_talk(server=(ELSEWHERE[0], 7000))[0]
    secret = talk(*ENCRYPTED, server=ELSEWHERE)
    for packets in (plain + secret, secret[:-3] + plain + secret[-3:]):
        assert sorted(codes(packets)) == [[], ["tls-no-secrets", "tls-opaque"]]
    web = talk(*ENCRYPTED, server=(ELSEWHERE[0], 443))
    assert codes(plain + web) == [[]]
    assert codes(secret + plain) == [[]]  # nobody knew yet when it was over: it is in the line of the others
    assert len(notes(secret + plain)) == 1


@pytest.mark.parametrize(("port", "tied"), [("61000", True), ("443", False)])
def test_tls_behind_a_proxy(port: str, tied: bool) -> None:
    asked = ((True, f"CONNECT h:{port} HTTP/1.1\r\n\r\n".encode()), (False, b"HTTP/1.1 200 OK\r\n\r\n"))
    packets = talk(*asked, *ENCRYPTED, server=(ELSEWHERE[0], 3128))
    assert codes(packets) == ([["tls-no-secrets", "tls-opaque"]] if tied else [])


# -- key logs


OTHERS = f"CLIENT_RANDOM {'11' * 32} {'00' * 48}\n"


@pytest.mark.parametrize(
    ("log", "packets", "text"),
    [
        ("", talk(*ENCRYPTED), "has no secrets: it should have lines in NSS format"),
        (OTHERS, talk(*ENCRYPTED), "has secrets of 1 session, and none for the 1 TLS connection of"),
        (OTHERS, spice_talk()[0], "is of no use: the capture has no beginning of a TLS connection"),
    ],
)
def test_key_logs_that_are_of_no_use(log: str, packets: list[bytes], text: str, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(log)
    warnings = Result(pcap(packets, 101), keylog=tmp_path / "keys").capture.warnings
    assert [(item.severity, item.code) for item in warnings] == [("warning", "key-log")]
    assert warnings[0].text.startswith(f"the key log {text}")


def test_key_logs_that_fit_are_no_news() -> None:
    assert Result(CAPTURES / "andris-tls.pcapng", keylog=CAPTURES / "andris-tls.keys.txt").capture.warnings == []


def test_a_log_with_half_of_a_session(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"SERVER_TRAFFIC_SECRET_0 {'00' * 32} {'00' * 48}\n")
    ((code, text), _) = Result(pcap(talk(*ENCRYPTED), 101), keylog=tmp_path / "keys").only.problems
    assert code == "tls-no-secrets"
    assert text.endswith("; the key log has SERVER_TRAFFIC_SECRET_0 of it, but no CLIENT_RANDOM")
