"""The schemas against the inventory: names, numbers, layouts, counts, pointers and conditions.

The inventory is a list of what spice.proto, the headers and the reference programs hold, made by a script without
anything of this package; ``inventory/*.json`` are copies of it, and the Python files beside them are the comparisons, one for
each. A comparison notes what differs under a dotted path, with both sides. A difference is either a mistake or a row of
``DELIBERATE``, and every row there must match something.

Paths begin with a message table and a sender (``main.server.INIT``), with a structure (``struct.Rect``), or with one of
``enum``, ``agent``, ``link``, ``migration``, ``codec`` and ``count``. Names follow, then what is compared.

Not compared, for the schemas do not hold it: conditions other than capabilities (mouse mode, transport, order), which
program has code for a message, and the device side of the agent (``stream_device``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest

from spiceproto.tests.inventory.agent import compare_agent
from spiceproto.tests.inventory.counts import compare_counts
from spiceproto.tests.inventory.deliberate import DELIBERATE
from spiceproto.tests.inventory.difference import FOLDER, Pair, load
from spiceproto.tests.inventory.enums import compare_enums
from spiceproto.tests.inventory.images import compare_codecs
from spiceproto.tests.inventory.link import compare_link, compare_migration
from spiceproto.tests.inventory.messages import compare_channels, compare_structs

SECTIONS = {
    "channels": lambda: compare_channels(load("messages")),
    "structs": lambda: compare_structs(load("messages")["structs"]),
    "enums": compare_enums,
    "agent": compare_agent,
    "link": compare_link,
    "migration": compare_migration,
    "codecs": compare_codecs,
    "counts": compare_counts,
}


@cache
def differences(section: str) -> Mapping[str, Pair]:
    return SECTIONS[section]()


@pytest.mark.parametrize("section", SECTIONS)
def test_differs_only_on_purpose(section: str) -> None:
    unexplained = {
        path: pair
        for path, pair in sorted(differences(section).items())
        if not any(fnmatchcase(path, pattern) for pattern in DELIBERATE)
    }
    assert not unexplained, "\n".join(f"{p}: inventory {a!r}, schema {b!r}" for p, (a, b) in unexplained.items())


@pytest.mark.parametrize("pattern", DELIBERATE)
def test_deliberate_is_still_different(pattern: str) -> None:
    assert any(fnmatchcase(path, pattern) for section in SECTIONS for path in differences(section))


def _changed(change: str) -> Any:
    """The inventory of messages with one thing changed."""
    copy = json.loads((FOLDER / "messages.json").read_text())
    main = next(item for item in copy["channels"] if item["name"] == "main")
    init = next(item for item in main["server"] if item["name"] == "init")
    match change:
        case "INIT.number":
            init["type"] = 104
        case "INIT.constant":
            init["constant"] = "SPICE_MSG_INIT"
        case "INIT.ram_hint.wire":
            init["fields"][-1]["wire"] = "int32"
        case "INIT.order":
            init["fields"].reverse()
        case "INIT.size":
            init["size"] = 36
        case "INIT.capability":
            init["condition"] = {"peer_cap": "SPICE_MAIN_CAP_NAME_AND_UUID"}
        case "INIT.ram_hint":
            init["fields"].pop()
        case "INIT":
            main["server"].remove(init)
    return copy


@pytest.mark.parametrize(
    "change",
    [
        "INIT",
        "INIT.capability",
        "INIT.constant",
        "INIT.number",
        "INIT.order",
        "INIT.ram_hint",
        "INIT.ram_hint.wire",
        "INIT.size",
    ],
)
def test_notices(change: str) -> None:
    """The comparison would see a mistake."""
    path = f"main.server.{change}"
    assert path not in differences("channels")
    assert path in compare_channels(_changed(change))
