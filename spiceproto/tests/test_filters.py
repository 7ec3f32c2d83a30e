"""Filters: what they mean, held against JSON lines that a program of a few lines reads; what is wrong with them."""

from __future__ import annotations

import io
import json
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiceproto.command import main
from spiceproto.errors import LocalError
from spiceproto.filters import Filter, wireshark
from spiceproto.filters.listing import listing
from spiceproto.filters.names import HEADER, candidates
from spiceproto.filters.parser import parse
from spiceproto.tests.dissected import exported, names_seen, tshark
from spiceproto.tests.incomplete import blocks, lossy
from spiceproto.tests.recorded import HERE, recording

EXAMPLE = Path(__file__).parents[2] / "examples" / "seabios.pcapng"

SMALL = (EXAMPLE, HERE / "andris-synthetic.pcapng", HERE / "qemu-migration-seamless-agent.pcapng.gz")

RECORDINGS = (
    "andris-xvfb",
    "drawall-auto_glz",
    "qemu-agent-clipboard",
    "qemu-inputs-ps2",
    "qemu-migration-seamless",
    "qemu-multi-display-2",
    "qemu-port",
    "qemu-stream-gradient",
    "spicy-usbredir",
    "spicy-webdav",
)
"""Of plain TCP connections, for tshark."""


