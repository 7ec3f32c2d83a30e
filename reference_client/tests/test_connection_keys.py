"""Every key that remote-viewer documents is obeyed, or it is said why not."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reference_client.agent.monitors import effects_named
from reference_client.plan import Wish, plan
from reference_client.tests.test_reference_server import reference_server
from spiceproto.connection_file import EFFECTS, parse_connection_file
from spiceproto.connection_keys import OBEYED, UNUSED, too_new
from spiceproto.errors import LocalError
from spiceproto.tests.peers import PATIENCE, absent

LEAST = "[virt-viewer]\ntype=spice\nhost=h\nport=1\n"

MANUAL = Path("/usr/share/man/man1/remote-viewer.1.gz")


def test_all_keys_of_the_manual_are_known() -> None:
    if not MANUAL.exists():
        absent("not installed: the manual of remote-viewer")
    text = gzip.decompress(MANUAL.read_bytes()).decode()
    own = text.partition("Key list")[2].partition("oVirt Support")[0]
    named = {name.replace("\\", "") for name in re.findall(r'^\.ie n \.IP """(.+?)""', own, re.MULTILINE)}
    assert len(named) > 25 and named <= OBEYED | UNUSED.keys()


def test_no_key_is_both() -> None:
    assert not OBEYED & UNUSED.keys()


def test_what_nothing_is_done_with_is_told() -> None:
    lines = "".join([f"{key}=1\n" for key in [*UNUSED, "new-key"]])
    found = parse_connection_file(LEAST + lines + "[ovirt]\nhost=elsewhere\n")
    assert dict(found.unused) == {**UNUSED, "new-key": "remote-viewer has no such key"}
    assert not parse_connection_file(LEAST).unused


def test_desktop_of_the_guest() -> None:
    found = parse_connection_file(LEAST + "color-depth=16\ndisable-effects=wallpaper;animation\n")
    assert (found.color_depth, found.disable_effects) == (16, ("wallpaper", "animation"))
    odd = parse_connection_file(LEAST + "color-depth=24\ndisable-effects=all;shadows\n")
    assert (odd.color_depth, odd.disable_effects) == (0, ("all",))
    assert odd.unused == (
        ("color-depth", "the depth of a guest is 16 or 32"),
        ("disable-effects", "there is no effect shadows"),
    )


@pytest.mark.parametrize("name", EFFECTS)
def test_effects_of_files_are_those_of_options(name: str) -> None:
    assert effects_named(name)


def test_the_command_line_goes_before_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.vv"
    path.write_text(LEAST + "color-depth=16\ndisable-effects=wallpaper\n")
    _, options = plan(Wish(target=str(path)))
    assert (options.color_depth, options.disable_effects) == (16, effects_named("wallpaper"))
    _, options = plan(Wish(target=str(path), color_depth=32, disable_effects="animation"))
    assert (options.color_depth, options.disable_effects) == (32, effects_named("animation"))


@pytest.mark.parametrize(
    ("version", "wrong"),
    [
        *[(version, False) for version in ("", "11", "11.0", "11.0-3.fc9", "8.0", "x", "99.x")],
        *[(version, True) for version in ("11.0.1", "12", "99.0-1")],
    ],
)
def test_a_version_is_compared_number_by_number(version: str, wrong: bool) -> None:
    assert too_new(version) is wrong


def test_a_file_for_a_later_viewer_is_refused() -> None:
    with pytest.raises(LocalError, match=r"later remote-viewer: see http://new/; expected 11.0 or less; found 12"):
        parse_connection_file(LEAST + "version=12\nnewer-version-url=http://new/\n")


@pytest.mark.parametrize("log", ["jsonl", "text"])
def test_the_log_has_a_line_for_each(tmp_path: Path, log: str) -> None:
    path = tmp_path / "x.vv"
    with reference_server("--disable-ticketing", "--write-vv", str(path)) as (_, _):
        path.write_text(path.read_text() + "fullscreen=1\n")
        command = [sys.executable, "-m", "reference_client", "--log", log, str(path), "--duration", "1"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    lines = done.stdout.splitlines()
    if log == "text":
        assert lines[1].endswith('file-key-unused key=fullscreen text="there is no window"')
        assert " ended orderly=true " in lines[-1]
    else:
        assert json.loads(lines[1]) == {"event": "file-key-unused", "key": "fullscreen", "text": "there is no window"}
        assert json.loads(lines[-1])["event"] == "ended"


def test_a_file_that_asks_to_be_deleted_is_there_for_its_session(tmp_path: Path) -> None:
    path = tmp_path / "x.vv"
    with reference_server("--disable-ticketing", "--write-vv", str(path)) as (_, _):
        path.write_text(path.read_text() + "delete-this-file=1\n")
        command = [sys.executable, "-m", "reference_client", "--control", "--delete-file", str(path)]
        done = subprocess.run(command, input='{"do": "state"}\n', capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0 and "error" not in done.stdout and not path.exists(), done.stderr
