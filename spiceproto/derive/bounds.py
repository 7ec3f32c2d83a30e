"""The table of limits that :mod:`spiceproto.limits` has, for the chapter on robustness."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise

from spiceproto import limits

__all__ = ["bounds"]


def bounds(name: str) -> str:
    """What ``lengths`` of :mod:`spiceproto.limits` are bounded by, and why. Raises KeyError for another name."""
    if name != "lengths":
        raise KeyError(name)
    lines = ["| what | at most | what it is, and why |", "| --- | --- | --- |"]
    statements = ast.parse(inspect.getsource(limits)).body
    for declared, said in pairwise(statements):
        if not isinstance(declared, ast.AnnAssign) or not isinstance(declared.target, ast.Name):
            continue
        assert isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant), f"{declared.target.id} has no reason"
        bound = getattr(limits, declared.target.id)
        shown = f"{bound[0]} to {bound[1]}" if isinstance(bound, tuple) else str(bound)
        lines.append(
            f"| {declared.target.id.lower().replace('_', ' ')} | {shown} | {' '.join(str(said.value.value).split())} |"
        )
    return "\n".join(lines) + "\n"
