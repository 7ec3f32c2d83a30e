"""What a matrix says, for programs: ``matrix.json``. The page is a function of it.

state   of a sentence at an implementation, in the words of :mod:`conformance.report.coverage`; "no-result" where there is none
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from conformance.compare import Diff
from conformance.naming import in_words
from spiceproto.errors import LocalError

__all__ = ["SCHEMA", "Changes", "Implementation", "Matrix", "Pair", "Sentence", "State", "read", "schema", "write"]

SCHEMA: Final = "spiceconf-matrix/1"

Look = Literal["equal", "differs", "not compared"]


class Sentence(msgspec.Struct, frozen=True):
    """One of the specification. ``role``: whom it binds."""

    level: str
    role: str
    chapter: str
    section: str
    text: str


class State(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """A sentence at an implementation. ``reason``: why nothing was decided. ``cases``: those that are about it."""

    state: str
    reason: str = ""
    cases: tuple[str, ...] = ()


class Changes(Diff, frozen=True, omit_defaults=True, kw_only=True):
    """What is different from an earlier matrix, as ``spiceconf diff`` says. ``since``: when that was started."""

    since: str


class Implementation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One target.

    * ``slug``: of its folder and its badge; ``role``: "" where that is not known
    * ``verdict``: one of :data:`conformance.report.verdict.KINDS`, "no result" where there is no report; ``reasons`` of it
    * ``outcomes``: cases by outcome; ``cases``: id to outcome, "tolerated" for a pass in that manner
    * ``sentences``: those that bind it; ``changes``: None where there is nothing earlier
    """

    name: str
    slug: str
    address: str
    verdict: str
    reasons: tuple[str, ...]
    exit_status: int
    role: str = ""
    program: str = ""
    selection: str = ""
    level: str = "may"
    specification: str = ""
    seconds: float = 0.0
    started: str = ""
    outcomes: dict[str, int] = {}
    cases: dict[str, str] = {}
    sentences: dict[str, State] = {}
    changes: Changes | None = None


class Pair(msgspec.Struct, frozen=True, omit_defaults=True):
    """A client at a server, through the proxy.

    * ``connected``: whether messages have passed; None where it was not tried, ``why``
    * ``picture``: whether the client shows what the server does; ``picture_why``: why that was not compared, or what it means
    * ``messages``: judged; ``broken``: sentences that what passed broke; ``waived``: those of them that are known
    * ``recording``: a capture beside the page
    """

    client: str
    server: str
    connected: bool | None = None
    why: str = ""
    picture: Look = "not compared"
    picture_why: str = ""
    messages: int = 0
    broken: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    recording: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing unexpected was seen."""
        return self.connected is not False and self.picture != "differs" and not self.broken


class Matrix(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of it. ``started``: ISO 8601, UTC; ``paired``: whether pairs were asked for."""

    started: str
    version: str
    specification: str
    implementations: tuple[Implementation, ...]
    sentences: dict[str, Sentence]
    schema: str = SCHEMA
    paired: bool = False
    pairs: tuple[Pair, ...] = ()


def write(path: Path, matrix: Matrix) -> None:
    """As a file; the name of the schema is always in it."""
    data = {"schema": matrix.schema, **msgspec.to_builtins(matrix)}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n")


def read(path: Path) -> Matrix:
    """From a file. Raises LocalError for one that is none."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Matrix)
    except OSError as error:
        raise LocalError("a matrix that cannot be read", where=str(path), actual=in_words(error)) from None
    except msgspec.DecodeError as error:
        raise LocalError(f"a matrix that is none: {error}", where=str(path)) from None
    if found.schema != SCHEMA:
        raise LocalError("a matrix of another version", where=str(path), expected=SCHEMA, actual=found.schema)
    return found


def schema() -> dict[str, Any]:
    """JSON Schema of the file."""
    (found,), components = msgspec.json.schema_components([Matrix], ref_template="#/$defs/{name}")
    components["Matrix"]["properties"]["schema"] = {"const": SCHEMA}
    components["Matrix"]["required"].append("schema")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA.replace('/', ':')}",
        "title": "Implementations beside each other",
        **found,
        "$defs": components,
    }
