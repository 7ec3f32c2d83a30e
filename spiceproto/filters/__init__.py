"""Filters: which messages of a session are meant.

    channel == display and name == DRAW_COPY and image.type == GLZ_RGB and width > 100 and time < 3

``parser`` makes an expression of the text (``expression``), ``names`` and ``fields`` know what a name means, ``checking`` what
means nothing, ``compiled``
settles as much as is known of a channel or a type of message beforehand, and makes a function of the rest; ``selected``
stands in front of a report. docs/filters.md is for people; its tables are made by ``listing``.

Text from a user is a :class:`~spiceproto.errors.LocalError` with the column when it means nothing.
"""

from spiceproto.filters.compiled import Filter
from spiceproto.filters.selected import Marked, Selected
from spiceproto.filters.selection import Selection

__all__ = ["Filter", "Marked", "Selected", "Selection"]
