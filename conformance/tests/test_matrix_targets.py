"""The file that names implementations."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.matrix.targets import Target, read
from spiceproto.errors import LocalError


def written(folder: Path, text: str) -> Path:
    path = folder / "targets.toml"
    path.write_text(text)
    return path


def test_what_holds_for_all_holds_where_nothing_else_is_said(tmp_path: Path) -> None:
    text = """
[every]
level = "must"
timeout = 60
[[target]]
name = "One server"
address = "ref:server"
[[target]]
name = "two"
address = "ref:client"
level = "should"
min-executed = 0
"""
    one, two = read(written(tmp_path, text))
    assert one == Target("One server", "ref:server", level="must", timeout=60.0) and one.slug == "One_server"
    assert two.level == "should" and two.options(tmp_path)[-2:] == ["--min-executed", "0"]


def test_paths_begin_at_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text("")
    target = Target("a", "qemu:", waivers="known.toml", config="q.toml")
    options = target.options(tmp_path)
    assert options[options.index("--waivers") + 1] == str(tmp_path / "known.toml")
    assert options[options.index("--config") + 1] == str(tmp_path / "q.toml")
    assert Target("a", "qemu:", waivers="builtin").options(tmp_path)[-1] == "builtin"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1 to 200 targets"),
        ("[target]\nname = 'a'", "tables [[target]]"),
        ("[[target]]\nname = 'a'", "address"),
        ("[[target]]\nname = 'a'\naddress = 5", "Expected `str`"),
        ("[[target]]\nname = 'a'\nadress = 'ref:server'", "expected address"),
        ("[[target]]\nname = '../a'\naddress = 'ref:server'", "a name that is none"),
        ("[[target]]\nname = 'pairs'\naddress = 'ref:server'", "a name that is none"),
        ("[[target]]\nname = 'a'\naddress = 'ref:server'\nlevel = 'most'", "an unknown level"),
        ("[[target]]\nname = 'a'\naddress = 'ref:server'\ntimeout = nan", "a timeout without sense"),
        ("[[target]]\nname = 'a'\naddress = 'ref:server'\nstart = 'x --port {port}'", "do not share"),
        ("[[target]]\nname = 'a b'\naddress = 'ref:server'\n[[target]]\nname = 'A_B'\naddress = 'ref:client'", "one name"),
        ("[[target]", "a file of targets with a mistake"),
        ("[other]", "and nothing else"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(LocalError) as error:
        read(written(tmp_path, text))
    assert said in str(error.value)
