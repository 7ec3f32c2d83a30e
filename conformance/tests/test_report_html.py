"""The page: whole, safe, and working in a browser."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from conformance.report import html
from conformance.report.findings import findings
from conformance.results import Picture
from conformance.tests.browser import chromium
from conformance.tests.result_samples import (
    MARKUP,
    broken_rules,
    client_run,
    missing_acks,
    run_of,
    server_run,
    waived,
    whole_stage,
    wrong_picture,
)

_VOID = {"meta", "link", "input", "br", "img"}


class Page(HTMLParser):
    """Elements of a page; fails if they are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.scripts = 0
        self.classes: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append(tag)
        self.scripts += tag == "script"
        for name, value in attrs:
            assert not name.startswith("on"), "no handler in the markup"
            if name == "id":
                self.ids.append(value or "")
            elif name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in ("src", "href", "srcset", "data", "poster"):
                self.sources.append(value or "")
            elif name == "class":
                self.classes.append(f"{tag}.{value}")

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)

    @property
    def words(self) -> str:
        """What one reads."""
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(html.page(server_run()))


def test_it_is_one_file(page: Page) -> None:
    assert page.sources == ["data:,"] and page.scripts == 1
    text = html.page(server_run())
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", text)
    assert "default-src 'none'" in text


def test_pictures_are_in_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    case = wrong_picture()
    pictures = tuple([msgspec.structs.replace(each, file=f"x.{each.kind}.png") for each in case.pictures])
    run = run_of(msgspec.structs.replace(case, pictures=pictures), role="client")
    found = Page(html.page(run))
    embedded = [source.removeprefix("data:image/png;base64,") for source in found.sources if source.startswith("data:image")]
    assert [b64decode(source) for source in embedded] == [picture.data for picture in pictures]
    assert [picture.file for picture in pictures] == [link for link in found.links if link.endswith(".png")]
    text = html.page(run)
    for said in ("that was to be seen", "that was seen", "the pixels that differ in red"):
        assert re.search(rf'<img [^>]*width="300" height="200" alt="[^"]*{said}[^"]*60 x 40 pixels"', text)
    assert "Pixel 50, 30 of the screen: last under DRAW_FILL" in found.words
    # Of too many there are links.
    monkeypatch.setattr(html, "_EMBEDDED", sum(len(picture.data) for picture in pictures))
    others = [msgspec.structs.replace(case, id=f"SPICE-IMAGE-013/{name}", pictures=pictures) for name in "ab"]
    found = Page(html.page(run_of(*others, role="client")))
    assert sum(source.startswith("data:image") for source in found.sources) == 3
    assert sum(link.endswith(".png") for link in found.links) == 6


