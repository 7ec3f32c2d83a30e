"""Clients: the end of a semi-seamless migration, and the session that begins anew (19.4)."""

from __future__ import annotations

from typing import Final

import msgspec

from conformance.as_server import BOTH_MODES, SuiteServer
from conformance.case import client_case
from conformance.cases.agent.steps import agent_of
from conformance.cases.display.drawing import cached, copy, fill, patch, picture, stripes
from conformance.cases.display.screen import PICTURE, Screen
from conformance.cases.migration.client_steps import SEMI, Move, half_sent, migrating, need, prepare
from conformance.cases.mouse.pointer import Pointer
from conformance.cases.sound.steps import data, mode, start
from conformance.cases.sound.tones import TONES, check_pitches, encoded, heard, in_any_encoding
from conformance.channels import LISTED
from conformance.expectation import check_value
from conformance.outcome import Failure
from spiceproto.agent.pieces import AgentReader
from spiceproto.enums.audio import AudioDataMode
from spiceproto.enums.image import ImageFlags
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.errors import RemoteError
from spiceproto.messages.image import Image

_DISPLAY: Final = (int(ChannelType.DISPLAY), 0)
_INPUTS: Final = (int(ChannelType.INPUTS), 0)
_PLAYBACK: Final = (int(ChannelType.PLAYBACK), 0)
_KEY: Final = 0x1E
_TOKENS: Final = 10


def _arrived(server: SuiteServer, *wanted: tuple[int, int]) -> Move:
    """A semi-seamless migration to its end: the session has begun anew at the destination, and goes on."""
    move = migrating(server, SEMI, *wanted, listed=(*LISTED, *[key for key in wanted if key not in LISTED]))
    move.ready()
    move.over()
    return move


@client_case("SPICE-MIG-031/waits-for-the-source", channel="main")
def waits_for_the_end(server: SuiteServer) -> None:
    """All is linked: nothing of MIGRATE_END at the destination until the source says it, and then once."""
    move = migrating(server, SEMI)
    move.ready()
    move.main.expect_none("MIGRATE_END", after=0, why="the source has not ended the migration")
    move.end()
    move.main.expect_none("MIGRATE_END", after=1, why="it was said")


@client_case("SPICE-MIG-032/main", channel="main")
def leaves_main(server: SuiteServer) -> None:
    """MIGRATE_END, and INIT of the destination: main at the source is closed, and the session goes on."""
    move = migrating(server, SEMI)
    move.ready()
    move.end()
    move.begin_anew()
    move.source.expect_closed(why="the session is at the destination")
    move.there.alive(move.main, "the session is at the destination")


@client_case("SPICE-MIG-032/other-channels", channel="main")
def leaves_the_source(server: SuiteServer) -> None:
    """The same: all other connections to the source are closed, and nothing comes there any more."""
    move = migrating(server, SEMI)
    move.ready()
    move.end()
    before = {key: dict(talk.heard) for key, talk in server.talks.items()}
    move.begin_anew()
    others = [talk for talk in server.talking if talk is not move.source]
    if not server.run(lambda: all(talk.closed for talk in others), server.patience_for_a_manner):
        server.tolerate("connections to the source stay open, but for main")
    for key, talk in server.talks.items():
        said = ", ".join([name for name, count in talk.heard.items() if count > before[key].get(name, 0)])
        check_value(talk.name, "messages behind MIGRATE_END at the destination", said or "none", "none")


@client_case("SPICE-MIG-034/display", channel="display", also=("SPICE-DISPLAY-001",))
def display_anew(server: SuiteServer) -> None:
    """A display at the destination: INIT comes there once more, and no MIGRATE_DATA on any channel."""
    move = _arrived(server, _DISPLAY)
    screen = move.there.talks[_DISPLAY]
    screen.expect("INIT", why="the session has begun anew at the destination")
    for talk in move.there.talking:
        talk.expect_count("MIGRATE_DATA", 0, why="a semi-seamless migration has none")


