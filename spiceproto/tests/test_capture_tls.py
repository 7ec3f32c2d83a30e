"""TLS: every suite and version that OpenSSL here speaks, real captures, missing secrets, damage and gaps."""

from __future__ import annotations

import datetime
import io
import os
import ssl
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from spiceproto.capture import limits, tls
from spiceproto.capture.tls_suites import SUITES, expand_label
from spiceproto.tests.capture_samples import (
    CAPTURES,
    Recorder,
    Result,
    Talk,
    block,
    enhanced,
    interface,
    link_message,
    link_reply,
    pcap,
    pcapng,
    secrets,
    section,
)

SENT = link_message() + bytes(range(256)) * 20
RECEIVED = link_reply() + bytes(range(255, -1, -1)) * 150
Flight = list[tuple[bool, bytes]]

# The conversation is made by this program so that a configuration file can choose the suites of TLS 1.3.
_TALKER = """
import ssl, sys, pickle
job = pickle.load(sys.stdin.buffer)
client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
server.load_cert_chain(job["certificate"])
client.keylog_filename = job["keylog"]
for context in (client, server):
    context.options |= job["options"]
    context.minimum_version = context.maximum_version = job["version"]
    if job["ciphers"]:
        context.set_ciphers(job["ciphers"])
flights, waiting = [], {True: True, False: True}
outgoing = {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}
incoming = {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}
ends = {True: client.wrap_bio(incoming[True], outgoing[True]),
        False: server.wrap_bio(incoming[False], outgoing[False], server_side=True)}
def move(side):
    data = outgoing[side].read()
    if data:
        flights.append((side, data))
        incoming[not side].write(data)
while any(waiting.values()):
    for side in (True, False):
        if waiting[side]:
            try:
                ends[side].do_handshake()
                waiting[side] = False
            except ssl.SSLWantReadError:
                pass
            move(side)
for side, data in job["data"]:
    ends[side].write(data)
    move(side)
    try:
        while ends[not side].read(1 << 16): pass
    except ssl.SSLWantReadError: pass
for side in (True, False):
    try: ends[side].unwrap()
    except ssl.SSLError: pass
    move(side)
sys.stdout.buffer.write(pickle.dumps((flights, client.get_ciphers() and ends[True].cipher())))
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Self-signed, made now."""
    folder = tmp_path_factory.mktemp("tls")
    keys: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = {
        "rsa": rsa.generate_private_key(65537, 2048),
        "ecdsa": ec.generate_private_key(ec.SECP256R1()),
    }
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    paths = {}
    for kind, key in keys.items():
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(1))
        certificate = builder.sign(key, hashes.SHA256())
        pem = serialization.Encoding.PEM
        paths[kind] = folder / f"{kind}.pem"
        paths[kind].write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(pem)
        )
    return paths


def converse(
    certificate: Path,
    keylog: Path,
    version: ssl.TLSVersion,
    ciphers: str = "",
    *,
    options: int = 0,
    suites: str = "",
) -> tuple[Flight, str]:
    """A conversation over TLS, and the name of its suite."""
    import pickle

    environment = dict(os.environ)
    if suites:
        configuration = keylog.with_suffix(".cnf")
        configuration.write_text(
            "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n" + f"Ciphersuites = {suites}\n"
        )
        environment["OPENSSL_CONF"] = str(configuration)
    job = {
        "certificate": str(certificate),
        "keylog": str(keylog),
        "version": int(version),
        "ciphers": ciphers,
        "options": options,
        "data": [(True, SENT[:100]), (False, RECEIVED[:200]), (True, SENT[100:]), (False, RECEIVED[200:])],
    }
    done = subprocess.run(
        [sys.executable, "-c", _TALKER], input=pickle.dumps(job), capture_output=True, env=environment, check=False
    )
    if done.returncode:
        pytest.skip(f"OpenSSL here does not do it: {done.stderr.decode().splitlines()[-1]}")
    flights, cipher = pickle.loads(done.stdout)
    return flights, cipher[0]


