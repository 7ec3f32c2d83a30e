"""Whose fault it is, where, and what was expected.

    SpiceError
    ├── LocalError          our caller handed us something that cannot be said in SPICE
    │   ├── MissingExtraError   an optional dependency is not installed
    │   └── UnsupportedError    a program was not started for what it is to do
    ├── RemoteError         the peer's bytes break a rule
    │   └── LimitError      ... a named limit of :mod:`spiceproto.limits`
    └── SchemaError         our own declaration is wrong

Whatever bytes a peer sends, nothing but :class:`RemoteError` leaves ``spiceproto``.

An error is cheap to raise and is completed on its way out: the parser that notices it knows the field, its callers
add the names of what surrounds it (:meth:`SpiceError.within`), the message layer adds channel and message.
"""

from __future__ import annotations

__all__ = [
    "LimitError",
    "LocalError",
    "MissingExtraError",
    "RemoteError",
    "SchemaError",
    "SpiceError",
    "UnsupportedError",
    "in_words",
]


class SpiceError(Exception):
    """What all errors of this package are.

    ``what``         one sentence without a final stop
    ``path``         the field, outermost name first: ``data.src_bitmap.descriptor.width``
    ``offset``       byte offset from the start of the thing parsed (message body, stream, file), or None
    ``expected``     what would have been right
    ``actual``       what was there
    ``where``        channel and message, or file: whatever surrounds the bytes that ``offset`` counts
    ``requirement``  id of the sentence of the specification that is broken
    """

    def __init__(
        self,
        what: str,
        *,
        path: str = "",
        offset: int | None = None,
        expected: str = "",
        actual: str = "",
        where: str = "",
        requirement: str = "",
    ) -> None:
        super().__init__(what)
        self.what = what
        self.path = path
        self.offset = offset
        self.expected = expected
        self.actual = actual
        self.where = where
        self.requirement = requirement

    def within(self, name: str) -> None:
        """Prefix the path with the name (or ``[index]``) of what surrounds the field."""
        inner = self.path
        self.path = name + inner if inner.startswith("[") or not inner else f"{name}.{inner}"

    def __str__(self) -> str:
        place = [self.where] if self.where else []
        if self.path:
            place.append(self.path)
        if self.offset is not None:
            place.append(f"byte {self.offset}")
        text = f"{', '.join(place)}: {self.what}" if place else self.what
        if self.expected:
            text += f"; expected {self.expected}"
        if self.actual:
            text += f"; found {self.actual}"
        return f"{text} [{self.requirement}]" if self.requirement else text

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, {k: v for k, v in self.__dict__.items() if k != "what"}))


def _rebuild(kind: type[SpiceError], what: str, rest: dict[str, object]) -> SpiceError:
    error = kind(what)
    error.__dict__.update(rest)
    return error


class LocalError(SpiceError):
    """The caller of this library asked for something that SPICE cannot say."""


class MissingExtraError(LocalError):
    """An optional dependency is absent; the text names the extra that brings it."""


class UnsupportedError(LocalError):
    """A program was asked to do what it was not started for, as to move a card that it does not have."""


class RemoteError(SpiceError):
    """The peer's bytes break a rule of the protocol."""


class LimitError(RemoteError):
    """The peer's bytes ask for more than a named limit allows."""


class SchemaError(SpiceError):
    """A declaration in ``spiceproto/schema`` contradicts itself."""


def in_words(error: Exception) -> str:
    """One line for people: an error of the system begins with the file that it is about, and has no number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
