"""Docstrings for Sphinx."""

from __future__ import annotations

from spec_site.docstrings import as_written


def test_an_indented_block_stays_as_it_is() -> None:
    assert as_written(["As in:", "", "    a = 1", "        b", "", "Behind."]) == [
        "As in:", "", "::", "", "    a = 1", "        b", "", "Behind.",
    ]  # fmt: skip


def test_lines_that_begin_with_a_name_are_a_list() -> None:
    assert as_written(["Words.", "``a``  one", "       more", "``b``  two", "Behind."]) == [
        "Words.", "", "* ``a``  one", "  more", "* ``b``  two", "", "Behind.",
    ]  # fmt: skip


def test_what_belongs_to_an_item_is_no_block() -> None:
    lines = ["* one", "", "    more of it", ":raises X: never"]
    assert as_written(lines) == lines