def packets(flights: Flight, cut: int = 1400) -> list[bytes]:
    """The conversation in TCP segments."""
    talk = Talk()
    talk.open()
    for from_client, data in flights:
        for at in range(0, len(data), cut):
            talk.send(from_client, data[at : at + cut])
    talk.close()
    return talk.packets


def check(sink: Recorder, layer: str) -> None:
    assert (sink.client, sink.server, sink.gaps, sink.problems) == (SENT, RECEIVED, [], [])
    assert sink.connection.layers == ["tcp", layer]


@pytest.mark.parametrize(
    "suite",
    [
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_CCM_SHA256",
        "TLS_AES_128_CCM_8_SHA256",
    ],
)
def test_tls13(certificates: dict[str, Path], tmp_path: Path, suite: str) -> None:
    keylog = tmp_path / "keys.txt"
    flights, name = converse(certificates["rsa"], keylog, ssl.TLSVersion.TLSv1_3, suites=suite)
    assert name == suite
    data = pcap(packets(flights), 101)
    check(Result(data, keylog=keylog).only, "tls1.3")
    opened = Result(pcap(packets(flights, 7), 101), keylog=keylog)
    check(opened.only, "tls1.3")
    only_application = tmp_path / "some.txt"
    lines = [line for line in keylog.read_text().splitlines() if "HANDSHAKE" not in line]
    only_application.write_text("\n".join(lines))
    check(Result(data, keylog=only_application).only, "tls1.3")


@pytest.mark.parametrize(
    ("ciphers", "certificate"),
    [
        ("ECDHE-RSA-AES128-GCM-SHA256", "rsa"),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", "ecdsa"),
        ("AES256-GCM-SHA384", "rsa"),
        ("ECDHE-RSA-CHACHA20-POLY1305", "rsa"),
        ("ECDHE-ECDSA-AES128-CCM", "ecdsa"),
        ("AES256-CCM8", "rsa"),
        ("AES128-SHA", "rsa"),
        ("AES256-SHA256", "rsa"),
        ("ECDHE-RSA-AES256-SHA384", "rsa"),
        ("ECDHE-ECDSA-AES128-SHA256", "ecdsa"),
    ],
)
def test_tls12(certificates: dict[str, Path], tmp_path: Path, ciphers: str, certificate: str) -> None:
    no_encrypt_then_mac = 1 << 19
    cbc = "-SHA" in ciphers and "GCM" not in ciphers
    for options in (0, no_encrypt_then_mac) if cbc else (0,):
        keylog = tmp_path / f"keys{options}.txt"
        flights, name = converse(
            certificates[certificate], keylog, ssl.TLSVersion.TLSv1_2, ciphers + ":@SECLEVEL=0", options=options
        )
        assert name == ciphers
        check(Result(pcap(packets(flights), 101), keylog=keylog).only, "tls1.2")


@pytest.mark.parametrize(("version", "layer"), [(ssl.TLSVersion.TLSv1, "tls1.0"), (ssl.TLSVersion.TLSv1_1, "tls1.1")])
@pytest.mark.parametrize("options", [0, 1 << 19])
def test_old_versions(certificates: dict[str, Path], tmp_path: Path, version: ssl.TLSVersion, layer: str, options: int) -> None:
    keylog = tmp_path / "keys.txt"
    flights, _ = converse(certificates["rsa"], keylog, version, "AES256-SHA:@SECLEVEL=0", options=options)
    check(Result(pcap(packets(flights), 101), keylog=keylog).only, layer)


@pytest.fixture(scope="module")
def session(certificates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Flight, bytes]:
    """One TLS 1.3 conversation and its key log."""
    keylog = tmp_path_factory.mktemp("session") / "keys.txt"
    return converse(certificates["rsa"], keylog, ssl.TLSVersion.TLSv1_3)[0], keylog.read_bytes()


