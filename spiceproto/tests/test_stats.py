"""``spiceproto stats``: every number against what JSON lines of ``decode`` say, and counts against tshark's."""

from __future__ import annotations

import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.command import main
from spiceproto.command import stats as command
from spiceproto.enums.main import MouseMode
from spiceproto.messages.common import Ping, Pong
from spiceproto.messages.main import AgentConnectedTokens, AgentData, AgentStart, AgentToken, Init
from spiceproto.report.exchanges import Exchange
from spiceproto.report.paces import Paces
from spiceproto.report.rates import MOST, Rates
from spiceproto.tests.dissected import exported, names_seen
from spiceproto.tests.incomplete import blocks, cut, late, lossy
from spiceproto.tests.recorded import HERE, recording

EXAMPLE = Path(__file__).parents[2] / "examples" / "seabios.pcapng"

SMALL = (
    EXAMPLE,
    HERE / "andris-synthetic.pcapng",
    HERE / "clipboard-longer-than-announced.pcap",
    HERE / "html5-debian-start.pcapng",
    HERE / "qemu-migration-seamless-agent.pcapng.gz",
    HERE / "unknown-image-type.pcap",
)

RECORDINGS = (
    "andris-xvfb",
    "drawall-auto_glz",
    "libspice-test-playback",
    "qemu-agent-clipboard",
    "qemu-inputs-ps2",
    "qemu-migration-seamless",
    "qemu-multi-display-2",
    "qemu-port",
    "qemu-stream-gradient",
    "spicy-usbredir",
)
"""Of plain TCP connections, for tshark."""


def printed(*arguments: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        assert main([*arguments]) in (0, 1, 2)
    return out.getvalue()


@cache
def records(path: Path) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in printed("decode", str(path), "--format", "jsonl").splitlines())


def stats(path: Path, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed("stats", str(path), "--format", "json", *options))
    return found


def by_message(found: dict[str, Any]) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {(item["channel"], item["direction"], item["name"]): (item["count"], item["bytes"]) for item in found["by_message"]}


def of_records(found: tuple[dict[str, Any], ...]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """The same from JSON lines."""
    places: dict[int, str] = {}
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for item in found:
        if item["record"] == "connection":
            places[item["connection"]] = f"{item['channel']}:{item['channel_id']}" if item["channel"] else "unknown"
        elif item["record"] in ("message", "agent", "usbredir", "webdav", "vsc", "state"):
            inner = "" if item["record"] == "message" else f" {item['record']}"
            one = sums[places[item["connection"]] + inner, item["direction"], item["name"]]
            one[0] += 1
            one[1] += item["size"]
    return {key: (count, size) for key, (count, size) in sums.items()}


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.name)
def test_it_says_what_decode_says(path: Path) -> None:
    lines, found = records(path), stats(path)
    assert by_message(found) == of_records(lines)
    footer = lines[-1]
    for name in ("messages", "connections", "sessions", "seconds", "sent_bytes", "undecoded_bytes", "incomplete_bytes"):
        assert found[name] == footer[name], name
    for name in ("trailing_bytes", "frames", "images", "video", "sound"):
        assert found[name] == footer[name], name
    codes = Counter((item["severity"], item["code"]) for item in lines if item["record"] == "problem")
    assert {(item["severity"], item["code"]): item["count"] for item in found["problems"]} == codes
    unseen = [
        {name: value for name, value in item.items() if name != "record"} for item in lines if item["record"] == "incomplete"
    ]
    assert found["incomplete"] == unseen