def printed(*arguments: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        assert main(["decode", *arguments]) in (0, 1)
    return out.getvalue()


@cache
def records(path: Path, *options: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in printed(str(path), "--format", "jsonl", *options).splitlines())


def messages(path: Path, *options: str) -> list[dict[str, Any]]:
    return [item for item in records(path, *options) if item["record"] == "message"]


def selected(path: Path, expression: str) -> list[int]:
    return [item["number"] for item in messages(path, "--filter", expression)]


# -- the other program


def leaves(fields: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of whatever is a number or a name in JSON; of other things None."""
    if isinstance(fields, dict) and set(fields) != {"bytes", "hex"}:
        for name, value in fields.items():
            yield from leaves(value, f"{path}.{name}")
    elif isinstance(fields, list) and not any(isinstance(item, str) for item in fields):
        for value in fields:
            yield from leaves(value, path)
    else:
        plain = isinstance(fields, int) or (isinstance(fields, str) and re.fullmatch(r"[A-Z][A-Z0-9_]+", fields))
        yield path, fields if plain else None


def has(record: dict[str, Any], name: str) -> list[Any]:
    return [value for path, value in leaves(record["fields"]) if path.endswith(f".{name}")]


@cache
def askable(path: Path) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Names that have numbers only, or words only, in all messages, with these."""
    found: dict[str, set[Any]] = {}
    for record in messages(path):
        for place, value in leaves(record["fields"]):
            parts = place.split(".")[1:]
            for begin in range(len(parts)):
                found.setdefault(".".join(parts[begin:]), set()).add(value)
    plain = {name: values for name, values in found.items() if len({type(value) for value in values}) == 1}
    return tuple((name, tuple(sorted(values))) for name, values in sorted(plain.items()) if None not in values)


Oracle = Callable[[dict[str, Any]], bool]


def _comparison(name: str, sign: str, value: Any) -> tuple[str, Oracle]:
    tests: dict[str, Callable[[Any], bool]] = {
        "==": lambda found: bool(found == value),
        "<": lambda found: bool(found < value),
        "<=": lambda found: bool(found <= value),
        ">": lambda found: bool(found > value),
        ">=": lambda found: bool(found >= value),
    }
    said = f".{name}" if name in HEADER or name.startswith("image") else name
    if sign == "!=":
        return f"{said} != {value}", lambda record: bool(found := has(record, name)) and value not in found
    if sign == "in":
        return f"{said} in ({value}, 0)", lambda record: any(found in (value, 0) for found in has(record, name))
    return f"{said} {sign} {value}", lambda record: any(map(tests[sign], has(record, name)))


@st.composite
def leaf(draw: st.DrawFn, path: Path) -> tuple[str, Oracle]:
    name, values = draw(st.sampled_from(askable(path)))
    value = draw(st.sampled_from(values))
    signs = ("==", "!=", "in", "<", "<=", ">", ">=") if isinstance(value, int) else ("==", "!=")
    return _comparison(name, draw(st.sampled_from(signs)), value)


@st.composite
def header(draw: st.DrawFn, path: Path) -> tuple[str, Oracle]:
    record = draw(st.sampled_from(messages(path)))
    name = draw(
        st.sampled_from(("channel", "channel_id", "connection", "direction", "name", "type", "number", "serial", "size"))
    )
    value = record[name]
    if isinstance(value, int) and draw(st.booleans()):
        return f"{name} >= {value}", lambda other: other[name] >= value
    return f"{name} == {value}", lambda other: other[name] == value


def expressions(path: Path) -> st.SearchStrategy[tuple[str, Oracle]]:
    def further(inner: st.SearchStrategy[tuple[str, Oracle]]) -> st.SearchStrategy[tuple[str, Oracle]]:
        two = st.tuples(inner, inner)
        return st.one_of(
            two.map(lambda pair: (f"({pair[0][0]} and {pair[1][0]})", lambda item: pair[0][1](item) and pair[1][1](item))),
            two.map(lambda pair: (f"({pair[0][0]} || {pair[1][0]})", lambda item: pair[0][1](item) or pair[1][1](item))),
            inner.map(lambda one: (f"not {one[0]}", lambda item: not one[1](item))),
        )

    return st.recursive(st.one_of(leaf(path), header(path)), further, max_leaves=5)


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.name)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_fits_is_what_another_program_finds(path: Path, data: st.DataObject) -> None:
    expression, fits = data.draw(expressions(path))
    wanted = [record["number"] for record in messages(path) if fits(record)]
    try:
        assert selected(path, expression) == wanted, expression
    except AssertionError:
        # What no message can fit is refused before anything is read.
        with pytest.raises(LocalError, match="no message can fit"):
            Filter(expression)
        assert not wanted, expression


# -- what names mean


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("image.type == QUIC", {"DRAW_COPY"}),
        ("image.codec == QUIC and image.width > 100 and time < 3", {"DRAW_COPY"}),
        ("channel == display and direction == client", {"INIT", "ACK_SYNC", "PONG"}),
        ("name in (PING, PONG) and channel == inputs", {"PING", "PONG"}),
        ("supported_mouse_modes contains SERVER and not supported_mouse_modes contains CLIENT", {"INIT"}),
        ("name matches '^SURFACE_'", {"SURFACE_CREATE"}),
        ("src_bitmap and data > 20000", {"DRAW_COPY"}),
        ("type in {103..104} and channel == main and direction == server", {"INIT", "CHANNELS_LIST"}),
    ],
)
def test_names_mean(expression: str, names: set[str]) -> None:
    found = {item["name"] for item in messages(EXAMPLE, "--filter", expression)}
    assert found and found <= names


def test_images_by_their_headers_are_those_of_the_fields() -> None:
    assert selected(EXAMPLE, "image.width == 9") == selected(EXAMPLE, "src_bitmap.descriptor.width == 9") != []
    assert selected(EXAMPLE, "image") == selected(EXAMPLE, "src_bitmap") != []


