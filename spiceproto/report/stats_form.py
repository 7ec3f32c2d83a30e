"""Numbers of a capture as data and as lines: both say the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from spiceproto.capture import incomplete
from spiceproto.report.connections import address
from spiceproto.report.shapes import Shapes
from spiceproto.report.stats import Stats
from spiceproto.report.tally import Tally
from spiceproto.shown import file_name
from spiceproto.version import __version__

__all__ = ["as_dict", "caches", "lines"]

SCHEMA_VERSION: Final = 1

_ROWS: Final = 24
"""Stretches of time that lines show, and streams one by one."""

_ENDLESS: Final = 0xFFFFFFFF
"""Tokens that clients give who do not count."""

_BAR: Final = 40


def as_dict(stats: Stats, capture: str) -> dict[str, Any]:
    """Everything, for JSON: seconds, bytes, bits a second."""
    decoder, totals = stats.decoder, stats.decoder.capture.totals
    said: dict[str, Any] = {
        "schema": SCHEMA_VERSION,
        "program": f"spiceproto {__version__}",
        "capture": file_name(capture),
        "filter": None if stats.selection is None else str(stats.selection.filter),
        "messages": decoder.number,
        "selected": decoder.number if stats.selection is None else stats.selection.selected,
        "connections": decoder.connections,
        "sessions": len(decoder.sessions),
        "seconds": stats.duration_ns / 1e9,
        "frames": totals.frames,
        "truncated_frames": totals.truncated_frames,
        "sent_bytes": {side: stats.sent[side] for side in ("client", "server")},
        "undecoded_bytes": decoder.undecoded,
        "incomplete_bytes": decoder.incomplete,
        "trailing_bytes": decoder.trailing,
        "incomplete": [msgspec.to_builtins(item) for item in stats.unseen],
        "problems": [
            {"severity": severity, "code": code, "count": count} for (severity, code), count in sorted(stats.codes.items())
        ],
        "channels": _channels(stats),
        "by_message": [
            {"channel": place, "direction": sender, "name": name, "count": count, "bytes": size}
            for (place, sender, name), (count, size) in _sorted(stats)
        ],
        "images": stats.tally.as_dict(),
        "caches": caches(stats.tally, stats.shapes),
        "dictionary": None
        if stats.dictionary is None
        else msgspec.to_builtins(stats.dictionary) | {"hit_rate": stats.dictionary.hit_rate},
        **stats.media.as_dict(),
        "streams": [msgspec.to_builtins(pace) | {"rate": pace.rate} for pace in stats.paces],
        "more_streams": stats.paces.more,
        "times": [msgspec.to_builtins(span) for span in stats.times],
        "round_trips": [
            {**msgspec.to_builtins(one.trips), "mean": one.trips.mean} for one in stats.exchanges.values() if one.trips.pings
        ],
        "acknowledgements": [
            msgspec.to_builtins(one.acknowledged) for one in stats.exchanges.values() if one.acknowledged.windows
        ],
        "agent_tokens": [
            msgspec.to_builtins(tokens)
            for one in stats.exchanges.values()
            for tokens in one.tokens.values()
            if tokens.given or tokens.messages
        ],
        "rates": {
            "width": stats.rates.width_ns / 1e9,
            "most": {side: stats.rates.most(side) for side in ("client", "server")},
            "stretches": [{"begin": one.begin, "client": one.client, "server": one.server} for one in stats.rates],
        },
    }
    return said


def _sorted(stats: Stats) -> list[tuple[tuple[str, str, str], list[int]]]:
    """The largest first."""
    return sorted(stats.counts.items(), key=lambda item: (-item[1][1], -item[1][0], item[0]))


def _channels(stats: Stats) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], list[int]] = {}
    for (place, sender, _), (count, size) in stats.counts.items():
        if " " not in place:
            sums = found.setdefault((place, sender), [0, 0])
            sums[0] += count
            sums[1] += size
    rows = sorted(found.items(), key=lambda item: (-item[1][1], item[0]))
    return [
        {"channel": place, "direction": sender, "messages": count, "bytes": size} for (place, sender), (count, size) in rows
    ]


def caches(tally: Tally, shapes: Shapes) -> dict[str, dict[str, Any]]:
    """Of each cache: what was taken from it, what was put into it, and the share of both that was taken."""
    types = tally.as_dict()["types"]
    taken = sum(types[name]["count"] for name in ("FROM_CACHE", "FROM_CACHE_LOSSLESS") if name in types)
    palettes = tally.palettes
    found = {
        "images": (taken, tally.kept.count),
        "palettes": (palettes["from_cache"], palettes["kept"]),
        "shapes": (shapes.from_cache, shapes.kept),
    }
    return {
        name: {"taken": hits, "kept": kept, "hit_rate": round(hits / (hits + kept), 4) if hits + kept else None}
        for name, (hits, kept) in found.items()
    }


def lines(stats: Stats, capture: str) -> Iterator[str]:
    """The same for people."""
    said = as_dict(stats, capture)
    sent = said["sent_bytes"]
    yield (
        f"{capture}: {', '.join(_count(said[name], name[:-1]) for name in ('messages', 'connections', 'sessions'))}, "
        f"{said['seconds']:.3f} s, {said['frames']} frames; client sent {sent['client']} bytes, server {sent['server']}"
    )
    if stats.selection is not None:
        yield f"{stats.selection}; these are counted below"
    for line in incomplete.lines(stats.unseen, cut_frames=said["truncated_frames"]):
        yield f"incomplete: {line}"
    for item in said["problems"]:
        yield f"{item['severity']}: {item['count']} x {item['code']}"
    if said["undecoded_bytes"]:
        yield f"undecoded: {said['undecoded_bytes']} bytes"
    yield from _connections(stats)
    yield from _table("channels", ("Channel", "From", "Messages", "Bytes"), [tuple(row.values()) for row in said["channels"]])
    rows = [tuple(row.values()) for row in said["by_message"]]
    yield from _table("messages", ("Channel", "From", "Message", "Count", "Bytes"), rows)
    yield from _titled("images", stats.tally.lines())
    kept = [
        f"{name}: {one['taken']} taken, {one['kept']} kept, {100 * one['hit_rate']:.1f} % taken"
        for name, one in said["caches"].items()
        if one["hit_rate"] is not None
    ]
    kept += [str(stats.dictionary)] if stats.dictionary is not None else []
    yield from _titled("caches", iter(kept))
    yield from _titled("video and sound", map(str, (*stats.media, *stats.times)))
    yield from _titled("streams", _streams(stats))
    yield from _titled("round trips, where the capture was made", _trips(said))
    yield from _titled("acknowledgements", _acknowledgements(said))
    yield from _titled("tokens of the agent", _tokens(said))
    yield from _titled("bit rates, of messages", _rates(stats))


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s'[: number != 1]}"


def _connections(stats: Stats) -> Iterator[str]:
    yield from _titled(
        "connections",
        (
            f"{one.connection.number}: {address(one.connection.client)} > {address(one.connection.server)}, "
            f"{one.place if one.channel else 'no channel'}, "
            + (f"session {one.session.number}" if one.session is not None else "no session")
            + (f", a copy of connection {one.copy_of.connection.number}" if one.copy_of is not None else "")
            + f"; client sent {one.connection.sent.get('client', 0)} bytes, server {one.connection.sent.get('server', 0)}"
            for one in stats.conversations
            if stats.concerns(one)
        ),
    )


def _titled(title: str, found: Iterator[str]) -> Iterator[str]:
    rows = list(found)
    if rows:
        yield ""
        yield f"-- {title}"
        yield from (f"   {row}" for row in rows)


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    """Words to the left, numbers to the right."""
    if not rows:
        return
    cells = [heads, *[tuple([str(cell) for cell in row]) for row in rows]]
    widths = [max(len(row[place]) for row in cells) for place in range(len(heads))]
    right = [not isinstance(cell, str) for cell in rows[0]]
    yield ""
    yield f"-- {title}"
    for row in cells:
        shown = [
            f"{cell:>{width}}" if number else f"{cell:{width}}" for cell, width, number in zip(row, widths, right, strict=True)
        ]
        yield f"   {'  '.join(shown)}".rstrip()


def _streams(stats: Stats) -> Iterator[str]:
    found = list(stats.paces)
    for one in found[:_ROWS]:
        size = f"{one.width}x{one.height}" if one.width is not None else "beginning not seen"
        rate = f", {one.rate:.1f} frames a second" if one.rate is not None else ""
        drops = f"; client reports {one.dropped} of {one.reported} frames dropped" if one.reports else ""
        drops += f", {one.undecodable} times that it can not be decoded" if one.undecodable else ""
        kind = one.codec or "codec not seen"
        frames = f"{one.frames} frames of {one.bytes} bytes in {one.seconds:.3f} s"
        yield f"{one.channel} stream {one.id}: {kind} {size}, {frames}{rate}{drops}"
    more = len(found) - len(found[:_ROWS]) + stats.paces.more
    if more:
        yield f"and {more} more (--format json has {len(found)})"


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:.3f}"


def _trips(said: dict[str, Any]) -> Iterator[str]:
    for one in said["round_trips"]:
        times = f": {_ms(one['least'])} to {_ms(one['most'])} ms, {_ms(one['mean'])} on average" if one["answered"] else ""
        yield f"connection {one['connection']}, {one['channel']}: {one['answered']} of {one['pings']} pings answered{times}"


def _acknowledgements(said: dict[str, Any]) -> Iterator[str]:
    for one in said["acknowledgements"]:
        windows = ", ".join(map(str, one["windows"]))
        yield (
            f"connection {one['connection']}, {one['channel']}: window {windows}; {one['acks']} ACK for "
            f"{one['messages']} messages of the server"
        )


def _tokens(said: dict[str, Any]) -> Iterator[str]:
    for one in said["agent_tokens"]:
        least = "how few were left is not known" if one["least"] is None else f"{one['least']} left at the least"
        given = f"{one['messages']} AGENT_DATA, {one['given']} tokens given"
        if one["given"] >= _ENDLESS:
            given += ", which is no limit"
        yield f"connection {one['connection']}, {one['sender']}: {given}, {least}"


def _rates(stats: Stats) -> Iterator[str]:
    found = stats.rates.fewer(_ROWS)
    if not found:
        return
    step = -(-len(list(stats.rates)) // _ROWS) * stats.rates.width_ns / 1e9
    most = max(one.client + one.server for one in found) or 1
    yield (
        f"busiest {stats.rates.width_ns / 1e9:g} s: client {stats.rates.most('client')} bit/s, "
        f"server {stats.rates.most('server')} bit/s"
    )
    for one in found:
        bar = "#" * round(_BAR * (one.client + one.server) / most)
        sides = f"client {8 * one.client / step:12.0f}  server {8 * one.server / step:12.0f}"
        yield f"{one.begin:10.1f} s  {sides} bit/s  {bar}".rstrip()
