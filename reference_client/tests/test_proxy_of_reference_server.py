"""The reference client at the reference server with a proxy between them: SASL, and a client that is driven."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from reference_client.plan import Wish
from reference_client.tests.test_reference_server import reference_server, said
from reference_client.tests.test_shell import Session, all_linked, refusal, run
from spiceproto.tests.peers import until
from spiceproto.tests.proxy_program import Proxy, proxy


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

[[rule]]
name = "nobody types"
when = { channel = "inputs", message = "KEY_DOWN" }
do = "drop"
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
    assert "left, not right: acted 1 time" in found.told and "nobody types: acted never" in found.told


TWICE = """
[[rule]]
when = { channel = "main", sender = "server", message = "INIT" }
do = "duplicate"
"""


def test_what_is_broken_is_told_while_it_passes(tmp_path: Path) -> None:
    """Judged is what the client hears; the server's own wire keeps the sentence."""
    (tmp_path / "rules.toml").write_text(TWICE)
    with reference_server("--disable-ticketing") as (port, _):
        for view, status in (("client", 1), ("server", 0)):
            words = ("--rules", str(tmp_path / "rules.toml"), "--view", view)
            with proxy(tmp_path / view, f"spice://127.0.0.1:{port}", *words) as found:

                async def body(session: Session, found: Proxy = found, told: bool = view == "client") -> None:
                    await asyncio.to_thread(until, lambda: "rule 1: connection" in found.told)
                    if told:
                        await asyncio.to_thread(until, lambda: "SPICE-MAIN-002: server on main:0" in found.told)

                run(Wish(target=found.uri), body)
            assert found.status == status and (f" {status} broken" in found.told)
