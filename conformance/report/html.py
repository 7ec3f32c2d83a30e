"""One page that has everything: no other file, no network, readable without its script.

    page     the page as text
    write    the page as a file

The template (``page.html``), its style and its script stand beside this module. What failed is listed at the top and open
below. The script only filters and opens; every case is an ordinary ``<details>``. Whatever a peer can choose is escaped by
Jinja, and a content security policy allows no script but ours.

A fragment chooses what is shown: ``#outcome=fail&chapter=01-link&level=MUST&q=ticket``; ``#case-...`` opens one case.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from conformance.report.console import plain
from conformance.report.coverage import Section, State, Tested, anchor, coverage
from conformance.report.findings import findings, folded
from conformance.report.heard import heard, unheard
from conformance.report.jsonl import Run
from conformance.report.verdict import Kind, verdict
from conformance.results import CaseResult, Entry, Picture

__all__ = ["STATE_WORDS", "VERDICTS", "environment", "page", "when", "write"]

_HERE: Final = Path(__file__).parent
_DUMPED: Final = 512
"""Bytes of one entry that the page dumps; the capture has all."""

_FIELDS: Final = 200
"""Fields of one entry that the page lists."""

_TEXT: Final = 160
"""Characters of one field that the page shows, and of what was expected in the list at the top."""

_LISTED: Final = 20
"""Failures that the top of the page lists; all of them stand below."""

_BEFORE: Final = 16
"""Rows of a sequence that stand open before the step that failed."""

_EMBEDDED: Final = 4 << 20
"""Bytes of pictures that stand in the page; to all others it has links."""

_ENLARGED: Final = 280
"""Pixels of the screen that a picture is wide at least, in whole multiples of its own."""

_PAUSE: Final = 0.25
"""Seconds in which nothing happens that the sequence shows as a gap."""

WORDS: Final[Mapping[str, str]] = {
    "pass": "passed",
    "tolerated": "tolerated",
    "fail": "failed",
    "error": "suite error",
    "waived": "waived",
    "blocked": "blocked",
    "not-applicable": "not applicable",
}
"""Outcomes as people say them, in the order of the page; "tolerated" is a pass in another manner."""

MEANINGS: Final[Mapping[str, str]] = {
    "pass": "The target did what the sentence asks for.",
    "tolerated": "Not as it should be, but as programs in use do and others live with. It counts as passed.",
    "fail": "The target did not do what the sentence asks for.",
    "error": "Something went wrong in the suite itself; nothing is known about the target.",
    "waived": "It failed, and a waiver with a reason expected that.",
    "blocked": "Not run, because a case it builds on did not pass.",
    "not-applicable": "The target does not have what the sentence is about. The reason quotes what was seen.",
}

VERDICTS: Final[Mapping[Kind, tuple[str, str]]] = {
    "conforms": ("pass", "Conforms"),
    "conforms in scope": ("pass", "Conforms in scope"),
    "does not conform": ("fail", "Does not conform"),
    "cannot be tested": ("error", "Cannot be tested"),
    "interrupted": ("waived", "Interrupted"),
}
"""Colour and headline."""

_NEED: Final = ("fail", "error", "waived", "blocked", "tolerated")
"""Outcomes that somebody may have to look at, in the order of the page; all others come after them."""

STATE_WORDS: Final[Mapping[State, str]] = {
    "passed": "passed",
    "tolerated": "tolerated",
    "failed": "failed",
    "error": "suite error",
    "waived": "waived",
    "blocked": "blocked",
    "not-applicable": "not applicable",
    "untestable": "untestable",
    "unbound": "unbound",
    "not-run": "left out",
    "other-role": "for the other role",
}
"""States of sentences as people say them, in the order of the page."""

_STATE_COLOURS: Final[Mapping[State, str]] = {"failed": "fail", "passed": "pass"}
"""States that share the colour of an outcome with another name."""


class _Shown(msgspec.Struct, frozen=True):
    """A picture as the page has it. ``source`` is the whole file, "" where there is only a link to it."""

    kind: str
    source: str
    file: str
    width: int
    height: int
    enlarged: bool
    alt: str
    said: str


class _Arrow(msgspec.Struct, frozen=True):
    """One row of a sequence. ``kind`` is "message", "step", "edge" (a connection begins or ends), "note" or "pause"."""

    kind: str
    time: str
    connection: int
    channel: str
    sender: str
    name: str
    text: str
    step: int = 0
    failed: bool = False
    size: int = 0
    start: int = 0
    secure: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    dump: str = ""
    more: int = 0

    @property
    def about(self) -> str:
        """What stands at the other end of an arrow."""
        size = f"{self.size} B" if self.size else ""
        return " · ".join([part for part in (self.channel, size, "TLS" if self.secure else "", self.text) if part])


# -- pure functions


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Decoded fields as rows of path and text."""
    if isinstance(value, Mapping) and set(value) == {"bytes", "hex"}:
        yield path, f"{value['bytes']} bytes: {value['hex']}…"
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _flat(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)):
        if all(isinstance(item, (str, int, float)) for item in value):
            yield path, " | ".join([str(item) for item in value]) or "none"
        else:
            for index, item in enumerate(value):
                yield from _flat(item, f"{path}[{index}]")
    elif value is not None:
        text = str(value)
        yield path, text if len(text) <= _TEXT else f"{text[:_TEXT]}… ({len(text)} characters)"


