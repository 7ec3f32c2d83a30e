"""Options of an address are checked before anything is started."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from conformance.adapters import programs
from conformance.adapters.options import flag, number, words
from conformance.adapters.programs import CATALOGUE, spice_gtk
from conformance.adapters.programs.command import Command
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.spice_gtk import SpiceGtk
from spiceproto.controls import control
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


def test_words() -> None:
    assert words("main+inputs") == words("main,inputs") == words(" main inputs") == ["main", "inputs"]
    assert words("") == []


@pytest.mark.parametrize("scheme", sorted(CATALOGUE))
def test_unknown_options_are_refused(scheme: str) -> None:
    with pytest.raises(LocalError, match="no such option"):
        CATALOGUE[scheme]({"no-such": "1", "command": "x {port}"} if scheme in ("client", "server") else {"no-such": "1"})  # type: ignore[call-arg]


@pytest.mark.parametrize("guest", ["", "pointer", "640x480x8", "640x480x32+800x600x32"])
def test_films_want_one_mode_of_32_bits(guest: str) -> None:
    assert Qemu({"guest": "640x480x32", "video": "1"}).controls >= {"guest", "streaming-video"}
    with pytest.raises(LocalError, match="no film"):
        Qemu({"guest": guest, "video": "1"})


def test_catalogue() -> None:
    assert CATALOGUE["qemu"] is Qemu and CATALOGUE["client"] is Command
    assert {made.role for made in CATALOGUE.values()} == {"server", "client"}
    for scheme, made in CATALOGUE.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", scheme)
        assert isinstance(made.missing(), str)


def test_a_file_of_programs_has_one_program() -> None:
    files = [path.stem for path in Path(programs.__file__).parent.glob("*.py") if path.stem != "__init__"]
    assert sorted(made.__module__.rpartition(".")[2] for made in CATALOGUE.values()) == sorted(files)


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
        for verb in qemu.controls:
            row = control("server", verb)
            assert set(inspect.signature(getattr(qemu, row.method)).parameters) >= {value.name for value in row.values}
    assert "set-password" not in Qemu({}).controls
    assert "pointer" not in Qemu({}).controls


def test_the_driver_of_spice_gtk_has_a_method_for_each_verb() -> None:
    files = list(spice_gtk._DRIVER.parent.glob("spice_gtk_*.py"))
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    methods = {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("do_")}
    named = {"do_" + verb.replace("-", "_") for verb in SpiceGtk.verbs}
    assert methods == named | {"do_connect", "do_quit"}
