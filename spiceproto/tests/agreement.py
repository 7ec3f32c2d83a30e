"""Whether generated parsers and builders agree with plain construct about a body: values, refusals, what is built."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from spiceproto import dispatch, wire
from spiceproto.errors import LocalError, RemoteError
from spiceproto.message import Message

__all__ = ["built", "compare", "outcome", "totals"]

_UNSENT = re.compile(r"\bUnsent\((\d+)\)")

totals: Counter[str] = Counter()
"""How many bodies were compared, and what became of them."""


def outcome(parse: Any, body: bytes) -> tuple[Any, ...]:
    """What parsing gives, in a form that can be compared."""
    tail: list[int] = []
    try:
        value = parse(body, tail.append)
    except RemoteError as error:
        totals["escapes"] += type(error) is not RemoteError
        return ("error", str(error), error.path, error.offset, error.expected, error.actual)
    except Exception as error:
        totals["escapes"] += 1
        return ("escape", repr(error))
    return ("value", value, repr(value), tail)


def built(build: Any, value: Any) -> bytes | str:
    """What building gives, in a form that can be compared."""
    try:
        return bytes(build(value))
    except LocalError as error:
        return str(error)


def compare(row: Message, generated: dispatch.Row, body: bytes) -> str:
    """Empty if all agree about ``body``, otherwise what does not."""
    totals["inputs"] += 1
    plain = outcome(lambda data, tail: wire.parse(row.body, data, tail), body)
    fast = outcome(generated.parse, body)
    if plain != fast:
        return f"parse {body.hex()}\n  plain     {plain}\n  generated {fast}"
    if plain[0] != "value":
        return f"parse {body.hex()}\n  escape {plain[1]}" if plain[0] == "escape" else ""
    totals["accepted"] += 1
    totals["with unread bytes"] += bool(plain[3])
    value = plain[1]
    slow_body, fast_body = built(lambda item: wire.build(row.body, item), value), built(generated.build, value)
    if slow_body != fast_body:
        return f"build {value}\n  plain     {slow_body!r}\n  generated {fast_body!r}"
    if isinstance(fast_body, bytes):
        totals["built"] += 1
        if any(int(size) > len(fast_body) for size in _UNSENT.findall(plain[2])):
            # A null pointer may announce as much as a body has: this one had bytes to which nothing leads, and which go.
            totals["announcing more than is built"] += 1
            return ""
        unread: list[int] = []
        if generated.parse(fast_body, unread.append) != value or unread:
            return f"round trip {value}\n  {fast_body.hex()}"
    elif not plain[3]:
        # Bytes that were accepted but cannot be said again: there is one way, see below.
        totals["accepted, not buildable"] += 1
    return ""