def test_protocols_inside() -> None:
    path = HERE / "qemu-migration-seamless-agent.pcapng.gz"
    everything = Counter(item["record"] for item in records(path))
    for protocol, record in (("agent", "agent"), ("state", "state"), ("link", "link")):
        found = Counter(item["record"] for item in records(path, "--filter", f"protocol == {protocol}"))
        assert found[record] == everything[record] > 0
        assert not found["message"]
    wanted = [item for item in records(path) if item["record"] == "agent" and item["direction"] == "client"]
    kept = records(path, "--filter", "protocol == agent and direction == client")
    assert [item for item in kept if item["record"] == "agent"] == wanted != []


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (("--time", "..0.1"), lambda now: now <= 0.1),
        (("--time", "0.1..0.4"), lambda now: 0.1 <= now <= 0.4),
        (("--time", "0.4.."), lambda now: now >= 0.4),
    ],
)
def test_a_stretch_of_time(options: tuple[str, str], wanted: Callable[[float], bool]) -> None:
    shown = [line for line in printed(str(EXAMPLE)).splitlines() if re.match(r" *\d", line)]
    kept = [line for line in shown if wanted(float(re.findall(r"\d+\.\d{6}", line)[0]))]
    assert [line for line in printed(str(EXAMPLE), *options).splitlines() if re.match(r" *\d", line)] == kept != shown


def test_a_session_alone() -> None:
    path = HERE / "qemu-migration-seamless-twice.pcapng.gz"
    number = {item["connection"]: item["session"] for item in records(path) if item["record"] == "connection"}
    for session in set(number.values()):
        found = [item["connection"] for item in messages(path, "--session", str(session))]
        assert found == [item["connection"] for item in messages(path) if number[item["connection"]] == session]


@pytest.mark.parametrize("options", [(), ("--frames",), ("--verbose",)])
def test_lines_are_those_of_the_whole_report(options: tuple[str, ...]) -> None:
    """The same numbers and times, through runs of messages that are alike, too."""
    for expression in ("size != 12", "number in (3, 5..9, 11, 20..30)", "name == DRAW_COPY and image.height > 2"):
        whole = printed(str(EXAMPLE), *options).splitlines()
        found = [line for line in printed(str(EXAMPLE), *options, "--filter", expression).splitlines() if line[:2] != "--"]
        assert len(found) > 1 and not Counter(found) - Counter(whole)


# -- what is always said


def test_what_can_not_be_read_is_shown(tmp_path: Path) -> None:
    """Nobody can say whether it fits; what its header decides needs no reading."""
    whole = EXAMPLE.read_bytes()
    listed = next(item for item in messages(EXAMPLE) if item["name"] == "CHANNELS_LIST")
    begin = struct.pack("<HLL", 104, listed["size"], listed["fields"]["num_of_channels"])
    assert whole.count(begin) == 1
    path = tmp_path / "broken.pcapng"
    path.write_bytes(whole.replace(begin, struct.pack("<HLL", 104, listed["size"], 1000)))
    assert selected(path, "channels.id == 7") == [listed["number"]]
    assert "malformed-message" in printed(str(path), "--filter", "channels.id == 7")
    assert selected(path, "channels.id == 7 and size > 1000") == []
    agent = printed(str(HERE / "monitors-config-size.pcap"), "--filter", "num_of_monitors == 77")
    assert "(malformed)" in agent and "malformed-message" in agent


@pytest.mark.parametrize("expression", ["channel == inputs", "name == PONG", "image.width > 100000"])
def test_what_a_capture_lacks_is_always_said(expression: str, tmp_path: Path) -> None:
    path = tmp_path / "lossy.pcapng"
    kinds = Counter[str]()
    for _, data in lossy(blocks(EXAMPLE), 8):
        path.write_bytes(data)
        said = [
            [line for line in printed(str(path), *options).splitlines() if line.startswith("-- incomplete") or " gap " in line]
            for options in ((), ("--filter", expression))
        ]
        assert said[0] == said[1]
        kinds.update(line[:13] for line in said[0])
    assert kinds["-- incomplete"]


def test_the_last_lines_say_that_it_is_not_all() -> None:
    lines = printed(str(EXAMPLE), "--filter", "name == PING", "--session", "1").splitlines()
    assert lines[-2] == "-- 11 of 50 messages fit name == PING, session 1; what the others say was not read"
    assert not any(line.startswith("-- images") for line in lines)
    footer = records(EXAMPLE, "--filter", "name == PING")[-1]
    assert (footer["messages"], footer["selected"], footer["filter"]) == (50, 11, "name == PING")
    assert "images" not in footer


