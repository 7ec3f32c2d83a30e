"""Values of more than three fields are built by keyword, so that a field in the middle shifts no argument in silence.

The classes themselves take positions as well, and generated code builds them so: for eight fields a call by keyword takes
three times as long, which is as much as all the rest of parsing such a message.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from spiceproto import schema

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("spiceproto", "reference_server", "reference_client", "conformance", "benchmarks")
MESSAGES = "spiceproto.messages"
FEW = 3


@cache
def large() -> frozenset[str]:
    """Full names of the value classes with more than ``FEW`` fields."""
    found = [
        import_module(f"{MESSAGES}.{name}") for name in schema.MODULES if (ROOT / f"spiceproto/messages/{name}.py").exists()
    ]
    return frozenset(
        f"{module.__name__}.{name}"
        for module in found
        for name, item in vars(module).items()
        if len(getattr(item, "__struct_fields__", ())) > FEW and item.__module__ == module.__name__
    )


def meanings(tree: ast.AST) -> Mapping[str, str]:
    """Name in a module -> what was imported under it."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
        elif isinstance(node, ast.Import):
            found.update({alias.asname: alias.name for alias in node.names if alias.asname})
    return found


def by_position(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and class of each call that builds a large value by position."""
    names = meanings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            first, *rest = ast.unparse(node.func).split(".")
            full = ".".join((names.get(first, first), *rest))
            if full in large():
                yield node.lineno, full


def sources() -> list[Path]:
    """Everything that people wrote."""
    found = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in found if path.parent.name not in ("generated", "messages")]


@pytest.mark.parametrize("package", PACKAGES)
def test_large_values_are_built_by_keyword(package: str) -> None:
    assert [path for path in sources() if path.is_relative_to(ROOT / package)]
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sources()
        if path.is_relative_to(ROOT / package)
        for line, name in by_position(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from spiceproto.messages import main\nmain.Init(1, 2)", [(2, "spiceproto.messages.main.Init")]),
        ("from spiceproto.messages import main as m\nm.Init(*[0] * 8)", [(2, "spiceproto.messages.main.Init")]),
        ("from spiceproto.messages.geometry import Rect as Box\nBox(1, 2, 3, 4)", [(2, "spiceproto.messages.geometry.Rect")]),
        ("import spiceproto.messages.main as m\nm.Init(1)", [(2, "spiceproto.messages.main.Init")]),
        ("from spiceproto.messages import main\nmain.Init(session_id=1)", []),
        ("from spiceproto.messages import geometry\ngeometry.Point(1, 2)", []),
        ("from other import main\nmain.Init(1, 2)", []),
    ],
)
def test_what_is_found(text: str, found: list[tuple[int, str]]) -> None:
    assert list(by_position(ast.parse(text))) == found
