"""WebSocket and HTTP in front of SPICE."""

from __future__ import annotations

import base64
import random
import zlib

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from spiceproto.capture.websocket import unmask
from spiceproto.capture.websocket_deflate import Inflater
from spiceproto.tests.capture_samples import CAPTURES, Recorder, Result, Talk, link_message, link_reply, pcap

REQUEST = b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: binary\r\n\r\n"
RESPONSE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: binary\r\n\r\n"
BASE64 = RESPONSE.replace(b"binary", b"base64")
SENT = link_message() + bytes(range(256)) * 300
RECEIVED = link_reply() + bytes(range(255, -1, -1)) * 3


def frame(payload: bytes, mask: bytes = b"", *, opcode: int = 2, fin: bool = True, length: int | None = None) -> bytes:
    size = len(payload)
    marked = 0x80 if mask else 0
    if length is None:
        length = 0 if size < 126 else 2 if size < 65536 else 8
    code = {0: size, 2: 126, 8: 127}[length]
    body = unmask(payload, mask, 0) if mask else payload
    return bytes((opcode | 0x80 * fin, code | marked)) + (size.to_bytes(length, "big") if length else b"") + mask + body


def talk(client: bytes, server: bytes, *, cut: int = 1000, response: bytes = RESPONSE, request: bytes = REQUEST) -> Result:
    made = Talk()
    made.open()
    made.send(True, request)
    made.send(False, response)
    for from_client, stream in ((True, client), (False, server)):
        for at in range(0, len(stream), cut):
            made.send(from_client, stream[at : at + cut])
    made.close()
    return Result(pcap(made.packets, 101))


def check(sink: Recorder, layers: list[str] | None = None) -> None:
    assert (sink.client, sink.server, sink.gaps, sink.problems) == (SENT, RECEIVED, [], [])
    assert sink.connection.layers == (layers or ["tcp", "websocket"])


MASK = b"\x12\x34\x00\xff"


def plain_frames() -> tuple[bytes, bytes]:
    """Short, 16-bit and 64-bit lengths; pings, pongs and an empty frame in between; fragments; a close."""
    client = frame(SENT[:100], MASK) + frame(b"ping", MASK, opcode=9) + frame(SENT[100:70000], MASK) + frame(b"", MASK)
    client += frame(SENT[70000:70500], b"\1\2\3\4", fin=False) + frame(b"", MASK, opcode=10)
    client += frame(SENT[70500:], b"\0\0\0\0", opcode=0) + frame(b"\x03\xe8bye", MASK, opcode=8)
    server = frame(RECEIVED[:125]) + frame(RECEIVED[125:126]) + frame(RECEIVED[126:300], length=8) + frame(RECEIVED[300:])
    return client, server + frame(b"", opcode=8)


@pytest.mark.parametrize("cut", [1, 3, 1000, 60000])
def test_frames_complete_and_cut_anywhere(cut: int) -> None:
    client, server = plain_frames()
    if cut == 1:
        client = frame(SENT[:300], MASK) + frame(SENT[300:], MASK)
    check(talk(client, server, cut=cut).only)


def test_base64_text() -> None:
    text = [base64.b64encode(part) for part in (SENT[:1000], SENT[1000:])]
    client = frame(text[0], MASK, opcode=1) + frame(text[1][:7], MASK, opcode=1, fin=False) + frame(text[1][7:], MASK, opcode=0)
    check(talk(client, frame(base64.b64encode(RECEIVED), opcode=1), response=BASE64, cut=333).only)


def test_first_frame_in_the_same_packet_as_the_head() -> None:
    client, server = plain_frames()
    check(talk(client, server[125:], response=b"HTTP/1.1 100 Continue\r\n\r\n" + RESPONSE + server[:125]).only)


def test_http_proxy_tunnel() -> None:
    request, response = b"CONNECT host:5900 HTTP/1.0\r\n\r\n", b"HTTP/1.0 200 Connection established\r\n\r\n"
    check(talk(SENT, RECEIVED, request=request, response=response).only, ["tcp", "http-connect"])
    client, server = plain_frames()
    both = talk(REQUEST + client, server, request=request, response=response + RESPONSE)
    check(both.only, ["tcp", "http-connect", "websocket"])


@pytest.mark.parametrize(
    ("request_head", "response_head"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", RESPONSE),
        (REQUEST, b"HTTP/1.1 404 Not Found\r\n\r\n"),
        (REQUEST, b"nonsense\r\n\r\n"),
        (b"GET " + bytes(65000), bytes(65000) + RESPONSE),
    ],
)
def test_other_http_is_dropped(request_head: bytes, response_head: bytes) -> None:
    result = talk(b"", b"", request=request_head, response=response_head)
    assert not result.sinks and result.totals.foreign_connections == 1


def test_websocket_with_something_else_is_dropped() -> None:
    result = talk(frame(b"RFB 003.008\n", MASK), b"")
    assert not result.sinks and result.totals.foreign_connections == 1


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"\xc2\x04junk", "websocket-frame"),
        (b"\x83\x04junk", "websocket-frame"),
        (b"\x89\x7e\x00\xffjunk", "websocket-frame"),
        (b"\x82\x7f\xff\0\0\0\0\0\0\0junk", "websocket-frame"),
        (frame(b"junk", MASK), "websocket-mask"),
    ],
)
def test_bad_frames_are_problems(bad: bytes, code: str) -> None:
    sink = talk(frame(SENT, MASK), frame(RECEIVED) + bad).only
    assert (
        [problem[0] for problem in sink.problems] == [code] and sink.client == SENT and sink.server[: len(RECEIVED)] == RECEIVED
    )