# -- what is wrong


@pytest.mark.parametrize(
    ("expression", "column", "words"),
    [
        ("channel == dispaly", 12, "display?"),
        ("widht > 3", 1, "width"),
        ("image.type == GLZ", 15, "GLZ_RGB"),
        ("name == DRAWCOPY", 9, "DRAW_COPY"),
        ("width = 3", 7, "=="),
        ("width > > 3", 9, "no value"),
        ("width > 'x", 9, "does not end"),
        ("(width > 3", 11, ")"),
        ("width > 3)", 10, "left over"),
        ("width 3", 7, "operator"),
        ("width in 3", 10, "(A, B)"),
        ("width in (3", 12, ", or )"),
        ("width in (5..3)", 11, "goes up"),
        ("width in (a..b)", 11, "of numbers"),
        ("width > GLZ_RGB", 1, "a number"),
        ("channel > 3", 1, "a word"),
        ("size > big", 1, "a number"),
        ("name matches '('", 14, "regular expression"),
        ("name matches DRAW", 14, "in quotes"),
        ("src_bitmap == 3", 1, "structure"),
        ("image == 3", 1, "image.type"),
        ("", 1, "a name"),
        ("and", 1, "a name"),
        ("width not 3", 7, "not in"),
        ("width > 3 $", 11, "nothing begins"),
        ("name == link-header", 13, "in quotes"),
        ("KEY_DOWN", 1, "name == KEY_DOWN"),
        ("size > 3 and display", 14, "channel == display"),
        ("spice.message_type == 304", 1, "expected type;"),
        ("frame.number == 27", 1, "expected frame;"),
        ("tcp.port == 5900", 1, "expected connection,"),
        ("spice.link_client", 1, "without spice."),
        ("not " * 200 + "width", 405, "too deep"),
        ("width " * 2000, 10001, "too long"),
        ("width > " + "9" * 5000, 9, "too long a number"),
    ],
)
def test_what_is_wrong_is_said(expression: str, column: int, words: str) -> None:
    with pytest.raises(LocalError) as caught:
        parse(expression)
        Filter(expression)
    assert f"filter, column {column}:" in str(caught.value) and words in str(caught.value)


def test_what_is_said_to_those_who_know_wireshark_is_a_name() -> None:
    for name in wireshark.NAMES.values():
        assert Filter(name)


@pytest.mark.parametrize(
    "expression",
    [
        "channel == cursor and name == DRAW_COPY",
        "dx and image",
        "direction == client and image",
    ],
)
def test_what_no_message_can_fit_is_refused(expression: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", str(EXAMPLE), "--filter", expression]) == 2
    assert "no message can fit this" in capsys.readouterr().err


NAMES = ("width", "channel", "name", "image.type", ".size", "display", "GLZ_RGB", "1BIT", "3", "0x1f", "1..2", "'a'")
SIGNS = ("and", "or", "not", "in", "(", ")", "==", "<", ",", "contains", "matches", "{", "}", "!")
WORDS = st.sampled_from(NAMES + SIGNS)


@given(st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=12).map(" ".join)))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_filter_or_a_sentence(text: str) -> None:
    try:
        Filter(text)
    except LocalError as error:
        assert str(error).startswith("filter") or "no such" in str(error)


@pytest.mark.parametrize("value", ["3", "a..b", "..", "3..1..2", "3..1", "-3..-1", "nan..", "1e999.."])
def test_wrong_times(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["decode", str(EXAMPLE), f"--time={value}"])
    assert ended.value.code == 2 and "1..3" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["0", "-1", "\u00b2", "9" * 5000])
@pytest.mark.parametrize("command", [["decode", "--conversation"], ["stats", "--session"]], ids=lambda words: words[0])
def test_wrong_numbers_of_sessions(command: list[str], value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command[0], str(EXAMPLE), f"{command[1]}={value}"])
    assert ended.value.code == 2 and "from 1 on" in capsys.readouterr().err


