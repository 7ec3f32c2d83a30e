"""Monitors, desktop settings and levels of the guest."""

from __future__ import annotations

from typing import Any

import pytest

from reference_client import Client, Options
from reference_client.agent.monitors import AgentReplied, effects_named, monitors_of
from reference_client.tests.scripted_agent import ALL, ScriptedAgent, agreed, with_display
from spiceproto.agent.monitors import Monitor
from spiceproto.enums.agent import AgentCapability, DisplayConfigFlags, MonitorsConfigFlags
from spiceproto.errors import LocalError
from spiceproto.messages import agent

TWO = (Monitor(1920, 1080), Monitor(1920, 1080, x=1920))
SMALL = (AgentCapability.MONITORS_CONFIG, AgentCapability.REPLY)


def ready(*capabilities: int, **options: Any) -> ScriptedAgent:
    guest = agreed(Client(Options(**options)), *capabilities)
    guest.take()
    return guest


def configs(guest: ScriptedAgent) -> list[Any]:
    return [value for value in guest.take() if isinstance(value, agent.MonitorsConfig)]


def test_monitors_are_said_once_the_display_has_its_size() -> None:
    guest = ready(*SMALL, monitors=TWO)
    guest.server.wait(10)
    assert configs(guest) == []
    with_display(guest)
    guest.server.wait(1)
    [config] = configs(guest)
    assert [(item.width, item.height, item.depth) for item in config.monitors] == 2 * [(1920, 1080, 32)]
    guest.server.wait(10)
    assert configs(guest) == [] and guest.server.client.deadline is None


def test_places_are_for_agents_that_know_them() -> None:
    for capabilities, flags, x in ((SMALL, 0, 0), (ALL, MonitorsConfigFlags.USE_POS, 1920)):
        guest = ready(*capabilities)
        with_display(guest)
        guest.server.client.wish("monitors", {"monitors": "2x1920x1080"})
        guest.server.run()
        [config] = configs(guest)
        assert (config.flags, config.monitors[1].x, config.physical_sizes) == (flags, x, None)


def test_sizes_in_millimetres_are_for_the_same_agents() -> None:
    sized = (Monitor(800, 600, width_mm=200, height_mm=150),)
    for capabilities, there in ((SMALL, False), (ALL, True)):
        guest = ready(*capabilities)
        with_display(guest)
        guest.server.client.main.agent.monitors.arrange(sized)
        guest.server.run()
        [config] = configs(guest)
        assert (config.physical_sizes is not None) == there


def test_another_agent_is_told_again() -> None:
    guest = ready(*SMALL, monitors=TWO)
    with_display(guest)
    guest.server.wait(1)
    configs(guest)
    guest.disconnect()
    guest.server.wait(1)
    guest.connect()
    guest.take()
    guest.announce()
    assert len(configs(guest)) == 1


def test_an_agent_that_can_not_is_not_asked() -> None:
    guest = ready(AgentCapability.REPLY, monitors=TWO, disable_effects=1)
    with_display(guest)
    guest.server.wait(10)
    assert guest.take() == []
    with pytest.raises(LocalError, match="can not be set"):
        guest.server.client.wish("monitors", {"monitors": "800x600"})
    with pytest.raises(LocalError, match="no monitors"):
        guest.server.client.main.agent.monitors.arrange(())


def test_the_answer_is_told() -> None:
    guest = ready(*ALL)
    guest.say(agent.Reply(2, 1), agent.Reply(5, 2), agent.Reply(99, 7))
    assert guest.server.told(AgentReplied) == [
        AgentReplied("MONITORS_CONFIG", True),
        AgentReplied("DISPLAY_CONFIG", False),
        AgentReplied("99", False),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1920x1080", [(1920, 1080, 0, 0)]),
        ("2x640x480", [(640, 480, 0, 0), (640, 480, 640, 0)]),
        ("800x600+0+0,640x480+800+10", [(800, 600, 0, 0), (640, 480, 800, 10)]),
        ("800x600,640x480", [(800, 600, 0, 0), (640, 480, 800, 0)]),
        ("640x480-640+0", [(640, 480, -640, 0)]),
        ("0x0", [(0, 0, 0, 0)]),
    ],
)
def test_monitors_are_read(text: str, found: list[tuple[int, int, int, int]]) -> None:
    assert [(item.width, item.height, item.x, item.y) for item in monitors_of(text)] == found


@pytest.mark.parametrize(
    "text",
    ["", "big", "800", "800x", "0x640x480", "257x640x480", "2x640x480+0+0", "640x480+1", "70000x1", "-640x480", "1x2x3x4"],
)
def test_what_is_no_monitors_is_refused(text: str) -> None:
    with pytest.raises(LocalError, match="not monitors"):
        monitors_of(text)


def test_desktop_settings_are_said_to_each_agent_that_takes_them() -> None:
    guest = agreed(Client(Options(disable_effects=effects_named("wallpaper,animation"), color_depth=16)))
    flags = DisplayConfigFlags.DISABLE_WALLPAPER | DisplayConfigFlags.DISABLE_ANIMATION | DisplayConfigFlags.SET_COLOR_DEPTH
    assert agent.DisplayConfig(flags, 16) in guest.take()
    assert agent.DisplayConfig(DisplayConfigFlags(7), 0) in agreed(Client(Options(disable_effects=effects_named("all")))).take()


def test_an_effect_that_is_none_is_refused() -> None:
    with pytest.raises(LocalError, match="no such effect"):
        effects_named("wallpaper,music")


def test_levels_are_said_to_agents_that_take_them() -> None:
    guest = ready(*ALL)
    guest.server.client.wish("guest-volume", {"level": 3000, "playback": False, "muted": True})
    guest.server.run()
    assert guest.take() == [agent.AudioVolumeSync(0, 1, (3000, 3000))]
    with pytest.raises(LocalError, match="can not be set"):
        ready(*SMALL).server.client.wish("guest-volume", {"level": 1})
