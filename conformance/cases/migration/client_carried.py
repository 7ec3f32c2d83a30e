"""Clients: the end of a seamless migration, and what goes on (19.5)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import BOTH_MODES, SuiteServer
from conformance.case import client_case
from conformance.cases.agent.steps import greeted
from conformance.cases.byte_channels.steps import check_stream, of_guest, pattern, stream
from conformance.cases.cursor.pointed import Pointed, header, shape, with_alpha
from conformance.cases.display import client_glz
from conformance.cases.display.drawing import cached, copy, fill, of_surface, patch, picture, stripes, surface
from conformance.cases.display.screen import PICTURE, RESTS, Screen
from conformance.cases.display.vectors import sequence
from conformance.cases.migration.client_steps import (
    DATA,
    LETTERS,
    OF_MAIN,
    SEAMLESS,
    Move,
    half_sent,
    migrating,
    need,
    prepare,
)
from conformance.cases.migration.states import STATELESS, state
from conformance.cases.mouse.pointer import Pointer, expect_kind
from conformance.cases.sound.steps import data, mode, start
from conformance.cases.sound.tones import TONES, check_pitches, encoded, heard, in_any_encoding
from conformance.channels import LISTED
from conformance.expectation import check_value
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.agent.pieces import chunks
from spiceproto.agent.talk import build
from spiceproto.enums.audio import AudioDataMode
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.image import ImageFlags
from spiceproto.enums.inputs import MouseButton
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, cursor, display, inputs, main, playback, spicevmc
from spiceproto.messages.geometry import Point16

_DISPLAY: Final = (int(ChannelType.DISPLAY), 0)
_INPUTS: Final = (int(ChannelType.INPUTS), 0)
_CURSOR: Final = (int(ChannelType.CURSOR), 0)
_PLAYBACK: Final = (int(ChannelType.PLAYBACK), 0)
_EVERY: Final = (*LISTED, (ChannelType.PLAYBACK, 0), (ChannelType.RECORD, 0), (ChannelType.PORT, 0))
_PORT: Final = (int(ChannelType.PORT), 0)
_KEY: Final = 0x2A
"""The left shift key, which no keyboard repeats while it is held."""

_NO_ANSWERS: Final = ("ACK", "ACK_SYNC", "PONG")
_CARRIED: Final = ("SPICE-MIG-044/every-channel",)


def _linked(server: SuiteServer, *wanted: tuple[int, int]) -> Move:
    """A seamless migration of which all is linked."""
    move = migrating(server, SEAMLESS, *wanted, listed=(*LISTED, *[key for key in wanted if key not in LISTED]))
    move.ready()
    return move


# -- flush marks


@client_case("SPICE-MIG-043/every-channel", channel="main")
def flushed(server: SuiteServer) -> None:
    """MIGRATE with all flags on channels with data: a mark, and nothing behind; without flags on others: nothing."""
    move = migrating(server, SEAMLESS, listed=_EVERY)
    move.ready()
    before = {key: dict(talk.heard) for key, talk in server.talks.items()}
    move.say_migrate()
    # Who links one channel behind the other may come with more of them meanwhile.
    for key in before:
        talk = server.talks[key]
        if talk.table not in STATELESS:
            talk.expect("MIGRATE_FLUSH_MARK", why="NEED_FLUSH asks for it")
            talk.send(common.MigrateData(state(talk.table)))
    server.wait_quiet()
    for key, said in before.items():
        talk = server.talks[key]
        _check_mark(talk, said, 0 if talk.table in STATELESS else 1)


def _check_mark(talk: Talk, before: dict[str, int], wanted: int) -> None:
    """What has come on a channel of the source since then: so many marks, and nothing behind. Raises Failure."""
    since = {name: count - before.get(name, 0) for name, count in talk.heard.items() if name not in _NO_ANSWERS}
    check_value(talk.name, "MIGRATE_FLUSH_MARK behind MIGRATE", since.pop("MIGRATE_FLUSH_MARK", 0), wanted)
    others = ", ".join([name for name, count in since.items() if count])
    check_value(talk.name, "messages behind MIGRATE", others or "none", "none")


@client_case("SPICE-MIG-043/flush-alone", MigrateFlags.NEED_FLUSH, 1, channel="cursor")
@client_case("SPICE-MIG-043/no-flags", MigrateFlags(0), 0, channel="cursor")
def flags(server: SuiteServer, number: int, marks: int) -> None:
    """MIGRATE with these flags on cursor, and as usual on the others: so many marks come there, and no MIGRATE_DATA."""
    move = _linked(server, _CURSOR)
    server.relies_on(*_CARRIED)
    talk = server.talks[_CURSOR]
    before = dict(talk.heard)
    talk.send(common.Migrate(number))
    if marks:
        talk.expect("MIGRATE_FLUSH_MARK", why="NEED_FLUSH asks for it")
    del server.talks[_CURSOR]
    move.hand_over()
    move.there.alive(move.main)
    move.there.alive(move.there.talks[_CURSOR], "the channel is at the destination")
    _check_mark(talk, before, marks)
    move.there.talks[_CURSOR].expect_count("MIGRATE_DATA", 0, why="the source sent none")


# -- the data


@client_case("SPICE-MIG-044/every-channel", channel="main", also=("SPICE-MIG-045",))
def unchanged(server: SuiteServer) -> None:
    """The data of all channels that have any: each is the first message there, unchanged, and no INIT of display comes."""
    move = migrating(server, SEAMLESS, listed=_EVERY)
    move.ready()
    linked = list(server.talks)
    move.hand_over()
    move.there.alive(move.main, "the session is at the destination")
    for key in linked:
        talk = move.there.talks[key]
        talk.expect_count("MIGRATE_DATA", 0 if talk.table in STATELESS else 1)
        first = next((name for name in talk.heard if name != "MIGRATE_DST_DO_SEAMLESS"), "none")
        if talk.table not in STATELESS:
            check_value(talk.name, "first message", first, "MIGRATE_DATA")
    screen = move.there.talks.get(_DISPLAY)
    if screen is not None:
        screen.expect_count("INIT", 0, why="the state of the channel goes on")


_BODIES: Final = {
    "empty": b"",
    "one-byte": b"\x01",
    "a-mebibyte": bytes(range(256)) * 4096,
    "of-another-channel": state("inputs"),
}


@client_case("SPICE-MIG-044/empty", "empty", channel="display", requires=_CARRIED)
@client_case("SPICE-MIG-044/one-byte", "one-byte", channel="display", requires=_CARRIED)
@client_case("SPICE-MIG-044/a-mebibyte", "a-mebibyte", channel="display", requires=_CARRIED)
@client_case("SPICE-MIG-044/of-another-channel", "of-another-channel", channel="display", requires=_CARRIED)
def opaque(server: SuiteServer, which: str) -> None:
    """Data of display that mean nothing to a client: they come unchanged."""
    move = _linked(server, _DISPLAY)
    move.hand_over({"display": _BODIES[which]})
    move.there.alive(move.main)


@client_case("SPICE-MIG-044/one-behind-the-other", channel="main", requires=_CARRIED)
def one_behind_the_other(server: SuiteServer) -> None:
    """Channel by channel: each leaves the source when the one before it is at the destination; main is the last."""
    move = _linked(server)
    for key in sorted(server.talks, reverse=True):
        talk = server.talks[key]
        talk.send(common.Migrate(0 if talk.table in STATELESS else DATA))
        if talk.table not in STATELESS:
            move.carry(key, state(talk.table))
        if key != OF_MAIN:
            move.there.alive(move.there.talks[key], "this channel is at the destination")
    move.there.alive(move.main)


@client_case("SPICE-MIG-044/spoken-to-ahead", channel="main", requires=_CARRIED)
def spoken_to_ahead(server: SuiteServer) -> None:
    """The destination says SET_ACK, PING and INIT of inputs ahead, as libspice-server does: the data come, and all goes on."""
    move = _linked(server)
    for talk in move.there.talking:
        if talk.table not in STATELESS and talk is not move.main:
            talk.send(*([inputs.Init(0)] if talk.table == "inputs" else []), common.SetAck(1, 20), common.Ping(1, 7, b""))
    server.wait_quiet()
    move.hand_over()
    for key in list(server.talks):
        move.there.alive(move.there.talks[key], "the session is at the destination")


# -- what the client still knows


def _screen(server: SuiteServer, rests: tuple[str, ...] = RESTS) -> Screen:
    """A display of a session whose client can migrate seamlessly."""
    prepare(server, SEAMLESS)
    screen = Screen(server, rests=rests)
    need(server, server.main_talk, SEAMLESS)
    with server.preparing("all channels of a session"):
        server.link_others()
    return screen


def _moved(screen: Screen) -> None:
    """It goes to the destination, with what it shows."""
    screen.alive()
    server = screen.server
    move = Move(server, server.main_talk, SEAMLESS)
    move.ready()
    move.over()
    screen.server, screen.talk = move.there, move.there.talks[_DISPLAY]
    screen.talk.send(display.InvalAllPalettes())


@client_case("SPICE-MIG-060/surface", channel="display", tags=(PICTURE,))
def surface_goes_on(server: SuiteServer) -> None:
    """What was drawn at the source is shown, and what is drawn at the destination is over it."""
    screen = _screen(server)
    screen.draw(*stripes(), copy(picture(patch(20, 20, seed=3)), (2, 5, 22, 25)))
    _moved(screen)
    screen.draw(fill((10, 10, 40, 30), 0x204060))
    screen.expect_same("the surface goes on at the destination")


@client_case("SPICE-MIG-060/surface-that-is-not-shown", channel="display", tags=(PICTURE,))
def hidden_surface(server: SuiteServer) -> None:
    """A surface that was made and drawn on at the source is copied from at the destination, and one is destroyed there."""
    screen = _screen(server)
    if screen.once:
        raise NotApplicable("it takes one picture in a session")
    screen.draw(
        *stripes(), surface(7, 30, 30), *[fill((0, 0, 30, 30), 0xA0B0C0, surface=7), fill((5, 5, 20, 20), 0, surface=7)]
    )
    _moved(screen)
    screen.draw(copy(of_surface(7), (40, 10, 70, 40)), display.SurfaceDestroy(7))
    screen.expect_same("a surface of the source is used at the destination")


@client_case(
    "SPICE-MIG-060/cached-images",
    channel="display",
    tags=(PICTURE,),
    requires=("SPICE-CACHE-007/drawn-again", "SPICE-CACHE-008/all"),
)
def images_go_on(server: SuiteServer) -> None:
    """Images that were kept at the source are drawn again at the destination, and dropped there."""
    screen = _screen(server)
    if screen.init.pixmap_cache_size < 4 * 20 * 20:
        raise NotApplicable("the client keeps fewer images than the case needs")
    images = [picture(patch(20, 20, seed=seed), flags=ImageFlags.CACHE_ME) for seed in (1, 50)]
    screen.draw(*stripes(), *[copy(image, (25 * at + 2, 5, 25 * at + 22, 25)) for at, image in enumerate(images)])
    _moved(screen)
    screen.draw(*[copy(cached(image), (25 * at + 2, 30, 25 * at + 22, 50)) for at, image in enumerate(images)])
    screen.draw(display.InvalAllPixmaps(()))
    again = picture(patch(20, 20, seed=9), flags=ImageFlags.CACHE_ME, id=images[0].descriptor.id)
    screen.draw(copy(again, (60, 5, 80, 25)), copy(cached(again), (60, 30, 80, 50)))
    screen.expect_same("images of the source are in the cache")


@client_case("SPICE-MIG-060/glz-dictionary", channel="display", tags=(PICTURE,))
def dictionary_goes_on(server: SuiteServer) -> None:
    """GLZ images of the destination refer to images of the source."""
    screen = _screen(server, (*RESTS, *client_glz.STEPS.ids, "SPICE-CACHE-021/as-long-as-needed"))
    if not screen.init.glz_dictionary_window_size:
        raise NotApplicable("the client keeps no GLZ dictionary")
    screen.draw(*stripes())
    images = sequence("glz/eviction")
    for place, image in enumerate(images):
        if place == len(images) // 2:
            _moved(screen)
        size = image.descriptor
        left, top = place % 4 * 22, place // 4 * 12
        screen.draw(copy(image, (left, top, left + size.width, top + size.height)))
    screen.expect_same("images of the source are in the dictionary")


@client_case("SPICE-MIG-060/drawn-meanwhile", channel="display", tags=(PICTURE,))
def nothing_is_lost_meanwhile(server: SuiteServer) -> None:
    """What is drawn at the source while all is linked, up to MIGRATE, is shown behind it."""
    screen = _screen(server)
    screen.draw(*stripes())
    screen.alive()
    move = Move(server, server.main_talk, SEAMLESS)
    move.ready()
    screen.draw(*[fill((at, at, at + 10, at + 10), 0x102030 * at) for at in range(1, 8)])
    move.over()
    screen.server, screen.talk = move.there, move.there.talks[_DISPLAY]
    screen.draw(fill((50, 20, 70, 40), 0x80FF00))
    screen.expect_same("it was drawn at the source before MIGRATE")


# -- inputs


@client_case(
    "SPICE-MIG-050/key-and-button-held", channel="inputs", needs=("act:key",), requires=("SPICE-MOUSE-026/down-and-up",)
)
def held(server: SuiteServer) -> None:
    """A key and, where the client has one, a button are down: nothing is said of them on the way, and they go up there."""
    move = migrating(server, SEAMLESS, _INPUTS)
    keyboard = server.talks[_INPUTS]
    server.alive(keyboard)
    button = server.target.meets("act:press") and server.target.meets("act:release")
    server.act("key", code=_KEY, down=True)
    keyboard.expect_message("KEY_DOWN", "KEY_SCANCODE")
    if button:
        server.act("press", button=MouseButton.LEFT.value)
        server.so_far(keyboard)
    move.ready()
    before = dict(keyboard.heard)
    move.over()
    there = move.there.talks[_INPUTS]
    server.wait_quiet()
    _check_mark(keyboard, before, 1)
    said = ", ".join([name for name in there.heard if name not in ("MIGRATE_DATA", *_NO_ANSWERS)])
    check_value(there.name, "messages behind the migration", said or "none", "none")
    move.there.act("key", code=_KEY, down=False)
    there.expect_message("KEY_UP", "KEY_SCANCODE", why="the key goes up at the destination")
    if button:
        move.there.act("release", button=MouseButton.LEFT.value)
        there.expect("MOUSE_RELEASE", why="the button goes up at the destination")


@client_case("SPICE-MIG-050/nothing-held", channel="inputs")
def not_held(server: SuiteServer) -> None:
    """Nothing is down: nothing is said on inputs."""
    move = _linked(server, _INPUTS)
    keyboard = server.talks[_INPUTS]
    server.alive(keyboard)
    before = dict(keyboard.heard)
    move.over()
    there = move.there.talks[_INPUTS]
    move.there.alive(there)
    _check_mark(keyboard, before, 1)
    said = ", ".join([name for name in there.heard if name not in ("MIGRATE_DATA", *_NO_ANSWERS)])
    check_value(there.name, "messages behind the migration", said or "none", "none")


@client_case(
    "SPICE-MIG-060/mode-server",
    MouseMode.SERVER.value,
    channel="inputs",
    needs=("act:motion",),
    requires=("SPICE-MOUSE-012/in-server-mode",),
)
@client_case(
    "SPICE-MIG-060/mode-client",
    MouseMode.CLIENT.value,
    channel="inputs",
    needs=("act:position",),
    requires=("SPICE-MOUSE-013/in-client-mode",),
)
def mode_goes_on(server: SuiteServer, wanted: int) -> None:
    """MOUSE_MODE at the source: at the destination movements are of its kind."""
    move = migrating(server, SEAMLESS, _INPUTS)
    server.alive(server.talks[_INPUTS])
    pointer = Pointer(server, server.talks[_INPUTS])
    pointer.tell_mode(wanted, BOTH_MODES if wanted == MouseMode.CLIENT else MouseMode.SERVER)
    pointer.acted(wanted)
    move.ready()
    move.over()
    expect_kind(server, Pointer(move.there, move.there.talks[_INPUTS]).acted(wanted, 3, first=5), wanted, fresh=False)


@client_case("SPICE-MIG-060/pointer", channel="cursor", tags=(PICTURE,))
def pointer_goes_on(server: SuiteServer) -> None:
    """A shape of the source is shown and moved at the destination; one that was kept there is taken again."""
    prepare(server, SEAMLESS)
    pointed = Pointed(server)
    need(server, server.main_talk, SEAMLESS)
    with server.preparing("all channels of a session"):
        server.link_others()
    kept = cursor.Cursor(CursorFlags.CACHE_ME, header(CursorType.ALPHA, 12, 12, unique=5), with_alpha(2))
    for value in (kept, shape()):
        pointed.say(cursor.Set(Point16(40, 30), 1, value))
    pointed.screen.alive()
    _moved(pointed.screen)
    pointed.server = pointed.screen.server
    pointed.talk = pointed.server.talks[_CURSOR]
    pointed.say(cursor.Move(Point16(60, 20)))
    pointed.expect_same("the shape of the source, moved at the destination")
    again = cursor.Cursor(CursorFlags.FROM_CACHE, header(CursorType.ALPHA, 12, 12, unique=5), b"")
    pointed.say(cursor.Set(Point16(20, 40), 1, again), cursor.Move(Point16(20, 40)))
    pointed.expect_same("a shape that was kept at the source")


# -- sound, the agent, channels that come later


@client_case("SPICE-MIG-060/sound", channel="playback", needs=("act:heard",), requires=("SPICE-SOUND-027/samples",))
@in_any_encoding
def sound_goes_on(server: SuiteServer) -> None:
    """Sound that was stopped at the source begins at the destination, without another MODE: it is heard."""
    move = _linked(server, _PLAYBACK)
    talk = server.talks[_PLAYBACK]
    talk.send(mode(), start(), *data(bytes(4 * 480)), playback.Stop())
    server.alive(talk)
    move.over()
    there = move.there.talks[_PLAYBACK]
    there.send(start(), *data(*encoded(AudioDataMode.RAW)))
    move.there.alive(there)
    frequency, samples = heard(server, lambda path: server.act("heard", path=path))
    check_pitches("the client plays what was sent at the destination", frequency, samples, TONES)


@client_case("SPICE-MIG-060/port", channel="port", needs=("act:port-write", "act:port-read"))
def port_goes_on(server: SuiteServer) -> None:
    """A port that was opened at the source: at the destination the user writes into it, and reads what comes of the guest."""
    server.relies_on("SPICE-VMC-001/some-bytes-of-a-client", "SPICE-VMC-002/all-in-one-to-a-client")
    move = _linked(server, _PORT)
    talk = server.talks[_PORT]
    server.alive(talk)
    server.act("port-read", name="")
    server.act("port-write", data=pattern(30).hex(), name="")
    check_stream(stream(talk, 30), pattern(30), "what the user writes at the source")
    talk.send(spicevmc.Data(b"of the source, "))
    server.alive(talk)
    move.over()
    there = move.there.talks[_PORT]
    move.there.act("port-write", data=pattern(30, 500).hex(), name="")
    check_stream(stream(there, 30), pattern(30, 500), "what the user writes at the destination")
    there.send(spicevmc.Data(b"of the destination"))
    move.there.alive(there)
    of_guest(move.there, b"of the source, of the destination", "what was sent at both")


@client_case("SPICE-MIG-052/of-the-agent", channel="main", requires=("SPICE-AGENT-022/asked",))
def agent_message_goes_on(server: SuiteServer) -> None:
    """An announcement of the agent that asks: half of it at the source, the rest at the destination. It is answered there."""
    prepare(server, SEAMLESS)
    with server.preparing("a session with an agent"):
        end = greeted(server)
        server.link_others()
    need(server, end.talk, SEAMLESS)
    stream = b"".join(chunks(*build(end.terms, end.terms.announce())))
    half = len(stream) // 2
    end.pieces(stream[:half], text="the first half of an announcement")
    server.alive(end.talk)
    move = Move(server, end.talk, SEAMLESS)
    move.ready()
    move.over()
    end.talk = move.main
    end.pieces(stream[half:], text="the second half of an announcement")
    end.expect("AnnounceCapabilities", why="the agent has asked, on both sides of a migration", request=0)
    move.main.expect_count("AGENT_START", 0, why="the talk with the agent goes on")


@client_case("SPICE-MIG-052/of-the-client", channel="main", needs=("act:copy",), requires=("SPICE-AGENT-020/first",))
def clipboard_goes_on(server: SuiteServer) -> None:
    """A clipboard of many pieces, of which the last wait for tokens: they come at the destination, as tokens come there."""
    move, end = half_sent(server, SEAMLESS)
    sent = end.talk.count("AGENT_DATA")
    move.ready()
    move.over()
    move.main.expect_none("AGENT_DATA", after=0, why="all tokens are used up")
    end.talk, end.keeps_tokens = move.main, False
    move.main.send(main.AgentToken(sent), text="AGENT_TOKEN")
    value = end.expect("Clipboard", why="the destination has given tokens")
    if bytes(value.data) != LETTERS.encode():
        raise Failure(f"a clipboard of {len(LETTERS)} bytes, as it was copied", f"another one, of {len(value.data)} bytes")


@client_case("SPICE-MIG-036/seamless", channel="main")
def listed_later(server: SuiteServer) -> None:
    """Behind a seamless migration one more channel is listed at the destination: it is linked there."""
    added = (int(ChannelType.DISPLAY), 1)
    move = _linked(server)
    move.over()
    move.there.name_channels(move.main, added)
    move.there.linked(*added)
