"""What a guest has drawn while its client was on the way here: the client has the picture of before.

Of each surface the least box is known in which all of it is. That is enough to say it once, as pictures of how things are then.
"""

from __future__ import annotations

from reference_server.channels.display.areas import around
from reference_server.guest import Drawn, HeadsChanged, Pushed, Resized
from reference_server.guest.screen import PRIMARY
from spiceproto.messages import display
from spiceproto.messages.geometry import Rect

__all__ = ["Changes"]


class Changes:
    """Of one screen, since the guest came.

    * ``boxes``: by the number of a surface, where was drawn on it
    * ``others``: the numbers of surfaces that have come or gone; what has such a number now is another one
    * ``heads``: whether the monitors are others
    """

    def __init__(self) -> None:
        self.boxes: dict[int, Rect] = {}
        self.others: set[int] = set()
        self.heads = False

    def note(self, news: Drawn | Pushed | Resized | HeadsChanged) -> None:
        """The screen has told this."""
        if isinstance(news, Drawn):
            box = news.box
            self._draw(PRIMARY, Rect(top=box.top, left=box.left, bottom=box.bottom, right=box.right))
        elif isinstance(news, Resized):
            self._replace(PRIMARY)
        elif isinstance(news, HeadsChanged):
            self.heads = True
        elif isinstance(news.command, display.SurfaceCreate | display.SurfaceDestroy):
            self._replace(news.command.surface_id)
        else:
            self._draw(news.command.base.surface_id, news.command.base.box)

    def _draw(self, surface: int, box: Rect) -> None:
        before = self.boxes.get(surface)
        self.boxes[surface] = box if before is None else around(before, box)

    def _replace(self, surface: int) -> None:
        self.others.add(surface)
        self.boxes.pop(surface, None)
