"""The reference client at the reference server with a proxy between them: SASL, and a client that is driven."""

from __future__ import annotations

from pathlib import Path

import msgspec

from reference_client.plan import Wish
from reference_client.tests.test_reference_server import reference_server, said
from reference_client.tests.test_shell import Session, all_linked, refusal, run
from spiceproto.tests.proxy_program import proxy


def test_sasl_passes(tmp_path: Path) -> None:
    with reference_server("--sasl", "--username", "me", "--password", "sesame") as (port, process):

        async def body(session: Session) -> None:
            await all_linked(session)
            session.act("motion", 3, 4)

        with proxy(tmp_path / "proxy", f"spice://127.0.0.1:{port}") as found:
            run(Wish(target=found.uri, username="me", password="sesame"), body)
            assert said(process, event="input", input="motion")["dx"] == 3
            wrong = Wish(target=found.uri, username="me", password="wrong")
            assert refusal(wrong) == refusal(msgspec.structs.replace(wrong, target=f"spice://127.0.0.1:{port}"))
    assert " 0 broken" in found.told, found.told
    assert "SCRAM" in found.shown


RULE = """
[[rule]]
name = "left, not right"
when = { channel = "inputs", message = "MOUSE_MOTION", dx = { min = 1 } }
do = "change"
set = { dx = -7 }
"""


def test_a_rule_that_changes_what_a_user_does(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULE)
    with reference_server("--disable-ticketing", "--pointer", "relative") as (port, process):

        async def body(session: Session) -> None:
            await all_linked(session)
            session.act("motion", 3, 4)

        rules = str(tmp_path / "rules.toml")
        with proxy(tmp_path / "proxy", f"spice://127.0.0.1:{port}", "--rules", rules, "--view", "server") as found:
            run(Wish(target=found.uri), body)
            assert said(process, event="input", input="motion")["dx"] == -7
    assert found.status == 0 and "MOUSE_MOTION" in found.shown and "dx=-7" in found.shown
    assert "left, not right: acted 1 times" in found.told
