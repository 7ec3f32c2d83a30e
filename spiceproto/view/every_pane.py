"""All panes of a page."""

from __future__ import annotations

from spiceproto.report.tally import Tally
from spiceproto.view.films import Films
from spiceproto.view.numbers import Numbers
from spiceproto.view.panes import Panes
from spiceproto.view.shapes import Shapes
from spiceproto.view.sounds import Sounds
from spiceproto.view.transfers import Transfers

__all__ = ["every"]


def every(tally: Tally, *, draws: bool) -> Panes:
    """``tally`` is that of the report; ``draws`` says whether what takes long to be decoded is decoded."""
    return Panes([Sounds(), Shapes(), Films(draws=draws), Transfers(), Numbers(tally, dictionary=draws)])
