"""The page as text: the files of ``page/`` in one, and what was recorded of a capture.

Its script is the modules of the page one behind the other. A content security policy allows that script, that style, pictures
and sound of the page's own, and nothing else. What a capture says stands in elements that hold base64, and is shown as text.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from importlib import resources
from typing import Any, Final

from spiceproto.derive.inventory import inventory
from spiceproto.filters.names import words
from spiceproto.version import __version__
from spiceproto.view.blocks import packed
from spiceproto.view.recorder import Recorder
from spiceproto.view.rows import COLUMNS, SENDERS

__all__ = ["MODULES", "live_about", "live_page", "parts", "script"]

MODULES: Final = (
    "data.js",
    "element.js",
    "fields.js",
    "words.js",
    "query.js",
    "lanes.js",
    "list.js",
    "tree.js",
    "bytes.js",
    "findings.js",
    "displays.js",
    "live.js",
    "sound.js",
    "shapes.js",
    "films.js",
    "transfers.js",
    "chart.js",
    "plots.js",
    "panes.js",
    "main.js",
)
"""The modules in the order in which they need each other."""

_IMPORT: Final = re.compile(r"^import (\{[^}]*\}) from \"\./([a-z]+)\.js\";$", re.MULTILINE)
_EXPORT: Final = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)

_MARK: Final = re.compile("@([a-z]+)@")
"""What is filled in: ``@name@``."""


def _file(name: str) -> str:
    return (resources.files("spiceproto.view") / "page" / name).read_text(encoding="utf-8")


def script() -> str:
    """All modules as one: each has a scope of its own, but for the last, which may wait for something."""
    found = []
    for name in MODULES:
        text = _IMPORT.sub(r"const \1 = $\2;", _file(name))
        if name != MODULES[-1]:
            given = ", ".join(match[1] for match in _EXPORT.findall(text))
            inner = _EXPORT.sub(r"\1", text)
            text = f"const ${name.removesuffix('.js')} = (() => {{\n{inner}return {{ {given} }};\n}})();\n"
        found.append(text)
    return "".join(found)


def parts(name: str, recorder: Recorder, said: list[str], sentences: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The page in pieces; ``name`` is that of the capture."""
    before, behind = _halves(name, "")
    yield before
    displays = recorder.displays
    found = {
        **_about(name),
        "start": recorder.start_ns / 1_000_000_000,
        "rows": len(recorder.rows),
        "kinds": recorder.rows.kinds,
        "connections": recorder.connections,
        "judged": recorder.judge is not None,
        "broken": recorder.broken.as_dicts(),
        "sentences": sentences,
        "problems": recorder.found,
        "said": said,
        "displays": displays.as_dicts() if displays is not None else [],
        "images": displays.images if displays is not None else {},
        "panes": recorder.found_beside,
        "blocks": [first for first, _ in recorder.blocks.texts],
    }
    yield _held("about", packed(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")))
    yield _held("rows", packed(recorder.rows.packed(), 1))
    for index, (_, text) in enumerate(recorder.blocks.texts):
        yield _held(f"block-{index}", text)
    for index, text in enumerate(displays.texts if displays is not None else ()):
        yield _held(f"picture-{index}", text)
    for pane in recorder.panes.panes:
        for index, text in enumerate(pane.texts):
            yield _held(f"{pane.name}-{index}", text)
    yield behind


def live_page(name: str) -> bytes:
    """The page of a capture that still runs: it asks whoever gave it for what there is."""
    return "".join(_halves(name, " connect-src 'self';")).encode()


def live_about(name: str, *, judged: bool) -> str:
    """What such a page is told first, as JSON."""
    return json.dumps({**_about(name), "judged": judged}, ensure_ascii=False)


def _halves(name: str, more: str) -> list[str]:
    """What is before the data of a page, and behind them; ``more`` is what the policy allows besides."""
    code, style = script(), _file("style.css")
    policy = (
        f"default-src 'none'; script-src 'sha256-{_hash(code)}'; style-src 'sha256-{_hash(style)}';{more} "
        "img-src data: blob:; media-src blob:; base-uri 'none'; form-action 'none'"
    )
    filled = {"policy": policy, "name": escape(name), "style": style, "script": code}
    return [_MARK.sub(lambda mark: filled[mark[1]], half) for half in _file("index.html").split("@data@")]


def _about(name: str) -> dict[str, Any]:
    """What does not change while a capture is read."""
    schema = inventory()
    return {
        "capture": name,
        "program": f"spiceproto {__version__}",
        "columns": COLUMNS,
        "senders": SENDERS,
        "structures": schema["structures"],
        "enums": schema["enums"],
        "flags": schema["flags"],
        "words": {name: words(name) for name in ("channel", "direction", "protocol", "name")},
    }


def _held(name: str, text: str) -> str:
    return f'<script type="text/plain" id="held-{name}">{text}</script>\n'


def _hash(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode("ascii")
