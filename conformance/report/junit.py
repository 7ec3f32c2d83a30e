"""JUnit XML, in the shape that Jenkins and GitLab read.

    testsuites > testsuite (the target) > testcase classname="01-link.1-6 Ticket" name="SPICE-LINK-044/two-keys"

A case has as properties what JUnit has no attribute for: ``verifies`` (all sentences it decides), level, source, manner,
section, seed and target. Waived, not applicable and blocked cases are skipped, each with its reason; trouble in the suite
itself is an error and not a failure. A last test, ``spiceconf.verdict``, stands for the whole run: it fails where no case did
and the target does not conform all the same, and is an error where it cannot be tested or the run was interrupted, so that
neither looks green.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import msgspec

from conformance.report.console import failure
from conformance.report.coverage import anchor, coverage
from conformance.report.jsonl import Run
from conformance.report.verdict import verdict
from conformance.results import CaseResult, Header

__all__ = ["document", "write"]

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SKIPPED: Final = ("waived", "not-applicable", "blocked")


def _text(text: str) -> str:
    """``text`` without what XML cannot hold: a peer may send it."""
    return _ILLEGAL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def _value(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _element(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, {name.rstrip("_"): _text(value) for name, value in attributes.items()})


def _properties(parent: ET.Element, found: dict[str, str]) -> None:
    properties = _element(parent, "properties")
    for name, value in found.items():
        _element(properties, "property", name=name, value=value)


def _why(case: CaseResult) -> str:
    match case.outcome:
        case "waived":
            return f"waived: {case.reason}" + (f" ({case.bug})" if case.bug else "")
        case "blocked":
            return f"blocked by {', '.join(case.blocked_by)}" if case.blocked_by else f"blocked: {case.reason}"
        case _:
            return f"not applicable: {case.reason}"


def _case(suite: ET.Element, case: CaseResult, header: Header) -> None:
    # A dot would begin a new package where readers make a tree of class names, so the number of the section has a hyphen.
    section = case.section.replace(".", "-")
    element = _element(
        suite,
        "testcase",
        classname=".".join([part for part in (case.chapter, section) if part]) or "-",
        name=case.id,
        time=f"{case.seconds:.3f}",
    )
    _properties(
        element,
        {
            "verifies": ",".join(case.verifies or (case.requirement,)),
            "level": case.level,
            "source": case.source,
            "manner": case.manner,
            **({"tolerated": case.tolerated} if case.tolerated else {}),
            **({"unsteady": case.unsteady} if case.unsteady else {}),
            "section": anchor(case.chapter, case.section),
            "revision": str(case.revision),
            "seed": str(header.seed),
            "target": header.target,
            **({"capture": case.capture} if case.capture else {}),
            **({"reproducer": case.reproducer} if case.reproducer else {}),
        },
    )
    if case.outcome in _SKIPPED:
        _element(element, "skipped", message=_why(case))
    elif case.outcome == "fail":
        message = f"expected {case.expected or '-'}; found {case.actual or '-'}"
        _element(element, "failure", type=case.level, message=message).text = _text(failure(case))
    elif case.outcome == "error":
        _element(element, "error", type="suite", message=case.reason).text = _text(failure(case))


def document(run: Run) -> ET.Element:
    """The root element."""
    header, cases = run.header, run.cases
    judged = verdict(run)
    # A failed case says it already; what only the run as a whole shows would not be seen otherwise.
    bad = {"does not conform": "failure", "cannot be tested": "error", "interrupted": "error"}.get(judged.kind, "")
    failed = [sum(case.outcome == outcome for case in cases) for outcome in ("fail", "error")]
    own = bad if bad == "error" or not any(failed) else ""
    counts = {
        "tests": str(len(cases) + 1),
        "failures": str(failed[0] + (own == "failure")),
        "errors": str(failed[1] + (own == "error")),
    }
    time = f"{run.footer.seconds or sum(case.seconds for case in cases):.3f}"
    root = ET.Element("testsuites", {"name": "spiceconf", **counts, "time": time})
    # ISO 8601 without an offset is all that readers agree on.
    suite = _element(
        root,
        "testsuite",
        name=header.target,
        **counts,
        time=time,
        timestamp=header.started[:19],
        skipped=str(sum(case.outcome in _SKIPPED for case in cases)),
    )
    _properties(
        suite,
        {
            "role": header.role,
            "target": header.target,
            "seed": str(header.seed),
            "version": header.version,
            "specification": header.specification,
            "selection": header.selection,
            "level": header.level,
            "verdict": judged.kind,
            "scope": judged.scope.line(),
            "coverage": coverage(run).line(),
            **{f"identity.{name}": _value(value) for name, value in header.identity.items()},
        },
    )
    for case in cases:
        _case(suite, case, header)
    whole = _element(suite, "testcase", classname="spiceconf", name="verdict", time="0")
    if own:
        _element(whole, own, type=judged.kind, message="; ".join(judged.reasons))
    if run.footer.problems:
        _element(suite, "system-err").text = _text("\n".join(run.footer.problems))
    return root


def write(path: Path, run: Run) -> None:
    """The file."""
    root = document(run)
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