def _dump(data: bytes) -> str:
    """Offset, sixteen bytes, the same as letters."""
    lines = []
    for at in range(0, len(data), 16):
        part = data[at : at + 16]
        digits = f"{part[:8].hex(' ')}  {part[8:].hex(' ')}"
        letters = "".join([chr(byte) if 32 <= byte < 127 else "·" for byte in part])
        lines.append(f"{at:04x}  {digits:<48}  {letters}")
    return "\n".join(lines)


def _arrow(entry: Entry, step: int, failed: bool) -> _Arrow:
    kind = {"step": "step", "note": "note", "open": "edge", "close": "edge"}.get(entry.kind, "message")
    name = entry.name or {"bytes": "bytes", "open": "connected", "close": "closed"}.get(entry.kind, "")
    data = bytes.fromhex(entry.data)
    fields = list(_flat(entry.fields))
    return _Arrow(
        kind,
        f"{entry.at:.4f}",
        entry.connection,
        entry.channel,
        entry.sender,
        name,
        entry.text,
        step=step if kind == "step" else 0,
        failed=failed,
        size=entry.size,
        start=entry.start,
        secure=entry.secure,
        fields=tuple(fields[:_FIELDS]),
        dump=_dump(data[:_DUMPED]),
        more=max(entry.size, len(data)) - len(data[:_DUMPED]),
    )


def _sequence(case: CaseResult) -> list[_Arrow]:
    """The transcript as rows; the step that failed is marked."""
    rows: list[_Arrow] = []
    step, at = 0, 0.0
    for entry in case.transcript:
        if entry.at - at >= _PAUSE:
            rows.append(_Arrow("pause", "", 0, "", "", "", f"{entry.at - at:.1f} s later"))
        at = max(at, entry.at)
        step += entry.kind == "step"
        rows.append(_arrow(entry, step, entry.kind == "step" and step == case.steps and case.outcome in ("fail", "waived")))
    return rows


def _timed(rows: list[_Arrow]) -> list[_Arrow]:
    """Each time said once: with a virtual clock nearly everything happens in the same instant."""
    before = ["", *[row.time for row in rows]]
    return [msgspec.structs.replace(row, time="") if row.time == time else row for row, time in zip(rows, before, strict=False)]


def _parts(case: CaseResult) -> tuple[list[_Arrow], list[_Arrow]]:
    """The sequence in two: what a failed case did long before its failure, to be folded, and the rest."""
    rows = _sequence(case)
    failed = next((index for index, row in enumerate(rows) if row.failed), 0)
    split = failed - _BEFORE
    # To fold a few rows is more to read than the rows.
    return (_timed(rows[:split]), _timed(rows[split:])) if split >= _BEFORE else ([], _timed(rows))


def _kind(case: CaseResult) -> str:
    """The outcome, with "tolerated" for a pass in that manner."""
    return "tolerated" if case.outcome == "pass" and case.manner == "tolerated" else case.outcome


_ALT: Final[Mapping[str, str]] = {
    "expected": "the picture that was to be seen",
    "shown": "the picture that was seen",
    "difference": "the same in grey, with the pixels that differ in red",
}


def _shown(cases: list[CaseResult]) -> dict[str, list[_Shown]]:
    """The pictures of cases, by id; the first of them stand in the page."""
    found: dict[str, list[_Shown]] = {}
    left = _EMBEDDED
    for case in cases:
        left -= sum(len(picture.data) for picture in case.pictures)
        found[case.id] = [_picture(picture, embedded=left >= 0) for picture in case.pictures]
    return found


