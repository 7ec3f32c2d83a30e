"""Diagrams: what is read, what is drawn, and what is refused."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from spec_site import mermaid, sequences, states
from spec_site.tests.built import needed
from spiceproto.derive.chapters import SPEC
from spiceproto.errors import LocalError, SchemaError

STATES = """\
stateDiagram-v2
    state "server-fresh" as server_fresh
    [*] --> server_fresh
    server_fresh --> gone : server CLOSE, client <odd> & "quoted"
    gone --> [*]
"""

SEQUENCE = """\
sequenceDiagram
    title A < B
    participant C as client
    participant S as server
    C->>S: HELLO & more
    Note over C,S: open
"""


def test_states_are_read() -> None:
    found = mermaid.parse(STATES)
    assert isinstance(found, mermaid.States)
    assert found.names["server_fresh"] == "server-fresh"
    assert [(one.here, one.there) for one in found.arrows] == [
        (mermaid.START, "server_fresh"),
        ("server_fresh", "gone"),
        ("gone", mermaid.END),
    ]


def test_a_sequence_is_read() -> None:
    found = mermaid.parse(SEQUENCE)
    assert isinstance(found, mermaid.Sequence)
    assert (found.title, found.participants) == ("A < B", {"C": "client", "S": "server"})
    assert found.steps == (mermaid.Message("C", "S", "HELLO & more"), mermaid.Note("C", "S", "open"))


@pytest.mark.parametrize(
    "text", ["pie\n a: 1", f"{STATES}    a ==> b", f"{SEQUENCE}    loop forever", f"{SEQUENCE}    C->>X: nobody"]
)
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(SchemaError):
        mermaid.parse(text)


def test_every_diagram_of_the_chapters_is_read() -> None:
    blocks = [
        block
        for path in SPEC.glob("*.md")
        for block in re.findall(r"```mermaid\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    ]
    assert len(blocks) > 50
    for block in blocks:
        found = mermaid.parse(block)
        if isinstance(found, mermaid.Sequence):
            drawn = sequences.draw(found)
            ElementTree.fromstring(drawn)
            assert drawn.count('z"') == sum(isinstance(step, mermaid.Message) for step in found.steps)


def test_states_are_drawn() -> None:
    needed()
    found = mermaid.parse(STATES)
    assert isinstance(found, mermaid.States)
    drawn = ElementTree.fromstring(states.draw(found, states.program(), "a title"))
    texts = ["".join(item.itertext()) for item in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "server-fresh" in texts and "server CLOSE" in texts and "client <odd> &" in " ".join(texts)
    assert not any("font-family" in item.attrib or "id" in item.attrib for item in drawn.iter())


def test_graphviz_that_fails_is_said() -> None:
    found = mermaid.parse(STATES)
    assert isinstance(found, mermaid.States)
    with pytest.raises(LocalError, match="Graphviz cannot draw"):
        states.draw(found, "/nonexistent/dot", "a title")
