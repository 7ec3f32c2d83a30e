"""The display channel: what could not be drawn, and when the channel can be left."""

from __future__ import annotations

import numpy as np
import pytest

from reference_client import Client, Options
from reference_client.channels.display import Heads, Marked, init_message
from reference_client.events import NotDrawn, as_json
from reference_client.tests.scripted import CHANNELS, COMMON, ScriptedServer, session
from spiceproto.canvas.display import PROBLEMS
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageCompression, VideoCodecType
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.messages import display
from spiceproto.tests.canvas_messages import bitmap, cached, copy, fill, rect, solid

_MISSING = copy(rect(0, 0, 2, 2), cached(7), rect(0, 0, 2, 2))
"""Refers to a picture that was never sent."""


def showing(client: Client) -> ScriptedServer:
    """A server that has made a primary surface."""
    server = session(client)
    server.line(ChannelType.DISPLAY).send(display.SurfaceCreate(surface_id=0, width=4, height=3, format=32, flags=1))
    return server


def test_what_could_not_be_drawn_is_told_and_the_rest_is_drawn() -> None:
    server = showing(Client(Options(canvas=True)))
    line = server.line(ChannelType.DISPLAY)
    line.send(_MISSING, display.Mark())
    [told] = server.told(NotDrawn)
    assert (told.channel, told.display, told.message, told.code) == ("display", 0, "DrawCopy", "missing-pixmap")
    assert as_json(told)["event"] == "not-drawn" and told.text
    assert len(server.told(Marked)) == 1 and line.connection in server.open


def test_it_is_not_told_for_ever() -> None:
    server = showing(Client(Options(canvas=True)))
    line = server.line(ChannelType.DISPLAY)
    for _ in range(PROBLEMS + 5):
        line.send(_MISSING)
    assert len(server.told(NotDrawn)) == PROBLEMS


def test_who_does_not_draw_has_nothing_to_tell() -> None:
    server = showing(Client())
    server.line(ChannelType.DISPLAY).send(_MISSING)
    assert server.told(NotDrawn) == []


def test_a_channel_is_settled_behind_its_mark() -> None:
    server = showing(Client())
    assert not server.client.displays[0].settled
    server.line(ChannelType.DISPLAY).send(display.Mark())
    assert server.client.displays[0].settled


def server_that_takes(*capabilities: DisplayCapability, client: Client) -> ScriptedServer:
    return session(client, channels={**CHANNELS, (ChannelType.DISPLAY, 0): COMMON.with_(*capabilities)})


def test_what_is_preferred_is_said_behind_init_where_the_server_takes_that() -> None:
    options = Options(preferred_compression=ImageCompression.LZ4, preferred_codecs=(VideoCodecType.VP8, VideoCodecType.MJPEG))
    both = server_that_takes(
        DisplayCapability.PREF_COMPRESSION, DisplayCapability.PREF_VIDEO_CODEC_TYPE, client=Client(options)
    )
    assert both.line(ChannelType.DISPLAY).got[1:] == [
        display.PreferredCompression(ImageCompression.LZ4),
        display.PreferredVideoCodecType((VideoCodecType.VP8, VideoCodecType.MJPEG)),
    ]
    neither = session(Client(options))
    assert neither.line(ChannelType.DISPLAY).got == [init_message(options)]


def test_a_preference_changes_while_the_session_runs() -> None:
    server = server_that_takes(DisplayCapability.PREF_COMPRESSION, client=Client())
    line = server.line(ChannelType.DISPLAY)
    line.take()
    server.client.wish("preferred-compression", {"compression": "auto-glz"})
    server.run()
    assert line.take() == [display.PreferredCompression(ImageCompression.AUTO_GLZ)]
    with pytest.raises(LocalError, match="no such compression"):
        server.client.displays[0].prefer_compression("zip")
    with pytest.raises(LocalError, match="can not be asked"):
        server.client.displays[0].prefer_codecs()


@pytest.mark.parametrize("options", [Options(pixmap_cache_size=-1), Options(glz_window_size=1 << 26)])
def test_caches_that_can_not_be_are_refused(options: Options) -> None:
    with pytest.raises(LocalError, match="out of range"):
        Client(options)


def test_a_client_keeps_what_it_announced_and_no_more() -> None:
    """Two pictures fit into the cache; the third is told, and one that was dropped makes room for it."""
    server = showing(Client(Options(canvas=True, pixmap_cache_size=24, glz_window_size=0)))
    line = server.line(ChannelType.DISPLAY)
    assert line.got[0].pixmap_cache_size == 24 and line.got[0].glz_dictionary_window_size == 0
    picture = np.full((3, 4), 0x00123456, np.uint32)
    keep = [copy(rect(0, 0, 4, 3), bitmap(picture, id=number, flags=1), rect(0, 0, 4, 3)) for number in (1, 2, 3)]
    line.send(*keep)
    assert [told.code for told in server.told(NotDrawn)] == ["limit"]
    line.send(display.InvalList((display.ResourceID(1, 1),)), keep[2])
    line.send(copy(rect(0, 0, 4, 3), cached(3), rect(0, 0, 4, 3)))
    assert len(server.told(NotDrawn)) == 1


def test_heads_are_told_and_cut_out_of_the_picture() -> None:
    server = showing(Client(Options(canvas=True)))
    line = server.line(ChannelType.DISPLAY)
    line.send(fill(rect(2, 0, 4, 2), solid(0x00FF0000)))

    def head(number: int, x: int, y: int) -> display.Head:
        return display.Head(monitor_id=number, surface_id=0, width=2, height=2, x=x, y=y, flags=0)

    line.send(display.MonitorsConfig(4, (head(0, 0, 0), head(1, 2, 0), head(2, 9, 9))), display.MonitorsConfig(4, ()))
    [told] = server.told(Heads)
    assert told.heads == ((0, 0, 0, 0, 2, 2), (1, 0, 2, 0, 2, 2), (2, 0, 9, 9, 2, 2)) and told.most == 4
    shown = server.client.displays[0]
    assert shown.picture(head=0).tolist() == [[[0, 0, 0]] * 2] * 2
    assert shown.picture(head=1).tolist() == [[[255, 0, 0]] * 2] * 2
    assert shown.picture(head=2).size == 0
    with pytest.raises(LocalError, match="no head 3"):
        shown.picture(head=3)
