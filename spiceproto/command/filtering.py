"""``--filter``, ``--session`` and ``--time A..B``, as every command has them that reads a capture."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

from spiceproto.report.clock import WAYS

if TYPE_CHECKING:
    from spiceproto.filters import Selection

__all__ = ["Names", "Time", "add_filter_options", "selection", "session_number", "time_range"]

_DIGITS = 9
"""Of the number of a session."""


class Time(argparse.Action):
    """``--time`` says how times are printed, or which are meant (``between``)."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        if values in WAYS:
            namespace.time = values
            return
        try:
            namespace.between = time_range(values)
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentError(self, f"{', '.join(WAYS)}, or seconds: {error}") from None


class Names(argparse.Action):
    """``--names`` needs no capture."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "nargs": 0})

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        from spiceproto.filters.listing import listing

        print(listing(), end="")
        parser.exit()


def add_filter_options(parser: argparse.ArgumentParser, *, time: bool = True) -> None:
    """The options; without ``time`` the caller has one that takes a range, too."""
    parser.add_argument("--filter", metavar="EXPR", help="only messages that fit, as: channel == display and name == DRAW_COPY")
    parser.add_argument("--session", type=session_number, metavar="N", help="only the session of this number in the capture")
    if time:
        parser.add_argument(
            "--time",
            dest="between",
            type=time_range,
            metavar="A..B",
            help="only from second A to second B of the capture; either may be left out",
        )


def time_range(text: str) -> tuple[float | None, float | None]:
    """``1.5..3`` as a pair, None for an end that is left out."""
    low, dots, high = text.partition("..")
    try:
        found = float(low) if low else None, float(high) if high else None
    except ValueError:
        dots = ""
    if not dots or not (low or high):
        raise argparse.ArgumentTypeError(f"expected seconds as 1..3, 1.. or ..3, found {text!r}")
    low_end, high_end = (0.0 if found[0] is None else found[0]), (math.inf if found[1] is None else found[1])
    if not 0 <= low_end <= high_end or math.isinf(low_end):
        raise argparse.ArgumentTypeError(f"expected seconds as 1..3, from 0 on, the smaller number first, found {text!r}")
    return found


def session_number(text: str) -> int:
    """Sessions count from 1."""
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS or not int(text):
        raise argparse.ArgumentTypeError(f"expected the number of a session, from 1 on, found {text!r}")
    return int(text)


def selection(options: Any) -> Selection | None:
    """What was asked for; None: everything. Raises LocalError."""
    expression, session = getattr(options, "filter", None), getattr(options, "session", None)
    between = getattr(options, "between", None)
    if expression is None and session is None and between is None:
        return None
    from spiceproto.filters import Filter, Selection  # not at import: most reports are of everything

    return Selection(Filter(expression, session=session, time=between or (None, None)))
