"""Which cases: one grammar for ``--select``, waiver files and pytest's ``-k``.

    SPICE-LINK-006                     a sentence: all of its cases
    SPICE-LINK-006/zero-bytes          a case; ``*`` and ``?`` stand for letters
    SPICE-LINK                         everything that begins so
    channel:main  role:server  level:must  section:1.4  chapter:link  source:quirk  tag:slow  need:sasl  cap:mini_header
    a b    a and b                     both
    a, b   a or b                      one of them
    !a     not a                       not
    ( )                                grouping

Words do not depend on case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from conformance.case import Case
from conformance.requirements import Sentence, requirements
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected, nearest

__all__ = ["Selection", "keywords", "likely", "select"]

Selection = Callable[[Case], bool]

_TOKEN = re.compile(r"\s*([(),!]|[^\s(),!]+)")
_KEYS = ("channel", "role", "level", "section", "chapter", "source", "tag", "need", "cap")

_LISTED = 20
"""Words of a key that are listed where none is like the one that was asked for: all chapters, but not all tags."""


def keywords(case: Case) -> frozenset[str]:
    """The words ``key:value`` that hold for a case, in small letters."""
    sentence: Sentence | None = requirements().get(case.requirement)
    found = {f"role:{case.role}", *[f"tag:{tag}" for tag in case.tags], *[f"need:{need}" for need in case.needs]}
    if case.channel:
        found.add(f"channel:{case.channel}")
    if case.from_rules:
        found.add("tag:observed")
    if case.slow:
        found.add("tag:slow")
    if sentence is not None:
        number = sentence.section.split()[0]
        found |= {
            f"level:{sentence.level.lower()}",
            f"chapter:{sentence.chapter[3:]}",
            f"section:{number}",
            f"source:{sentence.source.replace(' ', '-')}",
        }
        found |= {f"cap:{word.lower()}" for word in re.findall(r"`([A-Z_]+)`", sentence.text)}
    return frozenset(found)


def select(text: str) -> Selection:
    """Whether a case is meant. Raises LocalError for a text without sense."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise LocalError("a selection that cannot be read", actual=text)
    if not tokens:
        return lambda case: True
    at = 0

    def peek() -> str:
        return tokens[at] if at < len(tokens) else ""

    def either() -> Selection:
        nonlocal at
        parts = [both()]
        while peek() in (",", "or"):
            at += 1
            parts.append(both())
        return parts[0] if len(parts) == 1 else lambda case: any(part(case) for part in parts)

    def both() -> Selection:
        nonlocal at
        parts = [one()]
        while peek() not in ("", ",", "or", ")"):
            if peek() == "and":
                at += 1
            parts.append(one())
        return parts[0] if len(parts) == 1 else lambda case: all(part(case) for part in parts)

    def one() -> Selection:
        nonlocal at
        token = peek()
        at += 1
        if token in ("!", "not"):
            inner = one()
            return lambda case: not inner(case)
        if token == "(":
            inner = either()
            if peek() != ")":
                raise LocalError("a selection with an open bracket", actual=text)
            at += 1
            return inner
        if token in ("", ")", ",", "or", "and"):
            raise LocalError("a selection that ends too early", expected="an id or key:value", actual=text)
        return _word(token, text)

    found = either()
    if at < len(tokens):
        raise LocalError("a selection that goes on behind its end", actual=text)
    return found


def _word(token: str, text: str) -> Selection:
    key, colon, value = token.partition(":")
    if colon:
        if key.lower() not in _KEYS:
            raise LocalError("a selection with an unknown key", expected=expected(key, _KEYS), actual=text)
        wanted = f"{key.lower()}:{value.lower()}"
        return lambda case: wanted in keywords(case)
    pattern = token.upper()
    if "*" in token or "?" in token:
        return lambda case: fnmatchcase(case.id.upper(), pattern)
    if "/" in token:
        return lambda case: case.id.upper() == pattern
    return lambda case: case.requirement.upper() == pattern or case.id.upper().startswith(pattern)


def likely(text: str, cases: Iterable[Case]) -> str:
    """What was probably meant by the words of a selection that mean no case, for people; "" if nobody can guess."""
    cases = list(cases)
    known = {case.id for case in cases} | {case.requirement for case in cases}
    known |= {word for case in cases for word in keywords(case)}
    found = []
    for token in _TOKEN.findall(text):
        if token in ("(", ")", ",", "!", "and", "or", "not") or any(select(token)(case) for case in cases):
            continue
        key, _, value = token.rpartition(":")
        start = f"{key.lower()}:" if key else ""
        named = sorted(word.removeprefix(start) for word in known if word.startswith(start))
        near, there = [start + word for word in nearest(value, named)], [start + word for word in named]
        guess = f": {' or '.join(near)}?" if near else f"; there is {', '.join(there)}" if len(there) <= _LISTED else ""
        found.append(f"nothing is called {token}{guess}")
    return "; ".join(found)
