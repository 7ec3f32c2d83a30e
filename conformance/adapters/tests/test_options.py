"""Options of an address are checked before anything is started."""

from __future__ import annotations

import pytest

from conformance.adapters import CATALOGUE, Command, Qemu
from conformance.adapters.options import flag, number
from spiceproto.errors import LocalError


def test_flags() -> None:
    assert flag({"tls": "1"}, "tls")
    assert flag({"tls": ""}, "tls")
    assert not flag({"tls": "off"}, "tls")
    assert not flag({}, "tls")
    with pytest.raises(LocalError, match="perhaps"):
        flag({"tls": "perhaps"}, "tls")


def test_numbers() -> None:
    assert number({"displays": "2"}, "displays", 1) == 2
    assert number({}, "displays", 1) == 1
    for wrong in ("0", "-1", "x", ""):
        with pytest.raises(LocalError, match="not a number"):
            number({"displays": wrong}, "displays", 1)


@pytest.mark.parametrize("scheme", sorted(CATALOGUE))
def test_unknown_options_are_refused(scheme: str) -> None:
    with pytest.raises(LocalError, match="no such option"):
        CATALOGUE[scheme]({"no-such": "1", "command": "x"} if scheme == "client" else {"no-such": "1"})  # type: ignore[call-arg]


def test_catalogue() -> None:
    assert set(CATALOGUE) == {"qemu", "andris", "spice-gtk", "spicy-screenshot", "remote-viewer", "ryll", "client"}
    assert {made.role for made in CATALOGUE.values()} == {"server", "client"}
    for scheme, made in CATALOGUE.items():
        assert made.scheme == scheme
        assert isinstance(made.missing(), str)


def test_what_cannot_be_together() -> None:
    with pytest.raises(LocalError, match="Unix socket"):
        Qemu({"unix": "1", "tls": "1"})
    with pytest.raises(LocalError, match="without a command"):
        Command({})
    with pytest.raises(LocalError, match="No closing quotation"):
        Command({"command": "'x"})


def test_controls_are_methods() -> None:
    for options in ({}, {"ticket": "x", "guest": "pointer"}):
        qemu = Qemu(options)
        for control in qemu.controls:
            assert callable(getattr(qemu, control.replace("-", "_")))
    assert "set-password" not in Qemu({}).controls
    assert "pointer" not in Qemu({}).controls
