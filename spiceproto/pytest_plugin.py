"""The door of the suite to pytest: ``pytest --spice-target=ADDRESS`` collects its cases in anybody's run.

Every pytest loads this module in whose environment the suite is installed. Without a target it does nothing and imports
nothing. With one the suite is found by its place (:mod:`spiceproto.siblings`) and leaves the name ``conformance`` to the
project whose tests are run.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

__all__: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("spice", "SPICE conformance")
    group.addoption("--spice-target", metavar="ADDRESS", help="what to test, as in `spiceconf run ADDRESS`")
    group.addoption("--spice-config", metavar="FILE", type=Path, help="TOML file with credentials and options of the target")
    group.addoption("--spice-password-file", metavar="FILE", type=Path, help="file with the password of the target")
    group.addoption("--spice-ca-file", metavar="FILE", type=Path, help="PEM file of who signed the target's certificate")
    group.addoption("--spice-wait", metavar="S", type=float, default=0.0, help="seconds in which a server may begin to listen")
    group.addoption("--spice-select", metavar="EXPR", default="", help="which cases: ids, channel:, level:, section:, ...")
    group.addoption("--spice-level", metavar="LEVEL", default="may", help="must, should or may: how strict")
    group.addoption("--spice-report", metavar="DIR", type=Path, help="write results.jsonl, junit.xml, index.html, captures")
    group.addoption("--spice-waivers", metavar="FILE", help="TOML file with failures that are known, or builtin")
    group.addoption("--spice-write-baseline", metavar="FILE", type=Path, help="write the failures of this run as waivers")
    group.addoption("--spice-min-executed", metavar="N", type=int, help="fail if fewer cases were executed; else what is usual")
    group.addoption("--spice-patience", metavar="S", type=float, default=5.0, help="leave out cases that wait longer")
    group.addoption("--spice-piece", metavar="N", type=int, default=0, help="send in pieces of N bytes")
    group.addoption("--spice-seed", metavar="N", type=int, default=0, help="seed of what is drawn")
    group.addoption("--spice-cases", metavar="PATH", type=Path, help="cases of your own, too: a Python file, or a folder")
    group.addoption("--spice-shard", metavar="I/N", default="", help="part I of N of the cases; spiceconf merge joins them")


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--spice-target"):
        return
    from spiceproto.siblings import package

    suite = package("conformance", shared=False)
    import_module(f"{suite.__name__}.plugin").begin(config)
