"""What is generated in the documents is what is declared."""

from __future__ import annotations

import pytest

from conformance import documents
from conformance.adapters.programs import CATALOGUE
from spiceproto.controls import CONTROLS


@pytest.mark.skipif(not documents.DOCUMENT.exists(), reason="the documents are in a checkout only")
def test_the_document_is_up_to_date() -> None:
    text = documents.DOCUMENT.read_text(encoding="utf-8")
    assert documents.regenerated(text) == text, "run python -m conformance.documents"
    for row in CONTROLS:
        assert f"| `{row.verb}` |" in text
    for scheme in CATALOGUE:
        assert f"| `{scheme}:` |" in text or scheme in ("client", "server")


def test_what_is_written_by_hand_is_left_alone() -> None:
    old = "before\n<!-- generated: verbs client -->\nold\n<!-- end -->\nbehind\n"
    new = documents.regenerated(old)
    assert new.startswith("before\n<!-- generated: verbs client -->\n\n| verb |")
    assert new.endswith("|\n\n<!-- end -->\nbehind\n")
    assert "\nold\n" not in new and "`motion`" in new and documents.regenerated(new) == new
