"""A filter as functions: settled for a connection, a sender and a type of message as far as it can be, and a test of the rest.

A message of a type that can not fit is never read; what asks only for its header does not read its body. Where several parts
have to be asked, those of the header come first.

A comparison with something that a message does not have is false, ``!=`` as well; ``not`` of it is true. Where a message has
several of one name it is enough that one of them fits; for ``!=`` none of them may be equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from spiceproto.errors import LocalError
from spiceproto.filters.checking import check
from spiceproto.filters.expression import All, Comparison, Either, Expression, Not, There
from spiceproto.filters.fields import named, reader, there
from spiceproto.filters.matching import Match, matcher
from spiceproto.filters.names import HEADER, IMAGE, Candidate, candidates, image_kind
from spiceproto.filters.parser import parse
from spiceproto.filters.seen import Seen

__all__ = ["Filter", "Test", "Verdict"]

_HEADER, _IMAGES, _BODY = 1, 4, 16
"""What it costs to ask, in no unit: the order in which parts are asked."""


class Test(NamedTuple):
    """``fits`` raises RemoteError where it would have to read what can not be read."""

    cost: int
    fits: Callable[[Seen], bool]


Verdict = bool | Test


class Filter:
    """Raises LocalError for an ``expression`` that means nothing, or that no message can fit. ``text`` is for people.

    * ``session``: only that of this number
    * ``time``: only from this second to that one, of the first thing seen; None is open
    """

    def __init__(
        self,
        expression: str | None = None,
        *,
        session: int | None = None,
        time: tuple[float | None, float | None] = (None, None),
    ) -> None:
        said = [expression or "", f"session {session}" if session is not None else ""]
        said += [f"from {time[0]} s" if time[0] is not None else "", f"to {time[1]} s" if time[1] is not None else ""]
        self.text = ", ".join(filter(None, said))
        parts = [] if expression is None else [parse(expression)]
        for part in parts:
            check(part)
        self._expression: Expression = All((*parts, *_options(session, time)))
        if expression is not None and all(self.settle(candidate) is False for candidate in self.candidates()):
            raise LocalError("no message can fit this", where="filter", actual=expression)

    def __str__(self) -> str:
        return self.text

    def candidates(self) -> Iterator[Candidate]:
        """What could fit, as far as it has a name that is asked for."""
        return candidates(None) if "UNKNOWN" in self.text else candidates()

    def settle(self, candidate: Candidate) -> Verdict:
        """What is known beforehand of a type of message; names of the header that are settled nowhere are asked later."""
        return _settle(self._expression, candidate)


def _options(session: int | None, time: tuple[float | None, float | None]) -> list[Expression]:
    from spiceproto.filters.expression import Number

    found: list[Expression] = []
    if session is not None:
        found.append(Comparison("session", "==", (Number(session, 1),), 1))
    for sign, limit in zip((">=", "<="), time, strict=True):
        if limit is not None:
            found.append(Comparison("time", sign, (Number(limit, 1),), 1))
    return found


def _settle(part: Expression, candidate: Candidate) -> Verdict:
    if isinstance(part, Not):
        return _opposite(_settle(part.inner, candidate))
    if isinstance(part, All):
        return _together(part.parts, candidate, decides=False)
    if isinstance(part, Either):
        return _together(part.parts, candidate, decides=True)
    if part.name in HEADER:
        return _header(part, candidate.settled)
    if part.name in IMAGE:
        return _image(part, candidate)
    return _field(part, candidate.classes)


def _opposite(found: Verdict) -> Verdict:
    if isinstance(found, bool):
        return not found
    fits = found.fits
    return Test(found.cost, lambda seen: not fits(seen))


def _together(parts: tuple[Expression, ...], candidate: Candidate, *, decides: bool) -> Verdict:
    """``decides``: the verdict of a part that is that of all."""
    tests: list[Test] = []
    for part in parts:
        found = _settle(part, candidate)
        if isinstance(found, Test):
            tests.append(found)
        elif found == decides:
            return decides
    if len(tests) < 2:
        return tests[0] if tests else not decides
    tests.sort(key=lambda test: test.cost)
    asked = [test.fits for test in tests]

    def fits(seen: Seen) -> bool:
        for one in asked:
            if one(seen) == decides:
                return decides
        return not decides

    return Test(sum(test.cost for test in tests), fits)


def _header(part: There | Comparison, settled: Mapping[str, Any]) -> Verdict:
    name = part.name
    if isinstance(part, There):
        return Test(_HEADER, lambda seen: bool(seen.header(name))) if name not in settled else settled[name] is not None
    match = matcher(HEADER[name].kind, part)
    assert match is not None
    negated = part.operator == "!="
    if name in settled:
        value = settled[name]
        return value is not None and match(value) != negated
    if name == "size":
        return Test(_HEADER, lambda seen: match(seen.size) != negated)  # which is asked most
    return Test(_HEADER, _asking(lambda seen: seen.header(name), match, negated=negated))


_PARTS: Final = ("image.id", "image.type", "image.flags", "image.width", "image.height")


def _image(part: There | Comparison, candidate: Candidate) -> Verdict:
    if not candidate.images:
        return False
    if isinstance(part, There) and part.name != "image.codec":
        return Test(_IMAGES, lambda seen: bool(seen.images))
    read: Callable[[Seen], Any]
    if part.name == "image.codec":
        from spiceproto.codecs.stream_kinds import CODECS

        def read(seen: Seen) -> Any:
            return [codec for image in seen.images for codec in CODECS.get(image[1], ())]

    else:
        place = _PARTS.index(part.name)

        def read(seen: Seen) -> Any:
            return [image[place] for image in seen.images]

    if isinstance(part, There):
        return Test(_IMAGES, lambda seen: bool(read(seen)))
    match = matcher(image_kind(part.name), part)
    assert match is not None
    return Test(_IMAGES, _asking(read, match, negated=part.operator == "!="))


def _field(part: There | Comparison, classes: tuple[type, ...]) -> Verdict:
    name = part.name.removeprefix(".")
    pairs: list[tuple[Callable[[Seen], Iterable[Any]], Match]] = []
    for value_class in classes:
        if isinstance(part, There):
            pairs += [(_reading(value_class, path), _anything) for path in there(value_class, name)]
            continue
        for field in named(value_class, name):
            match = matcher(field.kind, part)
            if match is not None:
                pairs.append((_reading(value_class, field.path), match))
    if not pairs:
        return False
    negated = isinstance(part, Comparison) and part.operator == "!="
    if len(pairs) == 1:
        return Test(_BODY, _asking(*pairs[0], negated=negated))

    def fits(seen: Seen) -> bool:
        verdicts = [match(value) for read, match in pairs for value in read(seen)]
        return bool(verdicts) and True not in verdicts if negated else True in verdicts

    return Test(_BODY, fits)


def _reading(value_class: type, path: str) -> Callable[[Seen], Iterable[Any]]:
    """What is at a path, of the value of this class."""
    read = reader(path)

    def found(seen: Seen) -> Iterable[Any]:
        for value in seen.values:
            if type(value) is value_class:
                return read(value)
        return ()

    return found


def _anything(value: Any) -> bool:
    return True


def _asking(read: Callable[[Seen], Iterable[Any]], match: Match, *, negated: bool) -> Callable[[Seen], bool]:
    """Whether one of the values fits; negated, whether there are some, and none does."""
    if negated:

        def differs(seen: Seen) -> bool:
            found = [match(value) for value in read(seen)]
            return bool(found) and True not in found

        return differs

    def fits(seen: Seen) -> bool:
        for value in read(seen):  # noqa: SIM110 -- this is asked of every message
            if match(value):
                return True
        return False

    return fits
