"""Questions to the server as a program: what stands still, what is called off, and mistakes of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from reference_server import Guest, Options, make_server
from reference_server.departure import Destination, Kind
from reference_server.handover import Incoming, hand_over
from reference_server.migration import Migration
from reference_server.program_controls import TABLE, ProgramControls
from reference_server.shell import Shell
from reference_server.tests.memory import serve, ticket_key
from spiceproto import dispatch, limits
from spiceproto.controls.audience import Audience, Listener
from spiceproto.errors import LocalError
from spiceproto.size_limits import size_limit
from spiceproto.tests.peers import PATIENCE


class Driven:
    """A program without sockets. ``ended`` is set by ``shutdown``."""

    def __init__(self, **options: Any) -> None:
        self.shell = Shell(make_server(Options(ticket_key=ticket_key, **options), Guest(size=(64, 48))))
        self.server = self.shell.server
        self.ended = asyncio.Event()

        async def carry(destination: Destination, kind: Kind, place: str) -> Any:
            return await hand_over(self.shell, destination, kind, place)

        self.controls = ProgramControls(self.shell, Audience(), stop=self.ended.set, hand_over=carry)

    async def ask(self, verb: str, **values: Any) -> dict[str, Any]:
        """The whole answer."""
        found = await self.controls.answer(json.dumps({"do": verb} | values).encode(), Listener(lambda line: None))
        lines: dict[str, Any] = json.loads(json.dumps(found))
        return lines


def run(act: Callable[[Driven], Awaitable[None]], **options: Any) -> None:
    async def body() -> None:
        driven = Driven(**options)
        try:
            async with asyncio.timeout(PATIENCE):
                await act(driven)
        finally:
            await driven.shell.close()

    asyncio.run(body())


def test_every_verb_has_a_method() -> None:
    assert [verb for verb, row in TABLE.items() if verb != "events" and not hasattr(ProgramControls, row.method)] == []


def test_a_mistake_of_the_server_has_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any) -> None:
        raise KeyError("boom")

    monkeypatch.setattr(ProgramControls, "do_clients", broken)

    async def act(driven: Driven) -> None:
        said = await driven.ask("clients")
        assert said["answer"] == "error" and said["text"] == "a mistake of the server itself: KeyError: 'boom'"
        assert (await driven.ask("shutdown"))["answer"] == "ok" and driven.ended.is_set()

    run(act)


def test_tickets_where_there_are_none() -> None:
    async def act(driven: Driven) -> None:
        assert "logins are by SASL" in (await driven.ask("ticket", password="x"))["text"]

    run(act, ticket=False, sasl=True)


def test_a_scene_is_no_program() -> None:
    async def act(driven: Driven) -> None:
        await driven.ask("guest", name="chart")
        assert (await driven.ask("state"))["value"]["guest"] == "chart"
        assert (await driven.ask("scene", number=1))["value"]["scene"] == "areas"
        assert (await driven.ask("state"))["value"]["guest"] is None
        assert (await driven.ask("resolution", width=32, height=24))["answer"] == "ok"

    run(act)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    expected = (
        ("fault", {"on": False}, "no fault is on"),
        ("fault", {"name": "off"}, "on=off"),
        ("drop", {"session": 5}, "there is no session 5: no client is there"),
        ("drop", {"connection": 5}, "there is no connection 5: nobody is connected"),
        ("picture", {"path": "seen.jpg"}, "picture writes no .jpg file; expected a name that ends in .png; found seen.jpg"),
        ("migrate", {"host": "127.0.0.1", "port": 1, "guest": nowhere}, "--incoming of the destination"),
    )

    async def act(driven: Driven) -> None:
        for verb, values, words in expected:
            said = await driven.ask(verb, **values)
            assert said["answer"] == "error" and words in said["text"]

    run(act)


def test_a_guest_on_its_way_is_left_alone() -> None:
    async def act(driven: Driven) -> None:
        driven.server.save()
        for verb, values in (("animate", {"count": 1}), ("resolution", {"width": 8, "height": 8}), ("migrate-cancel", {})):
            assert "on its way" in (await driven.ask(verb, **values))["text"], verb
        for verb in ("state", "clients", "hello"):
            assert (await driven.ask(verb))["answer"] == "ok"
        driven.server.migrate_cancel()
        assert (await driven.ask("animate", count=1))["answer"] == "ok"

    run(act)


def test_another_controller_calls_a_migration_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While clients do not answer; then the guest is where it was, and may still go."""
    silent = True
    monkeypatch.setattr(Migration, "waits", lambda self, now: silent)

    async def act(driven: Driven) -> None:
        nonlocal silent
        there = Shell(make_server(Options(ticket_key=ticket_key), Guest(size=(64, 48))))
        incoming = Incoming(there)
        place = await incoming.listen(str(tmp_path / "guest"))
        question = {"host": "127.0.0.1", "port": 5930, "guest": place}
        going = asyncio.create_task(driven.ask("migrate", **question))
        while driven.server.migration is None:
            await asyncio.sleep(0)
        assert (await driven.ask("state"))["value"]["migrating"]
        assert (await driven.ask("migrate", **question))["text"] == "a migration is under way"
        assert (await driven.ask("migrate-cancel"))["answer"] == "ok"
        assert (await going)["text"] == "the migration was called off"
        assert driven.server.here and not there.server.here and driven.server.migration is None
        silent = False
        while (said := await driven.ask("migrate", **question))["answer"] != "ok":
            assert "on its way from somewhere else" in said["text"]
            await asyncio.sleep(0.01)
        assert there.server.here and not driven.server.here
        assert (await driven.ask("migrate", **question))["text"] == "the guest has left for another server"
        incoming.close()
        await there.close()

    run(act)


def test_a_server_that_keeps_nothing_goes_semi_seamlessly_at_best() -> None:
    async def act(driven: Driven) -> None:
        driven.server.migrate_begin(Destination("there", 1))
        assert driven.server.migration is not None and driven.server.migration.kind == "semi-seamless"
        with pytest.raises(LocalError, match="a migration is under way"):
            driven.server.migrate_begin(Destination("there", 1))

    run(act, seamless=False)


def test_an_agent_that_may_not_point() -> None:
    async def act(driven: Driven) -> None:
        await driven.ask("agent", present=True)
        state = (await driven.ask("state"))["value"]
        assert state["agent"] and state["mouse_modes"] == ["server"] and not driven.server.agent.points

    run(act, agent_mouse=False)


def test_a_notice_that_no_message_has() -> None:
    """Nobody's session ends; one that a client can read reaches it."""
    wire = serve(Guest(size=(64, 48)))
    line, _ = wire.main()
    line.read()
    for text in ("\ud800x", "a\0b", "x" * (limits.NOTICE + 1)):
        with pytest.raises(LocalError, match="no text for users"):
            wire.server.notify(text)
    wire.server.notify("x" * limits.NOTICE)
    (notice,) = line.read()
    type, body = dispatch.build("main", "server", notice)
    assert len(body) == size_limit("main", "server", type).size and wire.server.sessions


def test_a_password_that_no_ticket_has() -> None:
    async def act(driven: Driven) -> None:
        for password in ("x" * 61, "x\0"):
            with pytest.raises(LocalError, match="password"):
                driven.server.set_password(password)
        for verb in ("ticket", "set-password"):
            assert (await driven.ask(verb, password="x" * 61))["answer"] == "error"
        assert driven.server.policy.password is None
        assert (await driven.ask("ticket", password="x" * 60))["answer"] == "ok"

    run(act)
