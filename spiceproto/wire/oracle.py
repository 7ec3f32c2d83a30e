"""Parsing and building with plain construct: what the generated code is compared with."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

from construct import Construct, Container

from spiceproto.errors import LocalError
from spiceproto.wire.composition import Record

__all__ = ["build", "parse"]


def parse(schema: Record, body: bytes, tail: Callable[[int], object] | None = None) -> Any:
    """Parse ``body`` with plain construct.

    ``tail`` is called with the offset of the first byte behind everything that was read, if bytes remain.
    Raises RemoteError.
    """
    reached = [0]
    stream = io.BytesIO(body)
    context = Container(_params=Container(reached=reached))
    value = schema._parsereport(stream, context, "(parsing)")
    end = max(stream.tell(), reached[0])
    if tail is not None and end < len(body):
        tail(end)
    return value


def build(schema: Record, value: Any) -> bytes:
    """Build the bytes of ``value`` with plain construct. Raises LocalError."""
    if not schema.fields and not isinstance(value, schema.value_class):  # type: ignore[arg-type]
        raise LocalError("not a value of this record", expected=schema.class_name, actual=repr(value)[:80])
    pending: list[tuple[int, Construct, Any, Container, str]] = []
    stream = io.BytesIO()
    context = Container(_params=Container(pending=pending))
    schema._build(value, stream, context, "(building)")
    for at, target, item, inner, path in pending:
        start = stream.seek(0, io.SEEK_END)
        target._build(item, stream, inner, path)
        offset = start if stream.tell() > start else at
        stream.seek(at)
        stream.write(struct.pack("<I", offset))
    return stream.getvalue()
