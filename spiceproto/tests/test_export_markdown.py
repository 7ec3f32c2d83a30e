"""The Markdown reference names every message, structure, field and enumeration, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spiceproto import dispatch, schema
from spiceproto.command import main
from spiceproto.derive import markdown
from spiceproto.schema import codec, link
from spiceproto.walk import Scalar, walk

SENDERS = ("server", "client")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of an exported folder."""
    folder = tmp_path_factory.mktemp("markdown")
    assert main(["export", "markdown", "-o", str(folder)]) == 0
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of the same or a higher level."""
    _, _, rest = text.partition(f"\n{heading}\n")
    assert rest, heading
    level = heading.partition(" ")[0]
    end = re.search(rf"^#{{1,{len(level)}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def test_one_page_a_module(pages: dict[str, str]) -> None:
    assert set(pages) == {"index.md", *(f"{module}.md" for module in schema.MODULES)}
    assert pages == markdown.pages()


def test_links_lead_to_pages(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            assert target in pages, (name, target)
    for name in pages:
        assert name == "index.md" or f"({name})" in pages["index.md"]


@pytest.mark.parametrize("table", schema.channels())
def test_every_message(table: str, pages: dict[str, str]) -> None:
    page = {"vsc": "smartcard.md", "usb": "usbredir.md"}.get(table, f"{table.partition('_')[0]}.md")
    plain = schema.rows("agent", "client")
    for sender in SENDERS:
        own = schema.channel(table).rows(sender)  # type: ignore[arg-type,unused-ignore]
        for number, row in dispatch.rows(table, sender).items():
            text = pages[page if number in own else "common.md"]
            if table.startswith("agent_"):
                if own[number].body is plain[number].body:
                    continue
                text = section(text, f"## Messages: {table}")
            shown = number if number <= 0xFFFF else f"{number:#x}"
            assert f"| {shown} | `{row.constant}` |" in text
            found = section(text, f"### {shown} `{row.constant}`")
            assert f"{row.module}.{row.class_name}" in found
            if number in own and (capability := own[number].capability) is not None:
                assert f".{capability.name}`" in found or row.constant.startswith("VD_AGENT")


def test_every_structure_and_field(pages: dict[str, str]) -> None:
    for record in (*schema.records().values(), *link.RECORDS, *codec.RECORDS):
        item = walk(record)
        text = pages[f"{item.module}.md"]
        begin = re.search(rf"^(?:### |Body: )`{re.escape(item.name)}`(?!, as above)", text, re.MULTILINE)
        assert begin, item.name
        rest = text[begin.end() :]
        end = re.search(r"^#", rest, re.MULTILINE)
        found = rest[: end.start()] if end else rest
        for member in item.members:
            assert f"| `{member.name}` |" in found, (item.name, member.name)
            assert member.doc.replace("|", "\\|") in found
            if isinstance(member.node, Scalar) and member.node.table is not None:
                assert f"### `{member.node.table.__name__}`" in text
        if item.size and item.size <= 64:
            assert "```text\n 0 " in found, item.name


def test_one_stream(capsys: pytest.CaptureFixture[str], tmp_path: Path, pages: dict[str, str]) -> None:
    assert main(["export", "markdown"]) == 0
    text = capsys.readouterr().out
    assert all(page in text for page in pages.values())
    assert main(["export", "markdown", "-o", str(tmp_path / "all.md")]) == 0
    assert (tmp_path / "all.md").read_text(encoding="utf-8") == text
    assert ":mod:" not in text and ":func:" not in text
