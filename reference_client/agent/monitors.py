"""The monitors and the desktop settings that the guest should have.

MONITORS_CONFIG is said to an agent that takes it once each display channel shows something: what comes earlier can be overtaken
by the sizes that the guest begins with. Where monitors are, and how large in millimetres, is said to agents that know positions
(:attr:`spiceproto.agent.terms.Terms.physical_sizes` says why). An agent that comes later is told again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from reference_client.agent.part import Handlers, Part, Talk
from reference_client.events import Event
from spiceproto.agent.monitors import Monitor, monitors_config
from spiceproto.enums.agent import AgentCapability, AgentMessageType, AgentReplyError, DisplayConfigFlags
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.messages import agent

__all__ = ["AgentMonitors", "AgentReplied", "effects_named", "monitors_of"]

_LOOK: Final = 0.1
"""Seconds between two looks at the displays, while they are waited for."""

_EFFECTS: Final = {
    "wallpaper": DisplayConfigFlags.DISABLE_WALLPAPER,
    "font-smooth": DisplayConfigFlags.DISABLE_FONT_SMOOTH,
    "animation": DisplayConfigFlags.DISABLE_ANIMATION,
}


class AgentReplied(Event, frozen=True, tag="agent-reply"):
    """The agent's answer to MONITORS_CONFIG or DISPLAY_CONFIG: whether it did what was asked for."""

    message: str
    done: bool


def monitors_of(text: str) -> tuple[Monitor, ...]:
    """Monitors in words: ``1920x1080``, ``2x1920x1080`` for two beside each other, ``800x600+0+0,640x480+800+0`` with places.

    Raises LocalError for what is none of these.
    """
    found: list[Monitor] = []
    across = 0
    for word in text.split(","):
        size, *place = word.strip().replace("-", "+-").split("+")
        try:
            numbers = [int(number) for number in size.split("x")]
            places = [int(number) for number in place if number]
        except ValueError:
            numbers, places = [], []
        count, numbers = (numbers[0], numbers[1:]) if len(numbers) == 3 else (1, numbers)
        good = len(numbers) == 2 and min(numbers) >= 0 and max(numbers) <= _MOST and 1 <= count <= _COUNT
        if not good or len(places) not in (0, 2) or (places and count > 1) or len(found) + count > _COUNT:
            raise LocalError("not monitors", expected="WIDTHxHEIGHT, COUNTxWIDTHxHEIGHT or WIDTHxHEIGHT+X+Y", actual=word)
        for _ in range(count):
            x, y = places or (across, 0)
            found.append(Monitor(width=numbers[0], height=numbers[1], x=x, y=y))
            across = max(across, x + numbers[0])
    return tuple(found)


_MOST: Final = 65535
_COUNT: Final = 256


def effects_named(names: str) -> DisplayConfigFlags:
    """Desktop effects that are switched off, by their names. Raises LocalError for a name that is none."""
    flags = DisplayConfigFlags(0)
    for name in filter(None, [name.strip().lower() for name in names.split(",")]):
        if name == "all":
            flags |= _EFFECTS["wallpaper"] | _EFFECTS["font-smooth"] | _EFFECTS["animation"]
        elif name in _EFFECTS:
            flags |= _EFFECTS[name]
        else:
            raise LocalError("no such effect", expected=", ".join([*_EFFECTS, "all"]), actual=name)
    return flags


class AgentMonitors(Part):
    """``wanted`` monitors, None for what the guest has; ``settings`` of its desktop, None likewise."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(talk)
        options = talk.host.options
        self.wanted: tuple[Monitor, ...] | None = options.monitors or None
        self.settings: agent.DisplayConfig | None = None
        if options.disable_effects or options.color_depth:
            depth = DisplayConfigFlags.SET_COLOR_DEPTH if options.color_depth else DisplayConfigFlags(0)
            self.settings = agent.DisplayConfig(DisplayConfigFlags(options.disable_effects) | depth, options.color_depth)

    def arrange(self, monitors: Sequence[Monitor]) -> None:
        """Have the guest show these monitors, as soon as that can be said.

        Raises LocalError for none, and for an agent that does not take this.
        """
        if not monitors:
            raise LocalError("no monitors", expected="one at least")
        if self.terms.heard and not self.terms.peer_has(AgentCapability.MONITORS_CONFIG):
            raise LocalError("the guest's monitors can not be set", expected="an agent with MONITORS_CONFIG")
        self.wanted = tuple(monitors)
        self.propose()

    def propose(self) -> None:
        """Say it, or look again later."""
        self.deadline = None
        if self.wanted is None or not self.terms.peer_has(AgentCapability.MONITORS_CONFIG):
            return
        if self.displays_ready:
            self.talk.say(self.config(self.wanted))
        else:
            self.deadline = self.talk.host.now + _LOOK
            self.talk.flush()

    def config(self, monitors: Sequence[Monitor]) -> agent.MonitorsConfig:
        """The message, as this agent takes it."""
        return monitors_config(self.terms, monitors)

    @property
    def displays_ready(self) -> bool:
        """Whether each display channel shows something, and none is on its way."""
        host = self.talk.host
        sizes: list[Callable[[], tuple[int, int] | None]] = list(host.pointing.screens.values())
        return bool(sizes) and not host.coming(ChannelType.DISPLAY) and all(size() is not None for size in sizes)

    # -- what the agent does

    def agreed(self, now: float) -> None:
        if self.settings is not None and self.terms.peer_has(AgentCapability.DISPLAY_CONFIG):
            self.talk.say(self.settings)
        self.propose()

    def lost(self, now: float) -> None:
        self.deadline = None

    def tick(self, now: float) -> None:
        self.propose()

    def on_reply(self, value: agent.Reply, now: float) -> None:
        """Whether it was done."""
        known = {int(kind): str(kind.name) for kind in AgentMessageType}
        self.talk.host.tell(
            AgentReplied(known.get(int(value.type), str(int(value.type))), value.error == AgentReplyError.SUCCESS)
        )

    handlers: ClassVar[Handlers] = {agent.Reply: on_reply}
