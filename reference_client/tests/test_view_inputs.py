"""Keyboard and mouse of a page: what comes of each message, and whose count."""

from __future__ import annotations

from typing import Any, cast

import pytest

from reference_client.channels.inputs import InputsChannel
from reference_client.channels.main import MouseModeChanged, Named
from reference_client.tests.viewed import Viewed, run, said, say
from reference_client.view.key_codes import BREAK, KEY_CODES, key_code
from spiceproto.errors import LocalError
from spiceproto.scan_codes import KEYS, PAUSE, key_name, release_code


class Recorded:
    """What an inputs channel was told; ``buttons``, ``keys`` and ``key_modifiers`` as it has them."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.buttons = 0
        self.keys: dict[int, None] = {}
        self.key_modifiers = 2

    def key(self, code: int, down: bool) -> None:
        self.calls.append(("key", code, down))
        if down:
            self.keys[code] = None
        else:
            self.keys.pop(code, None)

    def press(self, button: int) -> None:
        self.calls.append(("press", button))
        self.buttons |= 1 << button - 1

    def release(self, button: int) -> None:
        self.calls.append(("release", button))
        self.buttons &= ~(1 << button - 1)

    def focus(self, here: bool) -> None:
        self.calls.append(("focus", here))

    def __getattr__(self, name: str) -> Any:
        return lambda *values: self.calls.append((name, *values))


def heard(*messages: tuple[str, dict[str, object]]) -> list[tuple[Any, ...]]:
    """What the channel is told when a page says this, before the page is gone."""
    inputs = Recorded()

    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            for do, values in messages:
                await say(page, do, **values)
            await say(page, "nothing")
            assert "no part" in (await said(page, "refused"))["text"]
            inputs.calls.append(("gone",))

    run(body, lambda: Viewed(inputs=cast(InputsChannel, inputs)))
    return inputs.calls[: inputs.calls.index(("gone",))]


def refusal(do: str, **values: object) -> str:
    """Why a message is refused."""
    found = []

    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            await say(page, do, **values)
            message = await said(page, "refused")
            assert message["do"] == do
            found.append(message["text"])

    run(body, lambda: Viewed(inputs=cast(InputsChannel, Recorded())))
    return str(found[0])


def test_every_key_has_a_code_of_its_own() -> None:
    """The names of UI Events; each goes to a scan code whose release differs, and no two to one but those that are one key."""
    assert {"IntlBackslash", "IntlRo", "IntlYen", "Pause", "PrintScreen", "MediaPlayPause", "BrowserBack"} <= set(KEY_CODES)
    assert all(release_code(code) != code for code in KEY_CODES.values())
    same = {"F24", "Lang5", "OSLeft", "OSRight", "VolumeMute", "VolumeDown", "VolumeUp"}
    codes = [code for name, code in KEY_CODES.items() if name not in same]
    assert len(codes) == len(set(codes)) > 130
    # Every key that has a name of a PC keyboard can be pressed in a browser.
    unnamed = {name for code, name in KEYS.items() if code not in KEY_CODES.values()}
    assert unnamed == {"SysRq", "FakeShift", "FakeRightShift", "Break", "Pause"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("KeyA", "A"),
        ("Digit0", "0"),
        ("NumpadEnter", "KPEnter"),
        ("AltRight", "RightAlt"),
        ("IntlBackslash", "102nd"),
        ("ContextMenu", "Menu"),
        ("AudioVolumeUp", "VolumeUp"),
        ("Numpad0", "KP0"),
        ("F12", "F12"),
        ("Pause", "Pause"),
        ("ArrowRight", "Right"),
    ],
)
def test_names_of_keys(name: str, shown: str) -> None:
    assert key_name(key_code(name)) == shown


def test_keys() -> None:
    with pytest.raises(LocalError, match="no key of this name"):
        key_code("KeyÄ")
    control = KEY_CODES["ControlLeft"]
    assert heard(("key", {"code": "Pause", "down": True}), ("key", {"code": "Pause", "down": False})) == [
        ("key", PAUSE, True),
        ("key", PAUSE, False),
    ]
    chord = [("ControlLeft", True), ("Pause", True), ("ControlLeft", False), ("Pause", False)]
    assert heard(*[("key", {"code": code, "down": down}) for code, down in chord]) == [
        ("key", control, True),
        ("key", BREAK, True),
        ("key", control, False),
        ("key", BREAK, False),
    ]


def test_the_mouse() -> None:
    said_: list[tuple[str, dict[str, object]]] = [
        ("position", {"display": 1, "x": 3, "y": 4}),
        ("motion", {"dx": -5, "dy": 6}),
        ("button", {"button": 1, "down": True}),
        ("button", {"button": 1, "down": True}),
        ("button", {"button": 7, "down": False}),
        ("wheel", {"steps": -2}),
        ("blur", {}),
    ]
    wanted = [("position", 3, 4, 1), ("motion", -5, 6), ("press", 1), ("wheel", -2), ("focus", False), ("release", 1)]
    assert heard(*said_) == wanted


def test_lock_keys_are_wished_where_they_differ() -> None:
    assert heard(("locks", {"scroll": False, "num": True, "caps": False})) == []
    assert heard(("locks", {"scroll": True, "num": False, "caps": True})) == [("modifiers", 5)]


@pytest.mark.parametrize(
    ("do", "values"),
    [
        ("key", {"code": "KeyA"}),
        ("key", {"code": 30, "down": True}),
        ("key", {"code": "x" * 41, "down": True}),
        ("position", {"display": 0, "x": -1, "y": 0}),
        ("position", {"display": 256, "x": 0, "y": 0}),
        ("position", {"display": 0, "x": 1.5, "y": 0}),
        ("motion", {"dx": 1 << 40, "dy": 0}),
        ("button", {"button": 4, "down": True}),
        ("button", {"button": True, "down": True}),
        ("wheel", {"steps": 101}),
        ("locks", {"scroll": 1, "num": True, "caps": False}),
        ("mouse-mode", {"mode": "other"}),
        ("arrange", {"sizes": []}),
        ("arrange", {"sizes": [[1, 2, 3]]}),
        ("arrange", {"sizes": [[10, 10]]}),
        ("arrange", {"sizes": [[640, 480]] * 17}),
        ("seen", {"seen": 1}),
    ],
)
def test_what_is_wrong_is_refused(do: str, values: dict[str, object]) -> None:
    assert refusal(do, **values)


def test_only_the_page_in_control_counts_and_leaves_nothing_down() -> None:
    inputs = Recorded()

    async def body(viewed: Viewed) -> None:
        async with viewed.open() as first, viewed.open() as second:
            await said(second, "control")
            await say(second, "key", code="KeyB", down=True)
            await say(second, "nothing")
            await said(second, "refused")
            await say(first, "button", button=3, down=True)
            await say(first, "nothing")
            await said(first, "refused")
            assert inputs.calls == [("press", 3)]
            await say(second, "take-control")
            await said(second, "control")
            assert inputs.calls[1:] == [("focus", False), ("release", 3)]

    run(body, lambda: Viewed(inputs=cast(InputsChannel, inputs)))


def test_modes_locks_and_names_are_told() -> None:
    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            assert await said(page, "mouse") == {"event": "mouse", "mode": "server", "both": False}
            assert (await said(page, "locks"))["num"]
            viewed.client.pointing.set_modes(3, 2)
            viewed.view.on_event(MouseModeChanged(3, 2))
            assert await said(page, "mouse") == {"event": "mouse", "mode": "client", "both": True}
            viewed.view.on_event(Named("guest"))
            assert (await said(page, "name"))["name"] == "guest"
        async with viewed.open() as page:
            assert (await said(page, "name"))["name"] == "guest"

    run(body, lambda: Viewed(inputs=cast(InputsChannel, Recorded())))


def test_without_an_inputs_channel_it_is_said() -> None:
    async def body(viewed: Viewed) -> None:
        async with viewed.open() as page:
            await say(page, "key", code="KeyA", down=True)
            assert "no inputs channel" in (await said(page, "refused"))["text"]

    run(body)
