"""The machines that are learned, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance.learn.alphabet import Alphabet
from conformance.learn.machines.agent import AGENT
from conformance.learn.machines.client import CLIENT
from conformance.learn.machines.display import DISPLAY
from conformance.learn.machines.inputs import INPUTS
from conformance.learn.machines.link import LINK
from conformance.learn.machines.main import MAIN
from conformance.learn.machines.mouse import MOUSE
from conformance.learn.machines.session import SESSION

__all__ = ["MACHINES"]

MACHINES: Final[Mapping[str, Alphabet]] = {
    item.name: item for item in (LINK, MAIN, MOUSE, SESSION, DISPLAY, INPUTS, AGENT, CLIENT)
}