def test_secrets_in_the_capture_before_and_after(session: tuple[Flight, bytes], tmp_path: Path) -> None:
    flights, keys = session
    frames = b"".join(enhanced(packet) for packet in packets(flights))
    head = section() + interface(101)
    half = keys.index(b"\n", len(keys) // 2) + 1
    for data in (
        head + secrets(keys) + frames,
        head + frames + secrets(keys),
        head + secrets(keys[:half]) + frames + block(0x0BAD, bytes(300_000)) + secrets(keys[half:]),
    ):
        path = tmp_path / "session.pcapng"
        path.write_bytes(data)
        check(Result(path).only, "tls1.3")  # by looking ahead in the file
        check(Result(data).only, "tls1.3")  # by waiting, as from a pipe


def test_no_secrets_is_a_named_problem(session: tuple[Flight, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    flights, _ = session
    for data in (pcap(packets(flights), 101), pcapng(packets(flights), 101)):
        result = Result(data)
        sink = result.only
        assert [code for code, _ in sink.problems] == ["tls-no-secrets", "tls-opaque"]
        assert sink.connection.opaque and sink.connection.opaque_bytes > len(SENT) + len(RECEIVED)
        assert not sink.pieces and result.totals.opaque_connections == 1
        assert result.totals.opaque_bytes == sink.connection.opaque_bytes and result.totals.spice_connections == 0
    monkeypatch.setattr(tls, "TLS_WAITING", 5000)
    assert [code for code, _ in Result(pcapng(packets(flights), 101)).only.problems] == ["tls-no-secrets", "tls-opaque"]


def test_no_secrets_says_what_would_help(session: tuple[Flight, bytes], tmp_path: Path) -> None:
    data = pcap(packets(session[0]), 101)
    assert "; give them with --keylog FILE" in Result(data).only.problems[0][1]
    (log := tmp_path / "keys").write_text(f"CLIENT_RANDOM {'00' * 32} {'00' * 48}\n")
    assert "; the key log has secrets of 1 session, none of this one" in Result(data, keylog=log).only.problems[0][1]


def test_wrong_secrets_are_a_named_problem(session: tuple[Flight, bytes], tmp_path: Path) -> None:
    flights, keys = session
    path = tmp_path / "keys.txt"
    lines = [line.split() for line in keys.splitlines() if not line.startswith(b"#")]
    path.write_bytes(b"\n".join(b" ".join((a, b, c[:-2] + b"%02x" % (int(c[-2:], 16) ^ 1))) for a, b, c in lines))
    sink = Result(pcap(packets(flights), 101), keylog=path).only
    assert [code for code, _ in sink.problems] == ["tls-record", "tls-opaque"] and sink.connection.opaque


def test_capture_without_handshake(session: tuple[Flight, bytes], tmp_path: Path) -> None:
    flights, keys = session
    path = tmp_path / "keys.txt"
    path.write_bytes(keys)
    made = packets(flights)
    late = made[-30:]
    result = Result(pcap(late, 101), keylog=path)
    assert not result.sinks and result.totals.foreign_connections == 1
    talk = Talk()
    talk.send(False, b"\x17\x03\x03\x00\x20" + bytes(32))
    assert Result(pcap(talk.packets, 101), ports=[5900]).only.problems[0][0] == "tls-no-handshake"


def test_tls_with_something_else_is_dropped(
    certificates: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keylog = tmp_path / "keys.txt"
    monkeypatch.setattr(sys.modules[__name__], "SENT", b"EHLO smtp over tls\r\n" * 10)
    flights, _ = converse(certificates["rsa"], keylog, ssl.TLSVersion.TLSv1_3)
    result = Result(pcap(packets(flights), 101), keylog=keylog)
    assert not result.sinks and result.totals.foreign_connections == 1


def test_gap_is_survived(session: tuple[Flight, bytes], tmp_path: Path) -> None:
    """Lost segments inside one record, and over several: what follows is read again."""
    flights, keys = session
    path = tmp_path / "keys.txt"
    path.write_bytes(keys)
    made = packets(flights)
    data_packets = [n for n, packet in enumerate(made) if len(packet) == 1440]
    server = [n for n in data_packets if n > data_packets[8]]
    for lost in ({server[2]}, set(server[2:16])):
        sink = Result(pcap([p for n, p in enumerate(made) if n not in lost], 101), keylog=path).only
        assert sink.client == SENT and sink.server[:200] == RECEIVED[:200] and sink.server.endswith(RECEIVED[-500:])
        assert sink.gaps and not sink.problems and len(sink.server) < len(RECEIVED)
    sink = Result(pcap([p for n, p in enumerate(made) if n != 4], 101), keylog=path).only
    assert sink.problems[0][0] in ("tls-gap", "tls-record", "tls-no-handshake") and sink.connection.opaque


def test_damaged_record_is_a_named_problem(session: tuple[Flight, bytes], tmp_path: Path) -> None:
    flights, keys = session
    path = tmp_path / "keys.txt"
    path.write_bytes(keys)
    last = max(n for n, (from_client, data) in enumerate(flights) if not from_client and len(data) > 20000)
    damaged = list(flights)
    content = bytearray(damaged[last][1])
    content[100] ^= 1
    damaged[last] = (False, bytes(content))
    sink = Result(pcap(packets(damaged), 101), keylog=path).only
    assert [code for code, _ in sink.problems] == ["tls-record"] and sink.server.endswith(RECEIVED[-500:])
    content[100] ^= 1
    content[0] = 99
    damaged[last] = (False, bytes(content))
    sink = Result(pcap(packets(damaged), 101), keylog=path).only
    assert [code for code, _ in sink.problems] == ["tls-framing"] and sink.server == RECEIVED[:200]


class Maker:
    """A TLS 1.3 sender written by hand, for what OpenSSL cannot be asked to do."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.sequence = 0

    def record(self, kind: int, content: bytes, padding: int = 0) -> bytes:
        key, iv = expand_label(self.secret, "key", 16, "sha256"), expand_label(self.secret, "iv", 12, "sha256")
        nonce = (int.from_bytes(iv, "big") ^ self.sequence).to_bytes(12, "big")
        self.sequence += 1
        plain = content + bytes((kind,)) + bytes(padding)
        header = b"\x17\x03\x03" + (len(plain) + 16).to_bytes(2, "big")
        return header + AESGCM(key).encrypt(nonce, plain, header)

    def key_update(self) -> bytes:
        made = self.record(22, b"\x18\0\0\x01\0")
        self.secret, self.sequence = expand_label(self.secret, "traffic upd", 32, "sha256"), 0
        return made


def handmade(*, certificate_size: int = 300, server_name: bytes = b"") -> tuple[Flight, bytes]:
    random = bytes(range(32))
    hello = b"\x03\x03" + random + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + b"\0\0"
    reply = b"\x03\x03" + bytes(32) + b"\0" + b"\x13\x01" + b"\0" + b"\0\x06\0\x2b\0\x02\x03\x04"

    def plain(kind: int, body: bytes) -> bytes:
        message = bytes((kind,)) + len(body).to_bytes(3, "big") + body
        return b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message

    labels = [f"{side}_{what}" for what in ("HANDSHAKE_TRAFFIC_SECRET", "TRAFFIC_SECRET_0") for side in ("CLIENT", "SERVER")]
    keys = {label: bytes((n + 1,)) * 32 for n, label in enumerate(labels)}
    log = "".join(f"{label} {random.hex()} {secret.hex()}\n" for label, secret in keys.items())
    finished = b"\x14\0\0\x20" + bytes(32)
    hands = {side: Maker(keys[f"{side}_HANDSHAKE_TRAFFIC_SECRET"]) for side in ("CLIENT", "SERVER")}
    client, server = Maker(keys["CLIENT_TRAFFIC_SECRET_0"]), Maker(keys["SERVER_TRAFFIC_SECRET_0"])
    certificate = b"\x0b" + certificate_size.to_bytes(3, "big") + bytes(certificate_size)
    flight = b"".join(hands["SERVER"].record(22, certificate[at : at + 16384]) for at in range(0, len(certificate), 16384))
    flights = [(True, plain(1, hello)), (False, plain(2, reply) + b"\x14\x03\x03\0\x01\x01" + flight)]
    flights.append((False, hands["SERVER"].record(22, finished[:10]) + hands["SERVER"].record(22, finished[10:])))
    flights.append((True, b"\x14\x03\x03\0\x01\x01" + hands["CLIENT"].record(22, finished, padding=50)))
    flights.append((True, client.record(23, SENT[:500], padding=100) + client.record(23, b"") + client.key_update()))
    flights.append((False, server.key_update() + server.key_update() + server.record(23, RECEIVED[:16384])))
    flights.append((True, client.record(23, SENT[500:]) + client.record(21, b"\x01\0")))
    flights.append((False, b"".join(server.record(23, RECEIVED[at : at + 9000]) for at in range(16384, len(RECEIVED), 9000))))
    return flights, log.encode()


@pytest.mark.parametrize("size", [300, 40_000, limits.TLS_HANDSHAKE + 100])
def test_key_update_padding_and_long_handshake(tmp_path: Path, size: int) -> None:
    flights, log = handmade(certificate_size=size)
    path = tmp_path / "keys.txt"
    path.write_bytes(log)
    check(Result(pcap(packets(flights), 101), keylog=path).only, "tls1.3")


def test_unknown_suite_and_malformed_hello(tmp_path: Path) -> None:
    flights, log = handmade()
    path = tmp_path / "keys.txt"
    path.write_bytes(log)
    unknown = [(side, data.replace(b"\0\x13\x01\0", b"\0\xca\xfe\0")) for side, data in flights]
    sink = Result(pcap(packets(unknown), 101), keylog=path).only
    assert sink.problems[0] == ("tls-suite", "tls1.3 with cipher suite 0xcafe is not implemented")
    short = [flights[0], (False, b"\x16\x03\x03\0\x06\x02\0\0\x02\x03\x03"), *flights[2:]]
    sink = Result(pcap(packets(short), 101), keylog=path).only
    assert sink.problems[0] == ("tls-handshake", "a ServerHello of 2 bytes is cut off")


def test_key_log_takes_only_what_makes_sense(tmp_path: Path) -> None:
    path = tmp_path / "keys.txt"
    path.write_bytes(
        b"# comment\nCLIENT_RANDOM zz zz\nCLIENT_RANDOM 00\n\xff\xfe\0\nCLIENT_RANDOM 00 00\nFOO a b\n" + handmade()[1]
    )
    check(Result(pcap(packets(handmade()[0]), 101), keylog=path).only, "tls1.3")


def without_secrets(path: Path) -> bytes:
    """A little-endian pcapng file without its secrets blocks."""
    data, out, position = path.read_bytes(), [], 0
    while position < len(data):
        kind, size = struct.unpack_from("<II", data, position)
        if kind != 10:
            out.append(data[position : position + size])
        position += size
    return b"".join(out)


@pytest.mark.parametrize(
    ("name", "layer", "count"),
    [("qemu-tls13", "tls1.3", 4), ("qemu-tls12-rsa", "tls1.2", 4), ("andris-tls", "tls1.3", 4)],
)
def test_real_captures(name: str, layer: str, count: int) -> None:
    result = Result(CAPTURES / f"{name}.pcapng")
    opened = [sink for sink in result.sinks if layer in sink.connection.layers]
    assert len(opened) == count
    for sink in result.sinks:
        assert sink.client[:4] == sink.server[:4] == b"REDQ" and not sink.gaps and not sink.problems


def test_real_capture_with_key_log_file() -> None:
    data = without_secrets(CAPTURES / "andris-tls.pcapng")
    with_keys = Result(io.BytesIO(data).getvalue(), keylog=CAPTURES / "andris-tls.keys.txt")
    assert [len(sink.server) for sink in with_keys.sinks] == [
        len(sink.server) for sink in Result(CAPTURES / "andris-tls.pcapng").sinks
    ]
    assert Result(data).totals.opaque_connections == 4


def test_suites_are_named_as_registered() -> None:
    assert SUITES[0xC02F].name == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert SUITES[0xC028].name == "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384" and SUITES[0xC028].hash == "sha384"
    assert SUITES[0x003C].mac == "sha256" and 0 not in SUITES
