"""Every target holds for its seeds and for damaged ones, and notices what it is there to notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fuzz_targets import plain
from fuzz_targets.parts import joined, parts, pieces, same_in_pieces
from fuzz_targets.target import Broken, Target, targets
from spiceproto import mux, schema, vsc
from spiceproto.codecs import lz, quic, tier
from spiceproto.errors import RemoteError
from spiceproto.extras import present
from spiceproto.messages.webdav import MuxChunk

DAMAGED = 60
SEEDS = 60
NEEDS = {"lz4": "lz4.block", "opus": "av", "vp8": "av", "vp9": "av", "h264": "av", "h265": "av", "compressed": "lz4.block"}


@pytest.mark.parametrize("name", targets())
def test_targets_hold(name: str) -> None:
    target = targets()[name]
    known = plain.inputs(target)
    need = NEEDS.get(name.rpartition("-")[2])
    assert known or (need and not present(need))
    assert all(len(seed) <= max(target.largest, 1 << 14) for seed in known)
    with tier.forced("interpreted"):
        campaign = plain.run(target, known[:: 1 + len(known) // SEEDS], count=SEEDS + DAMAGED)
    assert [(crash.where, str(crash.error), crash.data.hex()[:2000]) for crash in campaign.crashes] == []


def test_every_table_and_codec_has_a_target() -> None:
    names = set(targets())
    assert {f"messages-{table}" for table in schema.channels()} <= names
    assert {name.partition("-")[0] for name in names} >= {"picture", "sound", "video", "link", "capture", "agent"}
    assert {"usbredir", "webdav", "smartcard", "message-layer", "drawing"} <= names
    assert all(target.name == name and target.title for name, target in targets().items())


def _fails(*values: Any, **more: Any) -> Any:
    raise IndexError("planted")


def _one_less(decode: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values, **more: decode(*values, **more)[:-1]


@pytest.mark.parametrize(
    ("name", "where", "what", "planted"),
    [
        ("picture-quic", quic, "decode", _one_less),
        ("picture-lz", lz, "encode", lambda encode: lambda pixels, *rest, **more: encode(pixels ^ 1, *rest, **more)),
        ("smartcard", vsc, "inside", lambda _: _fails),
        ("smartcard", vsc, "device_bytes", lambda _: lambda message: b"\xff"),
        ("webdav", mux, "multiplex", lambda _: lambda client, data: b"\1"),
        ("webdav", mux.Demultiplexer, "receive", lambda _: lambda self, data: [MuxChunk(1, data)]),
    ],
)
def test_a_mistake_is_noticed(name: str, where: Any, what: str, planted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    target = targets()[name]
    known = plain.inputs(target)
    monkeypatch.setattr(where, what, planted(getattr(where, what)))
    with tier.forced("interpreted"):
        assert plain.run(target, known, count=len(known)).crashes


def test_a_campaign_by_count_is_the_same_each_time_and_keeps_one_of_a_kind() -> None:
    given: list[bytes] = []

    def once(data: bytes) -> None:
        given.append(data)
        if len(data) > 4:
            raise ValueError(len(data))

    target = Target("a", "short", once, lambda: [b"abc", b"defg"], largest=6)
    first = plain.run(target, plain.inputs(target), count=100, seed=3)
    said = list(given)
    given.clear()
    assert plain.run(target, plain.inputs(target), count=100, seed=3).count == 100 == len(given)
    assert said == given and said[:2] == [b"abc", b"defg"] and max(map(len, said)) == 6
    (crash,) = first.crashes
    assert crash.where.startswith("ValueError in test_targets.py:once") and len(crash.data) > 4
    given.clear()
    plain.run(target, plain.inputs(target), count=100, seed=4)
    assert said != given


def test_without_seeds_nothing_is_made() -> None:
    assert plain.run(Target("a", "", _fails, list), [], count=5).count == 0


def test_parts_come_back() -> None:
    items = [b"", b"a", bytes(300)]
    assert list(parts(joined(items))) == items
    assert list(parts(b"\x05\x00ab")) == [b"ab"] and list(parts(b"\x05")) == [b""]
    assert list(parts(joined([bytes(70000)]))) == [bytes(65535)]


def test_a_reader_that_depends_on_how_bytes_are_cut_is_noticed() -> None:
    def make() -> Callable[[bytes], list[int]]:
        return lambda data: [len(data)]

    with pytest.raises(Broken, match="something else"):
        same_in_pieces(make, b"abc")

    def refuses() -> Callable[[bytes], list[int]]:
        def receive(data: bytes) -> list[int]:
            if len(data) > 1:
                raise RemoteError("too much")
            return []

        return receive

    with pytest.raises(Broken, match="the other way round"):
        same_in_pieces(refuses, b"abc")
    assert pieces(b"abcde", 2) == [b"ab", b"cd", b"e"]