# -- the names


def test_every_name_of_the_list_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["decode", "--names"])
    assert capsys.readouterr().out == listing()
    names = set(re.findall(r"`([a-z0-9_.]+)` \(", listing()))
    assert {"channel", "image.type", "data.src_bitmap.descriptor.width", "channels.id"} <= names
    for name in names:
        Filter(name)
    messages_listed = set(re.findall(r"^\* ([A-Z0-9_]+)", listing(), re.MULTILINE))
    assert messages_listed >= {
        item.settled["name"] for item in candidates() if item.settled.get("protocol") == "spice" and item.classes
    }


# -- against tshark


@pytest.mark.parametrize("name", RECORDINGS)
def test_tshark_counts_the_same(name: str, tmp_path: Path) -> None:
    path = recording(name)
    counted = Counter(found for names in names_seen(exported(tmp_path), path).values() for found in names)
    known = [message for message, _ in counted.most_common() if not message.startswith("UNKNOWN")]
    assert known
    for message in dict.fromkeys((*known[:2], known[-1])):
        assert len(selected(path, f"protocol == spice and name == {message}")) == counted[message], message
    most = set(known[::2])
    wanted = sum(counted[message] for message in most)
    assert len(selected(path, f"name in ({', '.join(most)}) and protocol == spice")) == wanted


@pytest.mark.parametrize(
    ("name", "field", "expression"),
    [
        ("qemu-inputs-ps2", "spiceproto.inputs.mouse_motion.dx", "name == MOUSE_MOTION and dx {}"),
        ("qemu-multi-display-2", "spiceproto.common.ping.id", "name == PING and id {}"),
        ("drawall-auto_glz", "spiceproto.display.surface_create.width", "name == SURFACE_CREATE and width {}"),
    ],
)
def test_tshark_reads_the_same_numbers(name: str, field: str, expression: str, tmp_path: Path) -> None:
    path = recording(name)
    lines = tshark(exported(tmp_path), path, "-Y", field, "-T", "fields", "-e", field).splitlines()
    numbers = [int(number) for line in lines for number in line.split(",")]
    middle = sorted(numbers)[len(numbers) // 2]
    for sign, wanted in (("==", numbers.count(middle)), ("<", sum(number < middle for number in numbers))):
        assert len(selected(path, expression.format(f"{sign} {middle}"))) == wanted


def test_the_page_has_the_names_of_the_schemas() -> None:
    page = Path(__file__).parents[2] / "docs" / "filter-names.md"
    if not page.exists():
        pytest.skip("the documents are part of the source tree only")
    assert page.read_text() == f"# Names in filters\n\nWritten by `spiceproto decode --names`.\n\n{listing()}"


# -- pictures


def test_images_of_messages_that_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything is drawn, whatever is asked for."""
    files = {}
    for name, options in (
        ("all", ()),
        ("some", ("--filter", "image.type == BITMAP and number > 45")),
        ("none", ("--session", "2")),
    ):
        folder = tmp_path / name
        assert main(["render", str(EXAMPLE), "-o", str(folder), "--images", *options]) == 0
        files[name] = {path.name: path.read_bytes() for path in folder.iterdir()}
    numbers = selected(EXAMPLE, "image.type == BITMAP and number > 45")
    kept = {f"session1-display0-message{number}-BITMAP.png" for number in numbers} | {"session1-display0.png"}
    assert files["some"] == {name: data for name, data in files["all"].items() if name in kept}
    assert files["some"].keys() == kept != files["all"].keys() and not files["none"]
    assert main(["render", str(EXAMPLE), "-o", str(tmp_path), "--filter", "image"]) == 2
    assert main(["render", str(EXAMPLE), "-o", str(tmp_path), "--images", "--filter", "imag"]) == 2
    assert "image" in capsys.readouterr().err
