"""Tables of numbers that are part of a format, as Python, for the text of a specification whose programs use them.

They are laid out as the formatter has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from spiceproto.codecs.kernels.celt051 import mode

__all__ = ["numbers"]


def _row(values: Sequence[float]) -> str:
    return ", ".join(str(value) for value in values)


def _celt051() -> str:
    lines = [f"{name} = ({_row(getattr(mode, name))})" for name in ("EDGES", "PITCH_EDGES", "MEANS")]
    lines += ["DECAY = tuple(6000 - 200 * band for band in range(20))"]
    lines += ["LAPLACE_START = tuple(32767 * (16384 - decay) // (16384 + decay) for decay in DECAY)"]
    for name in ("BIT_ROWS", "FINE_ROWS"):
        lines += [f"{name} = (", *[f"    ({_row(row)})," for row in getattr(mode, name)], ")"]
    gains = mode.PITCH_GAINS.hex()
    lines += ["PITCH_GAINS = bytes.fromhex("]
    lines += [f'    "{gains[at : at + 96]}"' for at in range(0, len(gains), 96)]
    return "\n".join(["```python", *lines, ")", "```", ""])


_FORMATS: dict[str, Callable[[], str]] = {"celt051": _celt051}


def numbers(name: str) -> str:
    """The numbers of a format."""
    return _FORMATS[name]()
