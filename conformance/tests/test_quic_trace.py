"""QUIC streams that are looked into: those with short runs and with symbols of nine bits are told from all others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spec
from conformance.cases.display.quic_trace import trace
from spiceproto.codecs import quic
from spiceproto.errors import RemoteError

TEXT = (Path(spec.__file__).parent / "06-codecs.md").read_text(encoding="utf-8")
ROWS = [[(9, 9, 9)] * 40, [(9, 9, 9)] * 30 + [(4, 8, 2)] * 10]


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """The encoder of the text."""
    scope: dict[str, Any] = {}
    for part in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(part, scope)
    scope["RANDOM"] += [0] * 256
    return scope


def test_a_stream_of_the_library_is_not_looked_into() -> None:
    found = trace(quic.encode(np.arange(600, dtype=np.uint32).reshape(20, 30), quic.QuicImageType.RGB32))
    assert found.whole and not found.short and found.symbol <= found.most == 255


def test_whole_runs_of_another_encoder(written: dict[str, Any]) -> None:
    found = trace(written["quic_encode"](4, ROWS))
    assert found.whole and not found.short


def test_a_run_that_could_be_longer(written: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = written["QuicWriter"].run
    monkeypatch.setattr(written["QuicWriter"], "run", lambda self, state, given: whole(self, state, min(given, 5)))
    stream = written["quic_encode"](4, ROWS)
    assert (quic.decode(stream) == quic.decode(quic.encode(quic.decode(stream), quic.QuicImageType.RGB32))).all()
    found = trace(stream)
    assert found.short == (5, 1, 3) and found.symbol <= found.most


def test_a_symbol_of_nine_bits(written: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """256 in code 0, which a decoder takes for 0 modulo 2^8 and 128 more: the pixel of symbol 255."""
    usual = written["QuicWriter"].symbol

    def symbol(self: Any, code: int, depth: int, given: int) -> int:
        usual(self, code, depth, given + (given == 255))
        return given

    monkeypatch.setattr(written["QuicWriter"], "symbol", symbol)
    found = trace(written["quic_encode"](4, [[(0, 0, 0)] * 20 + [(128, 128, 128)]]))
    assert found.symbol == 256 > found.most and found.whole


def test_what_is_no_stream() -> None:
    with pytest.raises(RemoteError):
        trace(b"QUIC")
