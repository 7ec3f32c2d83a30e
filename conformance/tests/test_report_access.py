"""The pages as axe-core sees them, in Chromium: contrast, headings, names; and whether they fit the window."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance.report import html, overview
from conformance.report.jsonl import Run
from conformance.tests.browser import chromium
from conformance.tests.result_samples import blocked, client_run, missing_acks, run_of, server_run, whole_stage
from spiceproto.tests.axe import axe

_LOOK = """
for (const item of document.querySelectorAll("details")) item.open = true;
axe.run(document).then((found) => {
  const out = document.createElement("pre");
  out.id = "found";
  const said = found.violations.map((rule) => rule.id + ": " + rule.nodes.map((node) => node.target.join(" ")).slice(0, 5));
  out.textContent = btoa(unescape(encodeURIComponent(JSON.stringify({
    said, passed: found.passes.length, page: document.documentElement.scrollWidth, window: innerWidth,
  }))));
  document.body.append(out);
});
"""


def looked_at(folder: Path, text: str, *arguments: str) -> dict[str, Any]:
    """What axe-core says of a page in which everything is open."""
    source = axe()
    assert "Content-Security-Policy" in text
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    path = folder / "page.html"
    path.write_text(text.replace("</body>", f"<script>{source}</script><script>{_LOOK}</script></body>"), encoding="utf-8")
    # Time that only counts: the page is printed when nothing is left to do, however long that takes.
    written, said = chromium(folder, *arguments, "--virtual-time-budget=600000", "--dump-dom", path.as_uri())
    found = re.search(r'<pre id="found">([^<]+)', written)
    assert found is not None, said
    result: dict[str, Any] = json.loads(b64decode(found[1]))
    return result


def unusable() -> Run:
    run = run_of(blocked())
    return msgspec.structs.replace(run, footer=msgspec.structs.replace(run.footer, unusable="nobody listens", exit_status=3))


def long_words() -> Run:
    word = "x" * 900
    case = msgspec.structs.replace(
        missing_acks(), title=word, expected=word, actual=word, sentence=word, repro=word, reason=word
    )
    return run_of(case, target=f"tcp:{word}")


def several() -> str:
    reports = [overview.Report("a run", "one", server_run()), overview.Report("another", "two", run_of(whole_stage()))]
    return overview.page("Runs", "Some.", [*reports, overview.Report("a third", "three", unusable())])


PAGES: dict[str, Callable[[], str]] = {
    "server": lambda: html.page(server_run()),
    "client": lambda: html.page(client_run()),
    "untested": lambda: html.page(unusable()),
    "several": several,
}


@pytest.mark.parametrize("scheme", [1, 0], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(tmp_path: Path, name: str, scheme: int) -> None:
    found = looked_at(tmp_path, PAGES[name](), f"--blink-settings=preferredColorScheme={scheme}", "--window-size=1280,900")
    assert found["said"] == [] and found["passed"] > 10


@pytest.mark.parametrize("width", [1280, 500])
def test_nothing_is_wider_than_the_window(tmp_path: Path, width: int) -> None:
    for make in (server_run, long_words):
        found = looked_at(tmp_path, html.page(make()), f"--window-size={width},900")
        assert found["window"] == width and found["page"] <= width
