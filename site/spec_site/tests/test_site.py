"""The site as people get it: every sentence is there, every link leads somewhere, and every diagram is drawn."""

from __future__ import annotations

import json
import posixpath
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest

from conformance.cases import all_cases
from conformance.faults import faults
from conformance.requirements import requirements
from spec_site.tests.built import ROOT, Page, build, pages, ready


def every_sentence_is_a_target_with_what_is_known_of_it(site: Path) -> None:
    cases: dict[str, set[str]] = {}
    for case in all_cases():
        for id in case.verifies:
            cases.setdefault(id, set()).add(case.id)
    for id, sentence in requirements().items():
        page = pages(site)[f"spec/{sentence.chapter}.html"]
        assert page.ids.count(id) == 1, id
        below = page.text.partition(f'id="{id}"')[2].partition("</details>")[0]
        missing = [case for case in cases.get(id, ()) if case not in below.replace('</span> <span class="pre">', " ")]
        assert missing == [], id
    assert len(requirements()) > 700


def faults_stand_below_the_sentence_they_break(site: Path) -> None:
    for role, name, fault in faults():
        page = pages(site)[f"spec/{requirements()[fault.requirement].chapter}.html"]
        below = page.text.partition(f'id="{fault.requirement}"')[2].partition("</details>")[0]
        assert f"ref:{role}?fault={name}<" in below, name


def broken(site: Path, name: str, page: Page, link: str) -> bool:
    """Whether a link of a page leads nowhere in the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return False
    path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))) if parts.path else name
    if not (site / path).is_file():
        return True
    fragment = unquote(parts.fragment)
    return bool(fragment) and path.endswith(".html") and fragment not in pages(site)[path].ids


def every_link_leads_somewhere(site: Path) -> None:
    found = [(name, link) for name, page in pages(site).items() for link in set(page.links) if broken(site, name, page, link)]
    assert found == []
    assert sum(len(page.links) for page in pages(site).values()) > 10_000


def mentions_of_sentences_are_links(site: Path) -> None:
    page = pages(site)["docs/results/2026-11-30-robustness.html"]
    assert "../../spec/20-robustness.html#SPICE-ROBUST-005" in page.links


def every_diagram_is_drawn(site: Path) -> None:
    for source in [*(ROOT / "spec").glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        blocks = source.read_text(encoding="utf-8").count("```mermaid")
        name = source.relative_to(ROOT).with_suffix(".html").as_posix()
        assert pages(site)[name].drawings == blocks, name
    assert not [name for name, page in pages(site).items() if "sequenceDiagram" in page.text and name.startswith("spec/")]


def requirements_are_data(site: Path) -> None:
    schema = json.loads((site / "requirements.schema.json").read_text())
    data = json.loads((site / "requirements.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(data)
    assert [item["id"] for item in data["requirements"]] == list(requirements())
    programs = {result["program"] for item in data["requirements"] for result in item["results"]}
    assert programs <= data["programs"].keys() and "qemu" in programs
    wrong = {**data, "requirements": [{**data["requirements"][0], "level": "PERHAPS"}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(wrong)


def what_is_tolerated_and_what_fails_is_there_with_its_date(site: Path) -> None:
    data = json.loads((site / "requirements.json").read_text())
    (item,) = [item for item in data["requirements"] if item["id"] == "SPICE-ROBUST-005"]
    assert ("libspice-server", "fails", "2026-11-28") in {
        (one["program"], one["outcome"], one["date"]) for one in item["results"]
    }
    assert {page["path"] for page in item["pages"]} >= {"docs/results/2026-11-30-robustness"}


def it_can_be_searched(site: Path) -> None:
    index = (site / "searchindex.js").read_text()
    assert '"spec/04-mouse"' in index and "mouse_mode_request" in index.lower()


def wide_tables_say_their_columns(site: Path) -> None:
    assert '<td data-label="meaning"' in pages(site)["spec/04-mouse.html"].text


CHECKS = (
    every_sentence_is_a_target_with_what_is_known_of_it,
    faults_stand_below_the_sentence_they_break,
    every_link_leads_somewhere,
    mentions_of_sentences_are_links,
    every_diagram_is_drawn,
    requirements_are_data,
    what_is_tolerated_and_what_fails_is_there_with_its_date,
    it_can_be_searched,
    wide_tables_say_their_columns,
)


@pytest.mark.timeout(3600)
def test_the_site(tmp_path: Path) -> None:
    """One test: several processes that share tests would each make the site."""
    site = ready() or build(tmp_path)
    for check in CHECKS:
        check(site)
