"""How many bytes or elements there are, as a declaration."""

from __future__ import annotations

from typing import Final

from construct import Container

__all__ = ["REST", "ZERO_TERMINATED", "By", "Count", "Fixed", "PackedRows", "Product", "Rest", "ZeroTerminated"]


class Count:
    """How many bytes or elements there are."""

    def of(self, context: Container, left: int) -> int:
        """The number, given the earlier fields and the bytes left."""
        raise NotImplementedError(self)


class Fixed(Count):
    """Always the same number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def of(self, context: Container, left: int) -> int:
        return self.number


class By(Count):
    """An earlier field of the same record, which exists only to count."""

    def __init__(self, name: str) -> None:
        self.name = name

    def of(self, context: Container, left: int) -> int:
        return int(context[self.name])


class Product(Count):
    """The product of earlier fields that mean something themselves, such as ``stride`` times ``y``."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def of(self, context: Container, left: int) -> int:
        number = 1
        for name in self.names:
            number *= context[name]
        return number


class PackedRows(Count):
    """Bytes of a picture whose rows are filled up to whole bytes: ``ceil(bits * width / 8) * height``."""

    def __init__(self, bits: int, width: str = "width", height: str = "height") -> None:
        self.bits = bits
        self.width = width
        self.height = height

    def of(self, context: Container, left: int) -> int:
        return int((context[self.width] * self.bits + 7) // 8 * context[self.height])


class Rest(Count):
    """All that is left of the message."""

    def of(self, context: Container, left: int) -> int:
        return left


class ZeroTerminated(Count):
    """Up to a zero byte, which is read and is not part of the value."""


REST: Final = Rest()
ZERO_TERMINATED: Final = ZeroTerminated()