def test_ids_are_there_once_and_links_lead_somewhere(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    inside = [link[1:] for link in page.links if link.startswith("#") and "=" not in link]
    assert inside and set(inside) <= set(page.ids)


def test_what_peers_say_is_never_markup(page: Page) -> None:
    text = html.page(server_run())
    assert MARKUP not in text and text.count("&lt;script&gt;") >= 5
    assert MARKUP in page.words and "\x00" not in text


def test_markup_everywhere() -> None:
    run = server_run()
    cases = [
        msgspec.structs.replace(
            case,
            title=MARKUP,
            expected=MARKUP,
            actual=MARKUP,
            reason=MARKUP,
            bug=MARKUP,
            repro=MARKUP,
            sentence=MARKUP,
            tolerated=MARKUP,
            channel=MARKUP,
            capture=MARKUP,
            reproducer=MARKUP,
            place=MARKUP,
            pictures=(Picture(MARKUP, (0, 0, 0, 0), 1, MARKUP.encode(), MARKUP),),
            section=MARKUP,
            level=MARKUP,
            transcript=tuple(
                [
                    msgspec.structs.replace(entry, text=MARKUP, name=MARKUP, channel=MARKUP, fields={MARKUP: MARKUP})
                    for entry in case.transcript
                ]
            ),
        )
        for case in run.cases
    ]
    header = msgspec.structs.replace(run.header, target=MARKUP, selection=MARKUP, version=MARKUP, started=MARKUP)
    footer = msgspec.structs.replace(run.footer, problems=(MARKUP,))
    text = html.page(msgspec.structs.replace(run, header=header, cases=tuple(cases), footer=footer))
    assert MARKUP not in text and Page(text).scripts == 1


def test_a_link_of_a_waiver_leads_to_the_web_or_nowhere() -> None:
    run = run_of(waived(), msgspec.structs.replace(waived(), id="SPICE-LINK-008/x", bug="javascript:alert(1)"))
    links = Page(html.page(run)).links
    assert "https://example.org/bugs/12" in links and not [link for link in links if link.startswith("javascript:")]


def test_every_case_and_sentence_is_there(page: Page) -> None:
    run = server_run()
    for case in run.cases:
        assert case.id in page.words and html._slug(f"case-{case.id}") in page.ids
    assert set(run.header.sentences) <= set(page.ids)
    assert run.header.untestable["SPICE-LINK-055"] in page.words
    assert re.search(r"\d+ not run \(SPICE-LINK-002, .* and \d+ more\)", page.words)


def test_what_failed_comes_first(page: Page) -> None:
    cases = [id for id in page.ids if id.startswith("case-")]
    assert [id.rpartition("_")[2] for id in cases[:7]] == [
        "eight-motions",
        "eight-motions-over-tls",
        "three-motions",
        "two-keys",
        "major-0",
        "other-kind",
        "zero-bytes",
    ]
    kinds = [tag.split()[1] for tag in page.classes if tag.startswith("details.case ")]
    assert kinds[:7] == ["fail"] * 3 + ["error", "waived", "blocked", "tolerated"]
    # The rest, whatever became of it, in the order of the specification.
    order = list(server_run().header.sentences)
    places = [order.index(id.removeprefix("case-").partition("_")[0]) for id in cases[7:]]
    assert places == sorted(places) and len(set(kinds[7:])) > 1


def test_the_specification_gives_the_order() -> None:
    one = msgspec.structs.replace(whole_stage(), id="SPICE-LINK-004/x", requirement="SPICE-LINK-004")
    first, second = whole_stage(), msgspec.structs.replace(whole_stage(), id="SPICE-LINK-001/a")
    found = [id for id in Page(html.page(run_of(one, first, second))).ids if id.startswith("case-")]
    assert found == ["case-SPICE-LINK-001_whole-stage", "case-SPICE-LINK-001_a", "case-SPICE-LINK-004_x"]


def test_the_top_lists_what_failed(page: Page) -> None:
    words = page.words
    top = words[words.index("What failed") : words.index("Target is a")]
    for case in server_run().cases:
        bad = case.outcome in ("fail", "error")
        assert (case.id in top) is bad
        if bad:
            assert case.expected in top and " ".join(html._short(case.actual).split()) in top
            assert f"#case-{html._slug(case.id)}" in page.links
    assert "failures" not in Page(html.page(run_of(whole_stage()))).ids


def test_the_list_at_the_top_is_short() -> None:
    cases = [msgspec.structs.replace(missing_acks(), id=f"SPICE-MOUSE-018/x{number}") for number in range(27)]
    found = Page(html.page(run_of(*cases)))
    assert "And 7 more: all of them" in found.words and found.words.count("SPICE-MOUSE-018/x26") == 1
    assert html._short("PING, PING, PING\nmore") == "PING, 3 times" and html._short("PING, PONG") == "PING, PONG"
    assert html._short("x" * 500).endswith("x…") and len(html._short("x" * 500)) < 200


def test_failed_cases_are_open() -> None:
    text = html.page(server_run())
    tags = re.findall(r'<details class="case ([a-z-]+)"[^>]*?( open)?>', text)
    assert (
        {kind for kind, open in tags if open}
        == {"fail"}
        == {kind for kind, _ in tags} - {kind for kind, open in tags if not open}
    )


def test_what_was_long_before_the_failure_is_folded() -> None:
    case = missing_acks()
    before, rest = html._parts(case)
    whole = html._sequence(case)
    assert len(before) + len(rest) == len(whole) and not [row for row in before if row.failed]
    assert [row.failed for row in rest].index(True) == 16
    assert before[0].time and rest[0].time, "each part begins with a time"
    found = Page(html.page(run_of(case)))
    assert f"{len(before)} rows before this" in found.words and f"failed-{html._slug(case.id)}" in found.ids


def test_little_and_what_did_not_fail_is_not_folded() -> None:
    case = missing_acks()
    last = [number for number, entry in enumerate(case.transcript) if entry.kind == "step"][case.steps - 1]
    short = msgspec.structs.replace(case, transcript=case.transcript[last - 20 :], steps=0)
    steps = sum(entry.kind == "step" for entry in case.transcript[last - 20 : last + 1])
    before, rest = html._parts(msgspec.structs.replace(short, steps=steps))
    assert before == [] and any(row.failed for row in rest)
    assert html._parts(msgspec.structs.replace(case, outcome="pass"))[0] == []


def test_a_time_is_said_once() -> None:
    times = [row.time for row in html._timed(html._sequence(whole_stage()))]
    assert times[0] and "" not in [row.time for row in html._sequence(whole_stage()) if row.kind != "pause"]
    said = [time for time in times if time]
    assert said == sorted(set(said))


def test_the_same_finding_is_shown_once() -> None:
    case = broken_rules()
    many = msgspec.structs.replace(case, seen=case.seen[:1] * 4 + case.seen[1:])
    assert [finding.count for finding in findings(many.seen)] == [4] + [1] * (len(case.seen) - 1)
    words = Page(html.page(run_of(many))).words
    assert "; 4 times." in words


def test_a_failed_case_has_its_story(page: Page) -> None:
    for words in (
        "MOUSE_MOTION_ACK within 4 movements",
        "nothing like it for 2 s",
        "step 13",
        "failed here",
        "2.0 s later",
        "connected",
        "closed by the client",
        "supported_mouse_modes SERVER | CLIENT",
        "52 45 44 51 02 00 00 00",
        "client – suite",
        "server – target",
        "TLS",
        "--select SPICE-MOUSE-018/eight-motions --seed 7",
    ):
        assert words in page.words, words
    assert {"details.row message client", "details.row message server", "div.row step failed"} <= set(page.classes)


def test_what_differs_is_a_table() -> None:
    (item,) = missing_acks().differences
    row = "".join([f"<td>{text}</td>" for text in (item.message, item.field, item.expected, item.actual)])
    assert f"<tr>{row}</tr>" in html.page(run_of(missing_acks()))
    assert '<table class="differences">' not in html.page(run_of(waived()))


def test_the_other_role() -> None:
    words = Page(html.page(client_run())).words
    assert "client – target" in words and "server – suite" in words and "Target is a client" in words


@pytest.mark.parametrize(
    ("make", "headline"),
    [
        (server_run, "Does not conform"),
        (lambda: run_of(whole_stage()), "Conforms in scope"),
        (lambda: run_of(), "Cannot be tested"),
        (
            lambda: msgspec.structs.replace(
                run_of(whole_stage()),
                footer=msgspec.structs.replace(run_of(whole_stage()).footer, exit_status=1, problems=("a stale waiver",)),
            ),
            "Does not conform",
        ),
    ],
)
def test_the_verdict_stands_on_top(make: Callable[[], object], headline: str) -> None:
    assert f"<title>{headline}:" in html.page(make())  # type: ignore[arg-type]


def test_links_to_files_beside_the_page() -> None:
    case = msgspec.structs.replace(whole_stage(), capture="a b.pcapng", reproducer="repro_x.py")
    links = Page(html.page(run_of(case))).links
    assert "a%20b.pcapng" in links and "repro_x.py" in links


def test_long_values_and_large_bodies_are_cut() -> None:
    text = "x" * 5000
    assert dict(html._flat({"a": {"b": [{"c": text}]}}))["a.b[0].c"].endswith("… (5000 characters)")
    assert dict(html._flat({"data": {"bytes": 9, "hex": "00"}, "none": None, "flags": []})) == {
        "data": "9 bytes: 00…",
        "flags": "none",
    }


# -- in a browser


def dom(tmp_path: Path, fragment: str) -> tuple[str, str]:
    """The page after its script ran, and what the browser said."""
    path = tmp_path / "index.html"
    html.write(path, server_run())
    return chromium(tmp_path, "--dump-dom", f"{path.as_uri()}{fragment}")


def shown(text: str) -> list[str]:
    """Ids of the cases that are not hidden."""
    tags = re.findall(r'<details class="case [^>]*>', text)
    assert len(tags) == len(server_run().cases)
    return [match[1] for tag in tags if " hidden" not in tag and (match := re.search(r'id="case-([^"]+)"', tag))]


def test_chromium_shows_all_cases_without_an_error(tmp_path: Path) -> None:
    text, said = dom(tmp_path, "")
    assert len(shown(text)) == 11 and "11 of 11 cases</output>" in text
    assert "CONSOLE" not in said, said
    assert "<title>Does not conform" in text, "the script of a peer did not run"
    assert not re.search(r'<form class="filter"[^>]* hidden', text)


@pytest.mark.parametrize(
    ("fragment", "ids"),
    [
        (
            "#outcome=fail",
            ["SPICE-MOUSE-018_eight-motions", "SPICE-MOUSE-018_eight-motions-over-tls", "SPICE-MOUSE-019_three-motions"],
        ),
        ("#outcome=fail&q=tls", ["SPICE-MOUSE-018_eight-motions-over-tls"]),
        ("#outcome=tolerated", ["SPICE-LINK-006_zero-bytes"]),
        ("#chapter=03-main&level=MUST", ["SPICE-MAIN-012_asked-twice"]),
        ("#level=MUST&outcome=pass&chapter=04-mouse", []),
    ],
)
def test_a_fragment_filters(tmp_path: Path, fragment: str, ids: list[str]) -> None:
    text, said = dom(tmp_path, fragment)
    assert shown(text) == ids and f"{len(ids)} of 11 cases</output>" in text
    assert "CONSOLE" not in said, said
    assert ('class="none" hidden' in text) is bool(ids)


def test_a_fragment_opens_what_it_names(tmp_path: Path) -> None:
    text, _ = dom(tmp_path, "#case-SPICE-LINK-008_major-0")
    assert re.search(r'<details class="case waived" id="case-SPICE-LINK-008_major-0"[^>]* open', text)
    assert len(re.findall(r'<details class="case (?!fail)[^>]* open', text)) == 1
    text, _ = dom(tmp_path, "#SPICE-MOUSE-018")
    assert len(re.findall(r'<details class="chapter" open', text)) == 1


@pytest.mark.parametrize(
    ("scheme", "back", "ink"), [(1, (0xF5, 0xF6, 0xF8), (0xC6, 0x28, 0x28)), (0, (0x19, 0x1D, 0x23), (0xFF, 0x7B, 0x76))]
)
def test_chromium_draws_it_light_and_dark(
    tmp_path: Path, scheme: int, back: tuple[int, int, int], ink: tuple[int, int, int]
) -> None:
    from PIL import Image

    path, picture = tmp_path / "index.html", tmp_path / "page.png"
    html.write(path, server_run())
    chromium(
        tmp_path,
        f"--blink-settings=preferredColorScheme={scheme}",
        "--window-size=900,700",
        f"--screenshot={picture}",
        path.as_uri(),
    )
    with Image.open(picture) as image:
        drawn = image.convert("RGB")
    assert drawn.getpixel((3, 3)) == back
    assert ink in {colour for _, colour in drawn.getcolors(1 << 24) or []}, "the verdict and its bar have their colour"