def lossy(server: bytes, at: int, size: int) -> Recorder:
    made = Talk()
    made.open()
    made.send(True, REQUEST)
    made.send(False, RESPONSE)
    made.send(True, frame(SENT[:100], MASK))
    made.send(False, server[:at])
    made.seq[False] += size
    made.send(False, server[at + size :])
    made.close()
    return Result(pcap(made.packets, 101)).only


def test_gap_inside_a_payload_passes_through() -> None:
    sink = lossy(frame(RECEIVED), 304, 100)
    assert sink.gaps == [(False, 100, 300)] and sink.server == RECEIVED[:300] + RECEIVED[400:] and not sink.problems


def test_gap_over_a_header_loses_the_direction() -> None:
    sink = lossy(frame(RECEIVED[:300]) + frame(RECEIVED[300:]), 254, 100)
    assert sink.server == RECEIVED[:250] and [problem[0] for problem in sink.problems] == ["websocket-gap"]
    assert sink.gaps[0] == (False, 100, 250)


def deflated(stream: bytes, extension: PerMessageDeflate, *, client: bool, rng: random.Random) -> bytes:
    """Messages of many sizes, some in fragments with a ping in between, some not compressed, as websockets writes them."""
    out = b""
    while stream:
        size = rng.choice((1, 5, 100, 1000, 70_000))
        message, stream = stream[:size], stream[size:]
        cuts = sorted(rng.choices(range(size + 1), k=rng.choice((0, 0, 1, 2))))
        parts = [message[a:b] for a, b in zip([0, *cuts], [*cuts, size], strict=True)]
        plain = rng.random() < 0.2
        for number, part in enumerate(parts):
            made = Frame(Opcode.CONT if number else Opcode.BINARY, part, fin=number == len(parts) - 1)
            out += made.serialize(mask=client, extensions=[] if plain else [extension])
            if rng.random() < 0.2:
                out += Frame(Opcode.PING, b"still there").serialize(mask=client, extensions=[])
    return out


def offered(fields: str) -> bytes:
    return RESPONSE[:-2] + f"Sec-WebSocket-Extensions: permessage-deflate{fields}\r\n\r\n".encode()


@pytest.mark.parametrize("takeover", [True, False])
@pytest.mark.parametrize("bits", [9, 15])
@pytest.mark.parametrize("cut", [1, 1000, 60_000])
def test_compressed_messages(takeover: bool, bits: int, cut: int) -> None:
    rng = random.Random(cut + bits)
    fields = "" if takeover else "; server_no_context_takeover; client_no_context_takeover"
    sent = SENT[:3000] if cut == 1 else SENT
    client, server = (
        deflated(stream, PerMessageDeflate(not takeover, not takeover, bits, bits), client=side, rng=rng)
        for side, stream in ((True, sent), (False, RECEIVED))
    )
    sink = talk(client, server, cut=cut, response=offered(fields + f"; client_max_window_bits={bits}")).only
    assert (sink.client, sink.server, sink.gaps, sink.problems) == (sent, RECEIVED, [], [])


def test_compressed_messages_lost_or_damaged() -> None:
    compressed = PerMessageDeflate(False, False, 15, 15)
    server = Frame(Opcode.BINARY, RECEIVED).serialize(mask=False, extensions=[compressed])
    made = Talk()
    made.open()
    made.send(True, REQUEST)
    made.send(False, offered(""))
    made.send(True, frame(SENT[:100], MASK))
    made.send(False, server[:50])
    made.seq[False] += 20
    made.send(False, server[70:])
    made.close()
    sink = Result(pcap(made.packets, 101)).only
    assert [problem[0] for problem in sink.problems] == ["websocket-gap"]
    assert RECEIVED.startswith(sink.server) and [gap[1] for gap in sink.gaps] == [20, len(server) - 70]
    bad = talk(frame(SENT, MASK), b"\xc2\x04\xff\xff\xff\xff", response=offered("")).only
    assert [problem[0] for problem in bad.problems] == ["websocket-deflate"] and bad.client == SENT


def test_compressed_nothing_stays_in_pieces() -> None:
    """100 MB of zeros in 100 KB."""
    zeros = zlib.compressobj(wbits=-15)
    message = zeros.compress(bytes(100_000_000)) + zeros.flush(zlib.Z_SYNC_FLUSH)
    sizes = [len(piece) for piece in Inflater(takeover=True).receive(message[:-4], last=True)]
    assert sum(sizes) == 100_000_000 and max(sizes) <= 1 << 16


def test_unmask_any_phase() -> None:
    rng = random.Random(5)
    for size in range(20):
        data, mask, phase = rng.randbytes(size), rng.randbytes(4), rng.randrange(9)
        assert unmask(data, mask, phase) == bytes(b ^ mask[(phase + i) % 4] for i, b in enumerate(data))


def test_browser_capture() -> None:
    """spice-html5 in Chromium: the first packets of the main channel."""
    sink = Result(CAPTURES / "html5-debian-start.pcapng").only
    assert sink.connection.layers == ["tcp", "websocket"]
    assert sink.client[:4] == sink.server[:4] == b"REDQ" and len(sink.server) > 30000
