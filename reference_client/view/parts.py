"""The parts of the view: each is made with the session. (That of sound is made before it: a client is told of it.)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reference_client.view.clipboard import Clipboard
from reference_client.view.cursor import Cursor
from reference_client.view.displays import Displays
from reference_client.view.feature import Feature, Session
from reference_client.view.inputs import Inputs
from reference_client.view.messages import Messages
from reference_client.view.notices import Notices

__all__ = ["PARTS"]

PARTS: Final[tuple[Callable[[Session], Feature], ...]] = (Inputs, Displays, Cursor, Clipboard, Messages, Notices)
"""In the order in which they are told."""