def _picture(picture: Picture, *, embedded: bool) -> _Shown:
    width, height = picture.size
    times = -(-_ENLARGED // max(width, 1))
    source = f"data:image/png;base64,{b64encode(picture.data).decode()}" if embedded else ""
    left, top, right, bottom = picture.box
    said = f"{right - left} x {bottom - top} pixels" + (f" from {left}, {top} on" if left or top else "")
    said += f", one of each {picture.step} x {picture.step}" if picture.step > 1 else ""
    alt = f"{_ALT.get(picture.kind, picture.kind)}, {said}"
    return _Shown(picture.kind, source, picture.file, width * times, height * times, times > 1, alt, said)


def _by_need(run: Run) -> list[CaseResult]:
    """What somebody has to look at comes first; otherwise the order of the specification, and then that of the run."""
    place = {id: number for number, id in enumerate(run.header.sentences)}

    def key(case: CaseResult) -> tuple[int, int]:
        kind = _kind(case)
        return _NEED.index(kind) if kind in _NEED else len(_NEED), place.get(case.requirement, len(place))

    return sorted(run.cases, key=key)


def _short(text: str) -> str:
    """The first line, and not too much of it."""
    line = folded(plain(text.strip().partition("\n")[0]))
    return line if len(line) <= _TEXT else f"{line[:_TEXT]}…"


def _sentence(text: str) -> str:
    """A reason as a sentence of its own."""
    line = plain(text)
    return f"{line[:1].upper()}{line[1:]}" + ("" if line.endswith((".", "?", "!")) else ".")


def _slug(text: str) -> str:
    return "".join([letter if letter.isalnum() or letter in "-_." else "_" for letter in text])


def _prose(text: str) -> Markup:
    """A sentence of the specification: escaped, with ``code`` between backticks."""
    parts = plain(text).split("`")
    return Markup("").join(
        [Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)]
    )


def _bar(counts: Mapping[str, int]) -> list[tuple[str, int, float]]:
    """Segments of a bar: colour, number, share in percent."""
    total = sum(counts.values())
    return [(name, count, round(count * 100 / total, 3)) for name, count in counts.items() if count] if total else []


def _colour(state: State) -> str:
    return _STATE_COLOURS.get(state, state)


def _bound(sentences: tuple[Tested, ...]) -> dict[str, int]:
    """Colour to number of sentences, of those that bind the target."""
    found = {_colour(state): sum(item.state == state for item in sentences) for state in STATE_WORDS if state != "other-role"}
    return {name: count for name, count in found.items() if count}


def when(text: str) -> str:
    """A moment of a record, for people."""
    try:
        return f"{(when := datetime.fromisoformat(text)).day} {when:%B %Y, %H:%M:%S} UTC"
    except ValueError:
        return text


def _chapter_title(chapter: str) -> str:
    number, _, name = chapter.partition("-")
    return f"{int(number)}. {name.replace('-', ' ').capitalize()}" if number.isdecimal() and name else chapter or "other"


def _identity(run: Run) -> list[tuple[str, str]]:
    return [(plain(name), plain(text)) for name, text in _flat(run.header.identity)]


# -- the page


def environment() -> Environment:
    """What templates are read with: whatever a peer can choose is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        plain=lambda text: plain(str(text)),
        folded=folded,
        sentence=_sentence,
        short=_short,
        prose=_prose,
        slug=_slug,
        chapter=_chapter_title,
    )
    return environment


def page(run: Run) -> str:
    """The page of a run."""
    found = coverage(run)
    style = (_HERE / "page.css").read_text(encoding="utf-8")
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    counts = {kind: sum(_kind(case) == kind for case in run.cases) for kind in WORDS}
    judged = verdict(run)
    chapters = {
        chapter: tuple([item for section in sections for item in section.sentences])
        for chapter, sections in found.chapters.items()
    }

    def bar_of(sentences: tuple[Tested, ...]) -> list[tuple[str, int, float]]:
        return _bar(_bound(sentences))

    def binding(sentences: tuple[Tested, ...]) -> int:
        return sum(item.state != "other-role" for item in sentences)

    def rest(section: Section) -> int:
        return section.count("other-role")

    template = environment().from_string((_HERE / "page.html").read_text(encoding="utf-8"))
    cases = _by_need(run)
    broken = [case for case in cases if case.outcome in ("fail", "error")]
    channels = heard(run)
    return template.render(
        run=run,
        cases=cases,
        broken=broken[:_LISTED],
        unlisted=len(broken[_LISTED:]),
        header=run.header,
        footer=run.footer,
        coverage=found,
        chapters=chapters,
        bar_of=bar_of,
        binding=binding,
        rest=rest,
        colour_of=_colour,
        states=STATE_WORDS,
        words=WORDS,
        meanings=MEANINGS,
        counts=counts,
        bar=_bar(counts),
        verdict=(*VERDICTS[judged.kind], judged.reasons),
        program=plain(str(run.header.identity.get("program", ""))),
        kind=_kind,
        anchor=anchor,
        parts=_parts,
        pictures=_shown(cases),
        findings=findings,
        identity=_identity(run),
        heard=channels,
        unheard=unheard(run).removeprefix("; "),
        seconds=run.footer.seconds or sum(case.seconds for case in run.cases),
        started=when(run.header.started),
        ended=when(run.footer.ended),
        levels=[level for level in ("MUST", "SHOULD", "MAY") if any(case.level == level for case in run.cases)],
        case_chapters=sorted({case.chapter for case in run.cases}),
        style=Markup(style),
        script=Markup(script),
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )


def write(path: Path, run: Run) -> None:
    """The page as a file."""
    text = page(run)
    path.write_text(text, encoding="utf-8")
