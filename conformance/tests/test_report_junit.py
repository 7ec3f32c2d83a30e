"""JUnit XML has the shape that readers expect."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.report import junit
from conformance.tests.result_samples import MARKUP, server_run

SHAPE: dict[str, tuple[set[str], set[str], list[str]]] = {
    # element: attributes it has to have, attributes it may have, children in their order
    "testsuites": ({"tests", "failures", "errors"}, {"name", "time", "disabled"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        {"hostname", "id", "package"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": (
        {"classname", "name", "time"},
        {"assertions", "status"},
        ["properties", "skipped", "error", "failure", "system-out", "system-err"],
    ),
    "skipped": (set(), {"message", "type"}, []),
    "error": (set(), {"message", "type"}, []),
    "failure": (set(), {"message", "type"}, []),
    "system-err": (set(), set(), []),
}
"""As in the schema that Jenkins ships (jenkins-junit.xsd), with properties of cases as in its later ones."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> ET.Element:
    path: Path = tmp_path_factory.mktemp("junit") / "junit.xml"
    junit.write(path, server_run())
    return ET.parse(path).getroot()


def case(root: ET.Element, name: str) -> ET.Element:
    found = root.find(f".//testcase[@name='{name}']")
    assert found is not None
    return found


def properties(element: ET.Element) -> dict[str, str]:
    return {item.attrib["name"]: item.attrib["value"] for item in element.findall("properties/property")}


def test_shape(root: ET.Element) -> None:
    assert root.tag == "testsuites"
    for element in root.iter():
        wanted, allowed, children = SHAPE[element.tag]
        assert wanted <= set(element.attrib) <= wanted | allowed, element.tag
        places = [children.index(child.tag) for child in element]
        assert places == sorted(places), f"children of {element.tag} in their order"


def test_counts(root: ET.Element) -> None:
    suite = root[0]
    assert suite.attrib["name"] == "tcp:127.0.0.1:5930" and suite.attrib["timestamp"] == "2026-11-24T06:13:39"
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"), ("tests", "../testcase")):
        count = len(suite.findall("testcase")) if name == "tests" else len(suite.findall(f"testcase/{tag}"))
        assert int(suite.attrib[name]) == count > 0


def test_a_failure(root: ET.Element) -> None:
    element = case(root, "SPICE-MOUSE-018/eight-motions")
    assert element.attrib["classname"] == "04-mouse.4-3 Acknowledgement of movements"
    found = properties(element)
    assert found["verifies"] == "SPICE-MOUSE-018,SPICE-MOUSE-019"
    assert (found["level"], found["source"], found["manner"], found["seed"]) == ("MUST", "normative", "exact", "7")
    assert found["section"] == "spec/04-mouse.md#43-acknowledgement-of-movements"
    failure = element.find("failure")
    assert failure is not None and failure.attrib["message"].startswith("expected MOUSE_MOTION_ACK")
    assert (failure.text or "").startswith("FAIL ") and "repro" in (failure.text or "")


@pytest.mark.parametrize(
    ("name", "tag", "message"),
    [
        ("SPICE-LINK-008/major-0", "skipped", "waived: closes without a word (https://example.org/bugs/12)"),
        ("SPICE-MOUSE-003/guest-switches", "skipped", "not applicable: nobody can do this to the target: pointer"),
        ("SPICE-MOUSE-014/other-kind", "skipped", "blocked by SPICE-MOUSE-018/eight-motions"),
        ("SPICE-LINK-044/two-keys", "error", "IndexError: list index out of range (conformance/cases/link.py:12)"),
    ],
)
def test_other_outcomes(root: ET.Element, name: str, tag: str, message: str) -> None:
    (element,) = [child for child in case(root, name) if child.tag != "properties"]
    assert (element.tag, element.attrib["message"]) == (tag, message)


def test_a_pass_has_only_properties(root: ET.Element) -> None:
    assert [child.tag for child in case(root, "SPICE-LINK-001/whole-stage")] == ["properties"]
    found = properties(case(root, "SPICE-LINK-006/zero-bytes"))
    assert found["manner"] == "tolerated" and found["tolerated"] == "closed without the error"


def test_what_a_peer_says_is_text(root: ET.Element) -> None:
    failure = case(root, "SPICE-MOUSE-019/three-motions").find("failure")
    assert failure is not None and MARKUP in failure.attrib["message"] and r"\x00" in failure.attrib["message"]
    assert properties(root[0])["identity.name"] == MARKUP
