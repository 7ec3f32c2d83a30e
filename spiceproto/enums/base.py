"""What all enumerations of the protocol share: they print as they are written in code."""

from __future__ import annotations

from enum import KEEP, IntEnum, IntFlag


class WireEnum(IntEnum):
    """Numbers with names. A number without a name stays an ``int`` when parsed; nothing is lost."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


class WireFlags(IntFlag, boundary=KEEP):
    """Bits with names. A value with a bit that has no name stays an ``int`` when parsed; nothing is lost."""

    def __repr__(self) -> str:
        kind = type(self).__name__
        if not self._value_:
            return f"{kind}(0)"
        names = [f"{kind}.{member.name}" for member in type(self) if member in self]
        return " | ".join(names) if names else f"{kind}({self._value_})"


class EnumTable(dict[int, WireEnum | int]):
    """Number to member, or to the number itself; what generated parsers index."""

    __slots__ = ()

    def __init__(self, kind: type[WireEnum]) -> None:
        super().__init__((member.value, member) for member in kind)

    def __missing__(self, number: int) -> int:
        return number


class FlagsTable(dict[int, WireFlags | int]):
    """Number to combination of flags, or to the number itself; filled as combinations are met.

    Only combinations of named bits are kept, so hostile numbers do not make it grow without bound.
    """

    __slots__ = ("_kind", "_unknown")

    def __init__(self, kind: type[WireFlags]) -> None:
        super().__init__()
        self._kind = kind
        known = 0
        for member in kind:
            known |= member.value
        self._unknown = ~known

    def __missing__(self, number: int) -> WireFlags | int:
        if number & self._unknown:
            return number
        value = self._kind(number)
        if len(self) < 4096:
            self[number] = value
        return value
