"""Clients: at the destination of a migration (3.3)."""

from __future__ import annotations

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.main.client_steps import asked_anew
from conformance.channels import COMMON, LISTED
from spiceproto.enums.capabilities import MainCapability
from spiceproto.messages import main


@client_case("SPICE-MAIN-024/in-a-new-session", channel="main")
def new_session(server: SuiteServer) -> None:
    """A session that came from nowhere, with a server that can migrate: no MIGRATE_DST_DO_SEAMLESS."""
    talk = asked_anew(server).link(COMMON.with_(MainCapability.SEMI_SEAMLESS_MIGRATE, MainCapability.SEAMLESS_MIGRATE))
    talk.send(server.init())
    server.list_channels(talk, *LISTED)
    server.link_others()
    talk.send(main.MigrateCancel())
    server.alive(talk)
    talk.expect_count("MIGRATE_DST_DO_SEAMLESS", 0, why="this is no destination")
