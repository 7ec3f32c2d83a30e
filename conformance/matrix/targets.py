"""The file that names implementations (TOML).

    [[target]]
    name = "QEMU"                          # of letters, digits, spaces and ._+-
    address = "qemu:?ticket=sesame"        # as for spiceconf run
    select = "level:must"                  # and what else is said there: level, waivers, config, password-file, ca-file,
    waivers = "builtin"                    # patience, piece, seed, min-executed; paths from the folder of this file
    timeout = 900                          # seconds; 1800 unless it says otherwise
    start = "my-server --port {port}"      # optional: a server to be started first; {port} stands in the address, too.
                                           # Commands run in the folder of this file
    pairs = false                          # optional: not for clients x servers
    skip = "needs a graphics card"         # optional: not run, and why

What stands in a table [every] holds for all targets that do not say otherwise.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from conformance.naming import in_words
from conformance.report.files import file_name
from conformance.run import LEVELS
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["Target", "read"]

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,60}")
_TIMEOUT: Final = 1800.0
_LONGEST: Final = 86400.0
_MOST: Final = 200
"""Targets of a file: a page with more could not be read."""

_TAKEN: Final = frozenset({"pairs"})
"""Names of files and folders that are the page's own."""


class Target(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """One implementation. What has the name of an option of ``spiceconf run`` is that."""

    name: str
    address: str
    select: str = ""
    level: str = "may"
    waivers: str = ""
    config: str = ""
    password_file: str = ""
    ca_file: str = ""
    min_executed: int | None = None
    patience: float = 5.0
    piece: int = 0
    seed: int = 0
    timeout: float = _TIMEOUT
    start: str = ""
    pairs: bool = True
    skip: str = ""

    @property
    def slug(self) -> str:
        """The name of its folder."""
        return file_name(self.name.replace(" ", "_"))

    def options(self, folder: Path) -> list[str]:
        """Of ``spiceconf run``; ``folder`` is where paths begin."""
        found: list[str] = []
        for name in ("select", "level", "patience", "piece", "seed"):
            value = getattr(self, name)
            if value not in ("", 0):
                found += [f"--{name}", str(value)]
        for name in ("config", "password_file", "ca_file"):
            if getattr(self, name):
                found += [f"--{name.replace('_', '-')}", str(folder / getattr(self, name))]
        if self.waivers:
            beside = folder / self.waivers
            found += ["--waivers", str(beside) if beside.is_file() else self.waivers]
        return found + (["--min-executed", str(self.min_executed)] if self.min_executed is not None else [])


def read(path: Path) -> tuple[Target, ...]:
    """The targets of a file. Raises LocalError."""
    try:
        data: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise LocalError("a file of targets that cannot be read", where=str(path), actual=in_words(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise LocalError(f"a file of targets with a mistake: {error}", where=str(path)) from None
    unknown = set(data) - {"target", "every"}
    if unknown:
        raise LocalError("a file of targets has [every], [[target]] and nothing else", where=str(path), actual=min(unknown))
    every, rows = data.get("every", {}), data.get("target", [])
    if not isinstance(every, dict) or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise LocalError("a file of targets has one table [every], and tables [[target]]", where=str(path))
    if not 0 < len(rows) <= _MOST:
        raise LocalError(
            "a file of targets without sense", where=str(path), expected=f"1 to {_MOST} targets", actual=str(len(rows))
        )
    found: list[Target] = []
    for number, row in enumerate(rows, 1):
        where = f"{path}: target {number}"
        known = [name.replace("_", "-") for name in Target.__struct_fields__]
        for word in [word for word in (*every, *row) if word not in known]:
            raise LocalError("a target with a word that nobody knows", where=where, expected=expected(word, known), actual=word)
        try:
            target = msgspec.convert(every | row, Target)
        except msgspec.ValidationError as error:
            raise LocalError(f"a target with a mistake: {error}", where=where) from None
        _check(target, where)
        if any(target.slug.lower() == other.slug.lower() for other in found):
            raise LocalError("two targets with one name", where=where, actual=target.name)
        found.append(target)
    return tuple(found)


def _check(target: Target, where: str) -> None:
    """Raise LocalError for values without sense."""
    if not _NAME.fullmatch(target.name) or target.slug.lower() in _TAKEN:
        text = "letters, digits, spaces and ._+-, up to 61 of them, and not pairs"
        raise LocalError("a name that is none", where=where, expected=text, actual=target.name)
    if target.level not in LEVELS:
        raise LocalError("an unknown level", where=where, expected=expected(target.level, LEVELS), actual=target.level)
    if not 0 < target.timeout <= _LONGEST:
        text = f"more than 0, at most {_LONGEST:g} seconds"
        raise LocalError("a timeout without sense", where=where, expected=text, actual=f"{target.timeout:g}")
    shared = ["{port}" in text for text in (target.start, target.address)]
    if not all(shared) if target.start else shared[1] and not target.address.startswith(("client:", "server:")):
        text = "{port} in both, or a target without start"
        raise LocalError("a port that start and address do not share", where=where, expected=text, actual=target.address)
