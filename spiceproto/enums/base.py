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
        parts, unnamed = [], self._value_
        for member in type(self):
            if member in self:
                parts.append(f"{kind}.{member.name}")
                unnamed &= ~member._value_
        if not parts:
            return f"{kind}({unnamed})"
        if unnamed:
            parts.append(str(unnamed))
        return " | ".join(parts)


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


class NameTable(dict[int, str]):
    """Number to what a report prints: the member's name, flags joined by ``|``, or the number itself.

    Like :class:`FlagsTable` it keeps only what the schema names, so it stays small.
    """

    __slots__ = ("_kind", "_unknown")

    def __init__(self, kind: type[WireEnum] | type[WireFlags]) -> None:
        super().__init__()
        self._kind = kind
        known = 0
        for member in kind:
            known |= member.value
        self._unknown = ~known if issubclass(kind, WireFlags) else 0

    def __missing__(self, number: int) -> str:
        if issubclass(self._kind, WireFlags):
            names = [str(member.name) for member in self._kind if number & member.value]
            if number & self._unknown:
                return "|".join([*names, hex(number & self._unknown)])
            text = "|".join(names) or "0"
        else:
            member = self._kind._value2member_map_.get(number)
            if member is None:
                return str(number)
            text = str(member.name).removeprefix("_")
        if len(self) < 4096:
            self[number] = text
        return text


def bit_names(kind: type[WireEnum] | None, bits: int) -> tuple[str, ...]:
    """Names of the bits that are set, lowest first; a bit without a name is its number."""
    members = {} if kind is None else kind._value2member_map_
    found = []
    for number in range(bits.bit_length()):
        if bits >> number & 1:
            member = members.get(number)
            found.append(str(number) if member is None else str(member.name))
    return tuple(found)