@pytest.mark.parametrize(
    "damage", [lossy, late, lambda parts, count: cut(EXAMPLE.read_bytes(), count)], ids=["lossy", "late", "cut"]
)
def test_holes_are_said_as_decode_says_them(damage: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "damaged.pcapng"
    incomplete = 0
    for _, data in damage(blocks(EXAMPLE), 6):
        path.write_bytes(data)
        decoded = printed("decode", str(path))
        shown = printed("stats", str(path))
        wanted = [line.removeprefix("-- ") for line in decoded.splitlines() if line.startswith("-- incomplete")]
        assert [line for line in shown.splitlines() if line.startswith("incomplete")] == wanted
        incomplete += len(wanted)
        if shown:
            records.cache_clear()
            codes = Counter(item["code"] for item in records(path) if item["record"] == "problem")
            assert Counter({item["code"]: item["count"] for item in stats(path)["problems"]}) == codes
    assert incomplete
    records.cache_clear()


def test_exit_status_is_that_of_decode(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path, status in ((EXAMPLE, 0), (HERE / "monitors-config-size.pcap", 1), (tmp_path / "none", 2), (Path(__file__), 2)):
        assert main(["stats", str(path)]) == main(["decode", str(path)]) == status
    capsys.readouterr()
    assert main(["stats", str(EXAMPLE), "--filter", "channel == dispaly"]) == 2
    assert "display?" in capsys.readouterr().err


def test_interrupted_it_says_how_far_it_came(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def at_once(call: Callable[[], object]) -> AbstractContextManager[object]:
        return nullcontext(call())

    monkeypatch.setattr(command, "when_interrupted", at_once)
    assert main(["stats", str(EXAMPLE)]) == 130
    out, err = capsys.readouterr()
    assert out.startswith(f"{EXAMPLE}: ") and err.startswith("interrupted: the numbers end behind frame ")


def test_round_trips_are_those_of_the_messages() -> None:
    waiting: dict[tuple[int, int, int], float] = {}
    times: dict[int, list[float]] = defaultdict(list)
    for item in records(EXAMPLE):
        if item["record"] == "message" and item["name"] in ("PING", "PONG"):
            key = item["connection"], item["fields"]["id"], item["fields"]["timestamp"]
            if item["name"] == "PING":
                waiting[key] = item["time"]
            else:
                times[item["connection"]].append(item["time"] - waiting.pop(key))
    found = {item["connection"]: item for item in stats(EXAMPLE)["round_trips"]}
    assert found.keys() == times.keys()
    for connection, seconds in times.items():
        one = found[connection]
        assert one["answered"] == one["pings"] == len(seconds)
        assert one["least"] == pytest.approx(min(seconds), abs=1e-6) and one["most"] == pytest.approx(max(seconds), abs=1e-6)
        assert one["mean"] == pytest.approx(sum(seconds) / len(seconds), abs=1e-6)


def test_streams_have_the_frames_of_their_messages() -> None:
    path = recording("qemu-stream-gradient")
    found = stats(path)
    names = Counter(item["name"] for item in records(path) if item["record"] == "message")
    assert len(found["streams"]) == names["STREAM_CREATE"] > 1
    assert sum(one["frames"] for one in found["streams"]) == names["STREAM_DATA"]
    assert sum(one["reports"] for one in found["streams"]) == names["STREAM_REPORT"]
    for one in found["streams"]:
        frames = [
            item["time"]
            for item in records(path)
            if item["record"] == "message" and item["name"] == "STREAM_DATA" and item["fields"]["base"]["id"] == one["id"]
        ]
        assert one["seconds"] == pytest.approx(frames[-1] - frames[0], abs=1e-5)
        assert one["rate"] == pytest.approx((len(frames) - 1) / (frames[-1] - frames[0]), rel=1e-4)


def test_bit_rates_add_up_to_the_bytes() -> None:
    for path in SMALL:
        found = stats(path)
        for side in ("client", "server"):
            size = sum(item["bytes"] for item in found["channels"] if item["direction"] == side)
            assert sum(one[side] for one in found["rates"]["stretches"]) == size


def test_caches_of_a_recording() -> None:
    path = recording("andris-xvfb")
    found = stats(path)["caches"]
    pictures = [item for item in records(path) if item["record"] == "message" and item["name"].startswith("DRAW_")]
    text = [json.dumps(item["fields"]) for item in pictures]
    taken = sum(one.count('"type": "FROM_CACHE"') for one in text)
    assert found["images"]["taken"] == taken


def test_the_dictionary_gives_what_verbose_lines_say() -> None:
    path = recording("drawall-auto_glz")
    found = stats(path, "--dictionary")["dictionary"]
    used = [
        int(number) for number in re.findall(r"refers to GLZ image \d+ for (\d+) pixels", printed("decode", str(path), "-v"))
    ]
    types = stats(path)["images"]["types"]
    glz = [types[name] for name in ("GLZ_RGB", "ZLIB_GLZ_RGB") if name in types]
    assert (found["images"], found["pixels"]) == (sum(one["count"] for one in glz), sum(one["pixels"] for one in glz))
    assert found["from_others"] + found["alpha_from_others"] == sum(used) > found["from_others"] > 0
    assert found["hit_rate"] == round(found["from_others"] / found["pixels"], 4)
    assert stats(path)["dictionary"] is None


def test_a_filter_counts_what_fits() -> None:
    found = stats(EXAMPLE, "--filter", "name == PING and channel == main")
    assert by_message(found) == {("main:0", "server", "PING"): by_message(stats(EXAMPLE))["main:0", "server", "PING"]}
    assert (found["messages"], found["selected"], found["filter"]) == (50, 5, "name == PING and channel == main")
    halves = [by_message(stats(EXAMPLE, "--time", time)) for time in ("..0.15", "0.1500001..")]
    assert sum(count for half in halves for count, _ in half.values()) == 50


def test_lines_are_for_people() -> None:
    shown = printed("stats", str(EXAMPLE))
    assert shown.startswith(f"{EXAMPLE}: 50 messages, 4 connections, 1 session, 3.815 s, 144 frames; client sent 940 bytes")
    for title in ("connections", "channels", "messages", "images", "round trips", "acknowledgements", "bit rates"):
        assert f"\n-- {title}" in shown
    assert "images QUIC: 1 of 288000 pixels in 27740 bytes, 41.53 to 1" in shown
    assert "display:0  server  DRAW_COPY" in shown


@pytest.mark.parametrize("name", RECORDINGS)
def test_tshark_counts_the_same(name: str, tmp_path: Path) -> None:
    path = recording(name)
    counted = Counter[tuple[str, str]]()
    for (_, sender), names in names_seen(exported(tmp_path), path).items():
        counted.update((sender, found) for found in names if not found.startswith("UNKNOWN"))
    ours = Counter[tuple[str, str]]()
    for (place, sender, found), (count, _) in by_message(stats(path)).items():
        if " " not in place:
            ours[sender, found] += count
    assert ours == counted


# -- what is remembered


@given(st.lists(st.tuples(st.sampled_from(["client", "server"]), st.integers(0, 1 << 62), st.integers(1, 1000)), min_size=1))
def test_rates_are_bounded_and_lose_nothing(said: list[tuple[str, int, int]]) -> None:
    rates = Rates()
    for sender, time_ns, size in said:
        begin, end = rates.bounds(time_ns)
        assert time_ns < rates.start_ns or begin <= time_ns < end
        rates.add(sender, time_ns, size)
    found = list(rates)
    assert len(found) <= MOST and len(rates.fewer(24)) <= 24
    for side in ("client", "server"):
        size = sum(size for sender, _, size in said if sender == side)
        assert sum(getattr(one, side) for one in found) == size == sum(getattr(one, side) for one in rates.fewer(24))


def test_tokens_go_down_and_up() -> None:
    exchange = Exchange(1, "main:0")
    init = Init(
        session_id=1,
        display_channels_hint=1,
        supported_mouse_modes=MouseMode.SERVER,
        current_mouse_mode=MouseMode.SERVER,
        agent_connected=1,
        agent_tokens=3,
        multi_media_time=0,
        ram_hint=0,
    )
    exchange.message("server", "INIT", init, 0)
    for _ in range(3):
        exchange.message("client", "AGENT_DATA", AgentData(b""), 0)
    exchange.message("server", "AGENT_TOKEN", AgentToken(2), 0)
    exchange.message("client", "AGENT_START", AgentStart(10), 0)
    exchange.message("server", "AGENT_DATA", AgentData(b""), 0)
    client, server = exchange.tokens["client"], exchange.tokens["server"]
    assert (client.given, client.messages, client.least, client.left) == (5, 3, 0, 2)
    assert (server.given, server.messages, server.least, server.left) == (10, 1, 9, 9)
    exchange.forget()
    exchange.message("client", "AGENT_DATA", AgentData(b""), 0)
    assert (client.messages, client.least, client.left) == (4, 0, None)
    exchange.message("server", "AGENT_CONNECTED_TOKENS", AgentConnectedTokens(7), 0)
    assert client.left == 7


def test_a_ping_before_a_hole_has_no_answer_behind_it() -> None:
    exchange = Exchange(1, "main:0")
    exchange.message("server", "PING", Ping(1, 5, b""), 1_000)
    exchange.forget()
    exchange.message("client", "PONG", Pong(1, 5), 9_000)
    assert (exchange.trips.pings, exchange.trips.answered, exchange.trips.mean) == (1, 0, None)
    for number in range(5000):
        exchange.message("server", "PING", Ping(number, 0, b""), 0)
    for number in range(5000):
        exchange.message("client", "PONG", Pong(number, 0), 1_000_000)
    assert exchange.trips.answered == 1024 and exchange.trips.mean == pytest.approx(0.001)


class _Frame:
    def __init__(self, id: int) -> None:
        self.base, self.data = self, b"1234"
        self.id = id


def test_streams_are_bounded() -> None:
    paces = Paces()
    for id in range(3000):
        paces.message(1, "display:0", "STREAM_DATA", _Frame(id), id)
    assert len(list(paces)) == 1024 and all(one.codec is None and one.rate is None for one in paces)
