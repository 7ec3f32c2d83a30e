"""What a builder puts in line: expressions of finished bytes, then a run of numbers that is not packed yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spiceproto.derive.source import Constants
from spiceproto.walk import Scalar, Structure

__all__ = ["Line", "numbers", "total"]


class Line:
    """Bytes in line, as expressions: finished parts, then a run of numbers that is not packed yet."""

    def __init__(self, constants: Constants, before: Iterable[str] = ()) -> None:
        self.constants = constants
        self.before = list(before)
        """Terms of the offset at which this line begins."""
        self.parts: list[tuple[str, str]] = []
        """Expression of the bytes, expression of their number."""
        self.order = "<"
        self.codes = ""
        self.numbers: list[str] = []
        self.run_size = 0
        self.waits = False
        """True if the run holds an offset that only the second section knows."""

    def copy(self) -> Line:
        new = Line(self.constants, self.before)
        new.parts, new.numbers = list(self.parts), list(self.numbers)
        new.order, new.codes, new.run_size, new.waits = self.order, self.codes, self.run_size, self.waits
        return new

    def without_run(self) -> Line:
        """A line that begins with the run of this one, which has it no more."""
        new = Line(self.constants)
        new.order, new.codes, new.run_size = self.order, self.codes, self.run_size
        new.numbers = self._take(())
        return new

    def number(self, code: str, size: int, expression: str, order: str = "<") -> None:
        """Add a number to the run."""
        self._keep(order)
        self.codes += code
        self.numbers.append(expression)
        self.run_size += size

    def part(self, expression: str, size: str) -> None:
        """Add bytes behind the run."""
        self.close()
        self.parts.append((expression, size))

    def close(self) -> None:
        """Make the run a part."""
        if not self.codes:
            return
        size = str(self.run_size)
        alone = len(self.numbers) == 1 and self.codes.endswith("s")  # bytes are packed already
        self.parts.append((self._take(())[0] if alone else self.packed(), size))

    def packed(self, code: str = "", more: Iterable[str] = ()) -> str:
        """The run, which is empty afterwards, and more numbers behind it as one ``pack``."""
        pack = self.constants.packer(self.order + self.codes + code)
        return f"{pack}({', '.join(self._take(more))})"

    def packed_sequence(self, node: Scalar, elements: str) -> None:
        """Add the run and a sequence of numbers as one ``pack``."""
        pack = self.constants.packers(self.order + self.codes, node)
        self.parts.append((f"{pack}[len({elements})]({', '.join(self._take([f'*{elements}']))})", ""))

    def _keep(self, order: str) -> None:
        """Numbers of one run are in one byte order."""
        if self.codes and self.order != order:
            self.close()
        self.order = order

    def _take(self, more: Iterable[str]) -> list[str]:
        taken = [*self.numbers, *more]
        self.codes, self.numbers, self.run_size, self.waits = "", [], 0, False
        return taken

    def terms(self) -> list[str]:
        """What to add up for the offset behind everything met so far."""
        return [*self.before, *(size for _, size in self.parts), str(self.run_size)]

    def size(self) -> str:
        """The number of bytes."""
        return total(self.terms()[len(self.before) :])

    def whole(self, *targets: str) -> str:
        """The expression of all bytes and of ``targets`` behind them."""
        self.close()
        parts = [*(text for text, _ in self.parts), *targets]
        made_here = bool(parts) and parts[0].startswith(("_p", "_a", "c", "b'"))
        if not parts:
            return "b''"
        if len(parts) == 1:
            return parts[0] if made_here else f"b'' + {parts[0]}"  # what is no bytes is refused by +
        if len(parts) == 2 and made_here:
            return " + ".join(parts)
        return f"b''.join(({', '.join(parts)}))"


def total(terms: Iterable[str]) -> str:
    """Terms added up, numbers among them beforehand."""
    known, unknown = 0, []
    for part in (part for term in terms for part in term.split(" + ")):
        if part.isdigit():
            known += int(part)
        else:
            unknown.append(part)
    return " + ".join([str(known)] * (known > 0 or not unknown) + unknown)


def numbers(element: Scalar | Structure, value: str) -> Iterator[str]:
    """The numbers of an element that has nothing else."""
    if isinstance(element, Scalar):
        yield value
        return
    for member in element.members:
        if isinstance(member.node, Scalar):
            yield f"{value}.{member.name}"
        elif isinstance(member.node, Structure):
            yield from numbers(member.node, f"{value}.{member.name}")
