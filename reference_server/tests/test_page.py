"""The program in docs/reference.md runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from reference_server import Server
from spiceproto.transport import Connection

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"


@pytest.mark.skipif(not PAGE.exists(), reason="the page is in a checkout only")
def test_the_program_of_the_page() -> None:
    (program,) = re.findall(r"```python\n(from reference_server .*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(program, names)
    assert isinstance(names["server"], Server) and isinstance(names["connection"], Connection)
    assert names["guest"].agent.present and names["actions"] == [] and names["events"] == []
