"""Implementations beside each other: the folder, the page, what has changed, and pairs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import msgspec
import pytest

from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.tests.looks import need_adapters
from conformance.command import main
from conformance.matrix import record
from conformance.matrix.badge import badge
from conformance.matrix.matrix import status
from conformance.matrix.page import page
from conformance.matrix.record import Implementation, Matrix, Pair
from conformance.tests.test_report_access import looked_at
from spiceproto.errors import LocalError

REFERENCES = """
[every]
select = "SPICE-LINK-001, SPICE-LINK-006"

[[target]]
name = "Server one"
address = "ref:server"

[[target]]
name = "Two"
address = "ref:server?fault=any-magic"

[[target]]
name = "Client"
address = "ref:client"

[[target]]
name = "Left out"
address = "spicy-screenshot:"
skip = "it wants <b>a display</b>"
"""
PROGRAMS = """
[every]
select = "SPICE-LINK-001, SPICE-LINK-006"

[[target]]
name = "Server"
address = "127.0.0.1:{port}"
start = "spice-reference-server --port {port} --disable-ticketing"

[[target]]
name = "Client"
address = "client:spice-reference-client --control"

[[target]]
name = "Slow"
address = "client:sleep 1000 {port}"
timeout = 0.01
pairs = false

[[target]]
name = "Memory"
address = "ref:server"
"""


def made(folder: Path, text: str, *options: str, status: int | None = None) -> Matrix:
    """The matrix of a file."""
    path = folder / "targets.toml"
    path.write_text(text)
    found = main(["matrix", str(path), "-o", str(folder / "out"), "-n", "2", *options])
    assert status is None or found == status
    return record.read(folder / "out" / "matrix.json")


def by_name(matrix: Matrix) -> dict[str, Implementation]:
    return {item.name: item for item in matrix.implementations}


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Matrix]:
    folder = tmp_path_factory.mktemp("matrix")
    return folder, made(folder, REFERENCES, status=1)


def test_every_cell_says_what_is_so(references: tuple[Path, Matrix]) -> None:
    found = by_name(references[1])
    assert {name: item.verdict for name, item in found.items()} == {
        "Server one": "conforms in scope",
        "Two": "does not conform",
        "Client": "conforms in scope",
        "Left out": "no result",
    }
    states = {name: item.sentences.get("SPICE-LINK-006") for name, item in found.items()}
    assert states["Server one"] is not None and states["Server one"].state == "passed"
    assert states["Two"] is not None and states["Two"].state == "failed" and len(states["Two"].cases) == 5
    assert found["Two"].cases["SPICE-LINK-006/zero-bytes"] == "failed"
    other = found["Two"].sentences["SPICE-LINK-002"]
    assert (other.state, other.reason) == ("not-run", "left out by the selection")
    assert states["Left out"] is None and found["Left out"].role == "client"
    assert all(
        sentence.role in ("server", "both") for id in found["Two"].sentences if (sentence := references[1].sentences[id])
    )


def test_the_folder(references: tuple[Path, Matrix]) -> None:
    out = references[0] / "out"
    jsonschema.validate(json.loads((out / "matrix.json").read_text()), record.schema())
    for item in references[1].implementations:
        root = ElementTree.fromstring((out / f"{item.slug}.svg").read_text())
        assert item.verdict in "".join(root.itertext()) or "5 failed" in "".join(root.itertext())
    text = (out / "index.html").read_text()
    for link, fragment in re.findall(r'href="([A-Za-z_]+/index.html)(#[^"]+)?"', text):
        assert not fragment or f'id="{fragment[1:]}"' in (out / link).read_text()
    assert "&lt;b&gt;a display" in text and "<b>a display" not in text
    ids = set(re.findall(r' id="([^"]+)"', text))
    assert {"servers", "clients", "server-01-link", "client-SPICE-LINK-001"} <= ids
    assert set(re.findall(r'href="#([^"]+)"', text)) <= ids


def test_what_has_changed_since_the_last_time(tmp_path: Path) -> None:
    text = REFERENCES.replace("?fault=any-magic", "")
    first = made(tmp_path, text, status=0)
    assert all(item.changes is None for item in first.implementations)
    second = made(tmp_path, REFERENCES, "--only", "Two", status=1)
    changes = by_name(second)["Two"].changes
    assert changes is not None and len(changes.broken) == 5 and not changes.fixed
    assert changes.since == by_name(first)["Two"].started
    assert by_name(second)["Server one"].started == by_name(first)["Server one"].started
    again = made(tmp_path, REFERENCES, "--again", status=1)
    assert by_name(again)["Two"].changes == changes
    assert "5 broken" in (tmp_path / "out" / "index.html").read_text()


def test_against_another_matrix(references: tuple[Path, Matrix], tmp_path: Path) -> None:
    text = REFERENCES.replace("?fault=any-magic", "")
    found = made(tmp_path, text, "--against", str(references[0] / "out"), status=0)
    changes = by_name(found)["Two"].changes
    assert changes is not None and len(changes.fixed) == 5 and not changes.broken
    assert by_name(found)["Server one"].changes is not None


def test_pairs_of_programs(tmp_path: Path) -> None:
    found = made(tmp_path, PROGRAMS, "--pairs", status=3)
    assert by_name(found)["Server"].verdict == "conforms in scope" and by_name(found)["Server"].cases
    assert (
        by_name(found)["Slow"].verdict in ("no result", "interrupted") and "0.01 seconds" in by_name(found)["Slow"].reasons[0]
    )
    tried = {pair.server: pair for pair in found.pairs}
    assert set(tried) == {"Server", "Memory"} and all(pair.client == "Client" for pair in found.pairs)
    assert tried["Memory"].connected is None and "memory" in tried["Memory"].why
    pair = tried["Server"]
    assert pair.connected and pair.good and pair.messages > 10 and "cannot be asked" in pair.picture_why
    assert (tmp_path / "out" / "pairs" / pair.recording).stat().st_size > 1000


def test_a_real_client_at_a_real_server(tmp_path: Path) -> None:
    need_adapters(Qemu, SpiceGtk)
    text = """