@client_case("SPICE-MIG-034/all-channels", channel="main")
def all_go_on(server: SuiteServer) -> None:
    """All channels go on at the destination."""
    move = _arrived(server)
    for talk in move.there.talking:
        move.there.alive(talk, "the session has begun anew at the destination")


@client_case("SPICE-MIG-034/agent", channel="main")
def agent_anew(server: SuiteServer) -> None:
    """An agent is there before and behind: AGENT_START comes at the destination as well."""
    prepare(server, SEMI)
    with server.preparing("a session with an agent"):
        end = agent_of(server)
        server.link_others()
    need(server, end.talk, SEMI)
    move = Move(server, end.talk, SEMI)
    server.relies_on("SPICE-MIG-032/main")
    move.ready()
    move.end()
    move.main.send(msgspec.structs.replace(move.there.init(), agent_connected=1, agent_tokens=_TOKENS))
    move.main.expect("AGENT_START", why="there is an agent at the destination")
    move.there.begin_anew()
    move.there.alive(move.main)


@client_case("SPICE-MIG-034/picture", channel="display", tags=(PICTURE,))
def picture_anew(server: SuiteServer) -> None:
    """The surface is made anew: what is drawn at the destination is shown, and nothing of what was drawn at the source."""
    move, screen = _screen_anew(server)
    screen.draw(*reversed(stripes()), fill((5, 5, 30, 20), 0x808000))
    screen.expect_same("the session has begun anew at the destination")
    _ = move


@client_case("SPICE-MIG-034/images-with-the-same-ids", channel="display", tags=(PICTURE,))
def images_anew(server: SuiteServer) -> None:
    """Images are kept under the ids that others had at the source: those of the destination are drawn again."""
    kept = [_kept(seed, id) for seed, id in ((1, 11), (50, 12))]
    _, screen = _screen_anew(server, *[copy(image, (5, 5, 25, 25)) for image in kept])
    others = [_kept(seed, id) for seed, id in ((99, 11), (7, 12))]
    screen.draw(*stripes())
    screen.draw(*[copy(image, (25 * at + 2, 5, 25 * at + 22, 25)) for at, image in enumerate(others)])
    screen.draw(*[copy(cached(image), (25 * at + 2, 30, 25 * at + 22, 50)) for at, image in enumerate(others)])
    screen.expect_same("images of the destination have the ids of other images of the source")


def _kept(seed: int, id: int) -> Image:
    return picture(patch(20, 20, seed=seed), flags=ImageFlags.CACHE_ME, id=id)


def _screen_anew(server: SuiteServer, *drawn: object) -> tuple[Move, Screen]:
    """A screen of the destination, behind one of the source on which something was drawn."""
    prepare(server, SEMI)
    before = Screen(server)
    need(server, server.main_talk, SEMI)
    with server.preparing("a session with a picture"):
        server.link_others()
        before.draw(*stripes(), *drawn)
        before.alive()
    move = Move(server, server.main_talk, SEMI)
    move.ready()
    move.there.greetings = dict(server.greetings)
    move.over()
    return move, Screen(move.there, arrived=True)


@client_case("SPICE-MIG-034/key", channel="inputs", needs=("act:key",), requires=("SPICE-MOUSE-026/down-and-up",))
def key_anew(server: SuiteServer) -> None:
    """A key that is pressed afterwards comes to the destination."""
    move = _arrived(server, _INPUTS)
    keyboard = move.there.talks[_INPUTS]
    move.there.alive(keyboard)
    move.there.act("key", code=_KEY, down=True)
    keyboard.expect_message("KEY_DOWN", "KEY_SCANCODE", why="the session is at the destination")
    move.there.act("key", code=_KEY, down=False)
    keyboard.expect_message("KEY_UP", "KEY_SCANCODE", why="the session is at the destination")


