"""A display channel: what a guest draws, for one client.

guest.Screen ──> Pipe ──> Encoder ──> the line
                  │          │
  Video ──> ───┘ │          └── Caches, which all display channels of a client have in common
                  └── what a later command covers is dropped

channel    begins with the client's INIT, watches a screen, and moves commands on while the client keeps pace
pipe       commands that wait, and which of them nobody would see any more
encoder    one command as the messages that say it to this client: compressed, from a cache, or as it is
images     one bitmap, compressed as it was chosen
video      which of what is drawn becomes video, and its streams: detection says what is video, stream is one of them, coder
           makes its frames, rate hears how they fare, areas cuts rectangles
caches     pixmap caches and GLZ dictionaries, by the numbers that the client gave them; palettes
"""

from __future__ import annotations

from reference_server.channels.display.channel import DisplayChannel
from reference_server.guest.image import draw_copy

__all__ = ["DisplayChannel", "draw_copy"]