[every]
select = "SPICE-LINK-001"
[[target]]
name = "QEMU"
address = "qemu:?guest=640x480x32"
waivers = "builtin"
[[target]]
name = "spice-gtk"
address = "spice-gtk:"
waivers = "builtin"
"""
    found = made(tmp_path, text, "--pairs")
    assert [item.program != "" for item in found.implementations] == [True, True]
    (pair,) = found.pairs
    assert pair.connected and pair.picture == "equal", pair
    assert pair.messages > 20 and not pair.broken, pair


def test_the_exit_status() -> None:
    good, bad, none = [
        Implementation("a", "a", "ref:server", verdict, ("x",), 0) for verdict in ("conforms", "does not conform", "no result")
    ]
    assert status([good], []) == 0 and status([good, bad, none], []) == 1 and status([good, none], []) == 3
    assert status([good], [Pair("c", "s")]) == 0 and status([good], [Pair("c", "s", True, picture="differs")]) == 1
    assert status([good], [Pair("c", "s", False)]) == 1 and status([good], [Pair("c", "s", True, broken=("X",))]) == 1


def test_words_of_others_are_words(references: tuple[Path, Matrix]) -> None:
    word = "<script>alert(1)</script>"
    item = Implementation(
        word, "a", word, "does not conform", (word,), 1, role="server", program=word, selection=word, started=word
    )
    pair = Pair(word, word, False, word, recording="a.pcapng")
    text = page(msgspec.structs.replace(references[1], implementations=(item,), pairs=(pair,), paired=True))
    assert "<script>alert" not in text and "&lt;script&gt;alert" in text
    ElementTree.fromstring(badge(item))


@pytest.mark.parametrize("arguments", [(), ("--force-dark-mode", "--blink-settings=preferredColorScheme=0")])
def test_the_page_as_axe_sees_it(references: tuple[Path, Matrix], tmp_path: Path, arguments: tuple[str, ...]) -> None:
    pairs = (
        Pair(
            "Client", "Two", True, picture="differs", picture_why="3 of 9 pixels differ", messages=9, broken=("SPICE-LINK-006",)
        ),
        Pair("Client", "Server one", None, "it is not there"),
    )
    matrix = msgspec.structs.replace(references[1], paired=True, pairs=pairs)
    found: dict[str, Any] = looked_at(tmp_path, page(matrix, ["Two"]), *arguments)
    assert found["said"] == [] and found["passed"] > 10 and found["page"] <= found["window"]


def test_what_makes_no_sense_is_said_before_anything_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "targets.toml"
    path.write_text(REFERENCES)
    for options, said in (
        (("-n", "0"), "--jobs"),
        (("--only", "Tow"), "Two"),
        (("--against", str(tmp_path)), "no matrix is there"),
    ):
        assert main(["matrix", str(path), "-o", str(tmp_path / "out"), *options]) == 2
        assert said in capsys.readouterr().err and not (tmp_path / "out").exists()
    path.write_text(REFERENCES.replace("ref:client", "reff:client"))
    assert main(["matrix", str(path), "-o", str(tmp_path / "out")]) == 2 and not (tmp_path / "out").exists()
    assert "an unknown scheme" in capsys.readouterr().err


def test_a_page_of_somebody_else_stays(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.html").write_text("mine")
    path = tmp_path / "targets.toml"
    path.write_text(REFERENCES)
    assert main(["matrix", str(path), "-o", str(tmp_path / "out")]) == 2
    assert (tmp_path / "out" / "index.html").read_text() == "mine"


@pytest.mark.parametrize("text", ["", "{}", '{"schema": "spiceconf-matrix/9"}', "[]"])
def test_a_matrix_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "matrix.json").write_text(text)
    with pytest.raises(LocalError):
        record.read(tmp_path / "matrix.json")