@client_case(
    "SPICE-MIG-034/motion",
    MouseMode.SERVER.value,
    channel="inputs",
    needs=("act:motion",),
    requires=("SPICE-MOUSE-012/in-server-mode",),
)
@client_case(
    "SPICE-MIG-034/position",
    MouseMode.CLIENT.value,
    channel="inputs",
    needs=("act:position",),
    requires=("SPICE-MOUSE-013/in-client-mode",),
)
def pointer_anew(server: SuiteServer, wanted: int) -> None:
    """INIT of the destination has this mouse mode: movements of its kind come there."""
    move = migrating(server, SEMI, _INPUTS)
    move.ready()
    move.over(supported=BOTH_MODES if wanted == MouseMode.CLIENT else MouseMode.SERVER, current=wanted)
    move.there.alive(move.there.talks[_INPUTS])
    Pointer(move.there, move.there.talks[_INPUTS]).acted(wanted)


@client_case("SPICE-MIG-034/sound", channel="playback", needs=("act:heard",), requires=("SPICE-SOUND-027/samples",))
@in_any_encoding
def sound_anew(server: SuiteServer) -> None:
    """Sound that begins at the destination is heard."""
    move = _arrived(server, _PLAYBACK)
    talk = move.there.talks[_PLAYBACK]
    talk.send(mode(), start(), *data(*encoded(AudioDataMode.RAW)))
    move.there.alive(talk)
    frequency, samples = heard(server, lambda path: server.act("heard", path=path))
    check_pitches("the client plays what was sent at the destination", frequency, samples, TONES)


@client_case("SPICE-MIG-035/asks-for-the-list", channel="main")
def asks_for_the_list(server: SuiteServer) -> None:
    """INIT of the destination: ATTACH_CHANNELS behind it."""
    move = migrating(server, SEMI)
    server.relies_on("SPICE-MIG-032/main")
    move.ready()
    move.end()
    move.main.send(move.there.init())
    if not move.main.wait_count("ATTACH_CHANNELS", within=server.patience_for_a_manner):
        server.tolerate("no ATTACH_CHANNELS behind INIT of the destination")
    move.there.begin_anew()
    move.there.alive(move.main)


@client_case("SPICE-MIG-036/semi-seamless", channel="main")
def listed_later(server: SuiteServer) -> None:
    """Behind a semi-seamless migration one more channel is listed at the destination: it is linked there."""
    added = (int(ChannelType.DISPLAY), 1)
    move = _arrived(server)
    move.there.name_channels(move.main, added)
    move.there.linked(*added)


@client_case("SPICE-MAIN-015/linked-ahead", channel="main")
def not_linked_again(server: SuiteServer) -> None:
    """The list of the destination names the channels that are linked: none is linked once more."""
    move = migrating(server, SEMI)
    server.relies_on("SPICE-MIG-032/main")
    move.ready()
    move.end()
    move.main.send(move.there.init())
    move.main.wait_count("ATTACH_CHANNELS", within=server.network.quiet)
    before = len(move.there.links)
    move.there.name_channels(move.main, *[key for key in server.talks if key != (ChannelType.MAIN, 0)])
    move.there.begin_anew()
    move.there.alive(move.main)
    server.wait_quiet()
    again = ", ".join([asked.name for asked in move.there.links[before:]])
    check_value("destination", "channels that are linked once more", again or "none", "none")


@client_case("SPICE-MIG-037/copy", channel="main", needs=("act:copy",), requires=("SPICE-AGENT-020/first",))
def half_a_message(server: SuiteServer) -> None:
    """Half of a clipboard was sent at the source: at the destination the agent hears messages from their beginning."""
    move, _ = half_sent(server, SEMI)
    server.relies_on("SPICE-MIG-032/main")
    move.ready()
    move.end()
    move.main.send(msgspec.structs.replace(move.there.init(), agent_connected=1, agent_tokens=_TOKENS))
    move.there.begin_anew()
    move.main.wait_count("AGENT_DATA", within=server.network.quiet)
    # What comes until it has heard a ping, too; and nothing is dropped that has come before.
    move.there.so_far(move.main, why="the session begins anew at the destination")
    reader = AgentReader()
    for message in move.main.pieces:
        try:
            list(reader.receive(bytes(message.parsed.data)))
        except RemoteError as error:
            raise Failure("pieces of an agent message from its beginning", f"no agent message: {error}") from None
