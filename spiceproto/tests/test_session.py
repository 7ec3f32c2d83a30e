"""A session: what its channels share, and what it has against what they do."""

from __future__ import annotations

import pytest

from spiceproto.agent import chunks
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.agent import AgentMessageType
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import CommonCapability, InputsCapability, MainCapability
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError
from spiceproto.link import ClientLink, LinkObserver, LinkPolicy, ServerLink
from spiceproto.link_stage import LinkStage
from spiceproto.messages import common, display, inputs, main, playback
from spiceproto.session import Finding, Linked, Session

ALL_COMMON = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER)


@pytest.mark.parametrize("client", [NONE, ALL_COMMON], ids=["plain", "selection"])
@pytest.mark.parametrize(("password", "established"), [("sesame", True), ("wrong", False)])
def test_our_own_ends_keep_the_rules(client: Capabilities, password: str, established: bool) -> None:
    policy = LinkPolicy({(ChannelType.MAIN, 0): ALL_COMMON}, password=b"sesame")
    ends = ClientLink(ChannelType.MAIN, 0, 0, client, password=password), ServerLink(policy)
    observer, stage = LinkObserver(), LinkStage()
    findings: list[Finding] = []
    for _ in range(10):
        for sender, here, there in (("client", ends[0], ends[1]), ("server", ends[1], ends[0])):
            data = here.bytes_to_send()
            for item in observer.receive(sender, data):
                findings += stage.feed(item)
            if data and not there.finished:
                there.receive(data)
    assert ends[0].finished and ends[1].finished
    if not established:
        findings += stage.closed("server")
    assert findings == []
    assert stage.run.state == ("established" if established else "closed")


# -- sessions by hand

MAIN, DISPLAY, INPUTS = (ChannelType.MAIN, 0), (ChannelType.DISPLAY, 0), (ChannelType.INPUTS, 0)
BOTH = MouseMode.SERVER | MouseMode.CLIENT


def init(modes: int = BOTH, mode: int = MouseMode.SERVER) -> main.Init:
    return main.Init(
        session_id=77,
        display_channels_hint=1,
        supported_mouse_modes=modes,
        current_mouse_mode=mode,
        agent_connected=0,
        agent_tokens=10,
        multi_media_time=0,
        ram_hint=0,
    )


def channels_list(*channels: tuple[int, int]) -> main.ChannelsList:
    return main.ChannelsList(tuple(main.ChannelId(*item) for item in channels))


def started(*channels: tuple[int, int]) -> tuple[Session, Linked]:
    """A session after its first list."""
    session = Session("client")
    member = session.link(*MAIN, 0, NONE, NONE)
    session.message(member, "server", "INIT", init())
    session.message(member, "client", "ATTACH_CHANNELS", main.AttachChannels())
    session.message(member, "server", "CHANNELS_LIST", channels_list(*channels))
    assert session.take_findings() == ()
    return session, member


def broken(session: Session) -> list[str]:
    return [item.requirement for item in session.take_findings()]


def test_what_channels_share() -> None:
    session, member = started(DISPLAY, INPUTS)
    assert session.id == 77
    assert (session.supported_modes, session.mouse_mode) == (BOTH, MouseMode.SERVER)
    session.message(member, "server", "MOUSE_MODE", main.MouseModeMessage(BOTH, MouseMode.CLIENT))
    assert session.mouse_mode == MouseMode.CLIENT
    session.link(*DISPLAY, 77)
    inputs_member = session.link(*INPUTS, 77)
    assert session.open_members(ChannelType.INPUTS) == [inputs_member]
    assert inputs_member.table == "inputs" and not inputs_member.is_main
    session.closed(inputs_member)
    assert not session.over
    session.closed(member)
    assert session.over and broken(session) == []


def test_links_that_break_a_rule() -> None:
    session, _ = started(DISPLAY)
    session.link(*DISPLAY, 78)
    assert broken(session) == ["SPICE-LINK-030"]
    session.link(*DISPLAY, 77)
    assert broken(session) == ["SPICE-MAIN-015"]
    session.link(*INPUTS, 77)
    assert broken(session) == ["SPICE-MAIN-017"]
    Session().link(*MAIN, 5)
    session = Session()
    session.link(*MAIN, 5)
    assert broken(session) == ["SPICE-LINK-032"]


def test_a_channel_may_be_linked_again_when_it_was_closed() -> None:
    session, _ = started(DISPLAY)
    session.closed(session.link(*DISPLAY, 77))
    session.link(*DISPLAY, 77)
    assert broken(session) == []


def test_a_channel_is_gone_when_its_last_connection_is() -> None:
    session, _ = started(DISPLAY)
    first = session.link(*DISPLAY, 77)
    second = session.link(*DISPLAY, 77)
    assert broken(session) == ["SPICE-MAIN-015"]
    session.closed(first)
    third = session.link(*DISPLAY, 77)
    assert broken(session) == ["SPICE-MAIN-015"]
    session.closed(second)
    session.closed(third)
    session.link(*DISPLAY, 77)
    assert broken(session) == []


def test_a_channel_that_a_later_list_names() -> None:
    session, member = started(DISPLAY)
    session.closed(session.link(*INPUTS, 77))
    session.message(member, "server", "CHANNELS_LIST", channels_list(INPUTS))
    session.link(*INPUTS, 77)
    assert broken(session) == ["SPICE-MAIN-017"]


def test_main_is_in_no_list_and_everybody_links_it() -> None:
    session, member = started()
    session.closed(member)
    session.link(*MAIN, 0)
    assert broken(session) == []


def test_a_list_that_cannot_be_parsed_may_have_named_any_channel() -> None:
    session, member = started()
    session.message(member, "server", "CHANNELS_LIST", None)
    session.link(*DISPLAY, 77)
    assert broken(session) == []


def test_at_a_destination_lists_of_the_source_count() -> None:
    session = Session(id=77, destination=True)
    session.link(*MAIN, 77)
    display = session.link(*DISPLAY, 77)
    assert broken(session) == []
    session.link(*DISPLAY, 77)
    assert broken(session) == ["SPICE-MAIN-015"]
    session.closed(display)


def test_mouse_mode_reaches_over_channels() -> None:
    session, member = started(INPUTS)
    inputs_member = session.link(*INPUTS, 77)
    motion, position = inputs.MouseMotion(1, 1, 0), inputs.MousePosition(x=1, y=1, buttons_state=0, display_id=0)
    session.message(inputs_member, "client", "MOUSE_MOTION", motion)
    assert broken(session) == []
    session.message(inputs_member, "client", "MOUSE_POSITION", position)
    assert broken(session) == ["SPICE-MOUSE-012"]
    session.message(member, "server", "MOUSE_MODE", main.MouseModeMessage(BOTH, MouseMode.CLIENT))
    session.message(inputs_member, "client", "MOUSE_POSITION", position)
    assert broken(session) == []


def test_objections_change_nothing() -> None:
    session, _ = started(INPUTS)
    member = session.link(*INPUTS, 77)
    for _ in range(3):
        assert not session.objections(member, "MOUSE_MOTION", inputs.MouseMotion(1, 1, 0))
    for _ in range(8):
        session.message(member, "client", "MOUSE_MOTION", inputs.MouseMotion(1, 1, 0))
    assert broken(session) == []
    found = session.objections(member, "MOUSE_MOTION", inputs.MouseMotion(1, 1, 0))
    assert [item.requirement for item in found] == ["SPICE-MOUSE-020"]
    assert session.take_findings() == ()
    with pytest.raises(LocalError):
        Session("observer").objections(member, "MOUSE_MOTION")


def test_objections_change_nothing_that_channels_share() -> None:
    session, main_member = started(INPUTS)
    member = session.link(*INPUTS, 77)
    mode = main.MouseModeMessage(BOTH, MouseMode.CLIENT)
    session.message(main_member, "server", "MOUSE_MODE", mode)
    assert not session.objections(member, "MOUSE_POSITION")  # would settle the mode
    session.message(member, "client", "MOUSE_MOTION", inputs.MouseMotion(1, 1, 0))
    assert broken(session) == []
    session.closed(main_member, now=10.0)
    for _ in range(2):
        found = session.objections(member, "KEY_DOWN", now=21.0)
        assert [item.requirement for item in found] == ["SPICE-MAIN-019"]


def test_sound_that_was_asked_about_was_not_sent() -> None:
    session = Session("server", whole=False)
    member = session.link(ChannelType.PLAYBACK, 0, 0)
    session.message(member, "server", "MODE", playback.Mode(0, AudioDataMode.RAW, b""))
    session.message(member, "server", "START", playback.Start(channels=1, format=AudioFmt.S16, frequency=8000, time=100))
    second = playback.Data(time=100, data=bytes(16000))
    for _ in range(20):
        assert session.objections(member, "DATA", second) == ()
    assert session.objections(member, "STOP") == ()
    assert session.objections(member, "VOLUME", playback.Volume((1, 2)))
    assert session.objections(member, "DATA", playback.Data(time=900, data=bytes(16000))) == ()
    for _ in range(4):
        session.message(member, "server", "DATA", second)
    session.message(member, "server", "VOLUME", playback.Volume((1,)))
    assert session.take_findings() == ()
    # What was really sent counts, also for who asks.
    for _ in range(2):
        session.message(member, "server", "DATA", second)
    assert broken(session) == ["SPICE-SYNC-004"]
    later = playback.Data(time=99, data=b"")
    assert {item.requirement for item in session.objections(member, "DATA", later)} >= {"SPICE-SOUND-022", "SPICE-SYNC-003"}


def caches(cache: int, size: int, dictionary: int) -> display.Init:
    """INIT of a display that names these."""
    return display.Init(
        pixmap_cache_id=cache, pixmap_cache_size=size, glz_dictionary_id=dictionary, glz_dictionary_window_size=1000
    )


def test_clocks_and_pictures_that_were_asked_about_were_not_sent() -> None:
    session = Session("server")
    first = session.link(*MAIN, 0)
    time = main.MultiMediaTime(1000)
    session.message(first, "server", "MULTI_MEDIA_TIME", time)
    assert session.objections(first, "MULTI_MEDIA_TIME", main.MultiMediaTime(9_000_000))
    session.message(first, "server", "MULTI_MEDIA_TIME", time)
    shown = session.link(ChannelType.DISPLAY, 0, 0)
    session.message(shown, "client", "INIT", caches(1, 1000, 1))
    surface = display.SurfaceCreate(surface_id=0, width=8, height=8, format=32, flags=1)
    assert session.objections(shown, "SURFACE_CREATE", surface) == ()
    session.message(shown, "server", "SURFACE_CREATE", surface)
    heads = display.MonitorsConfig(
        max_allowed=1, heads=(display.Head(monitor_id=0, surface_id=0, width=9, height=9, x=0, y=0, flags=0),)
    )
    for _ in range(2):
        assert session.objections(shown, "SURFACE_DESTROY", display.SurfaceDestroy(0)) == ()
        (inside,) = session.objections(shown, "MONITORS_CONFIG", heads)  # the size is still known
        assert inside.requirement == "SPICE-MONITOR-005"
    asker = Session("client")
    seen = [asker.link(ChannelType.DISPLAY, number, 0) for number in range(3)]
    asker.message(seen[0], "client", "INIT", caches(1, 1000, 1))
    for member, size in ((seen[1], 1000), (seen[2], 2000)):  # another size than the first, had that been said
        assert asker.objections(member, "INIT", caches(2, size, 2)) == ()
    assert asker.objections(seen[1], "INIT", caches(1, 1000, 2)) == ()
    assert "images" in seen[0].held
    assert not any(name.startswith(("SPICE-SYNC", "SPICE-CACHE", "SPICE-MONITOR")) for name in broken(session) + broken(asker))


def test_sizes_and_unknown_messages() -> None:
    session, member = started()
    announcement = chunks(AgentMessageType.ANNOUNCE_CAPABILITIES, (1).to_bytes(4, "little"))[0]
    session.message(member, "client", "AGENT_START", main.AgentStart(1), size=4)
    session.message(member, "client", "AGENT_DATA", None, size=2049)
    assert broken(session) == ["SPICE-FRAME-012"]
    session.message(member, "client", "AGENT_DATA", main.AgentData(announcement), size=2048)
    session.unknown(member, "server", 250)
    assert broken(session) == []
    session.unknown(member, "client", 250)
    assert broken(session) == ["SPICE-FRAME-007"]


def test_messages_that_need_a_capability() -> None:
    session, _ = started(DISPLAY, INPUTS)
    able = NONE.with_(InputsCapability.KEY_SCANCODE)
    for server, wanted in ((NONE, ["SPICE-FRAME-005"]), (able, []), (None, [])):
        member = session.link(*INPUTS, 77, NONE, server)
        session.message(member, "client", "KEY_SCANCODE", inputs.KeyScancode(b"\x1e"))
        assert broken(session) == wanted
        session.closed(member)
    display = session.link(*DISPLAY, 77, NONE, NONE)
    session.message(display, "server", "MONITORS_CONFIG")
    session.message(display, "server", "MARK")
    assert broken(session) == ["SPICE-FRAME-005"]


def test_channels_end_with_main() -> None:
    session, member = started(DISPLAY)
    display = session.link(*DISPLAY, 77)
    session.closed(member, now=100.0)
    session.message(display, "server", "PING", common.Ping(1, 1, b""), now=101.0)
    assert broken(session) == []
    session.message(display, "server", "PING", common.Ping(2, 1, b""), now=120.0)
    session.message(display, "server", "PING", common.Ping(3, 1, b""), now=121.0)
    assert broken(session) == ["SPICE-MAIN-019"]


def test_a_session_in_the_middle_raises_no_alarm() -> None:
    session = Session(whole=False)
    member = session.link(*MAIN, 0)
    display = session.link(*DISPLAY, 123)
    inputs_member = session.link(*INPUTS, 123)
    session.message(member, "server", "MOUSE_MODE", main.MouseModeMessage(BOTH, MouseMode.CLIENT))
    session.message(inputs_member, "server", "MOUSE_MOTION_ACK", inputs.MouseMotionAck())
    session.message(inputs_member, "client", "MOUSE_MOTION", inputs.MouseMotion(1, 1, 0))
    session.message(display, "client", "PONG", common.Pong(9, 9))
    session.message(display, "client", "ACK", common.Ack())
    session.message(display, "client", "ACK_SYNC", common.AckSync(3))
    assert broken(session) == []


def test_messages_that_cannot_be_parsed_are_not_judged_by_their_fields() -> None:
    session, member = started(DISPLAY)
    display = session.link(*DISPLAY, 77)
    session.message(member, "server", "MOUSE_MODE", None)
    session.message(member, "client", "MOUSE_MODE_REQUEST", None)
    session.message(display, "client", "PONG", None)
    session.message(display, "server", "SET_ACK", None)
    session.message(display, "client", "ACK_SYNC", None)
    assert broken(session) == []
    assert session.mouse_mode == MouseMode.SERVER


def test_a_finding_as_text() -> None:
    found = Finding("SPICE-X-001", "client", (ChannelType.INPUTS, 0), "too much", "at most 8", "9")
    assert str(found) == "SPICE-X-001: client on inputs:0: too much; expected at most 8; found 9"
    assert str(Finding("SPICE-X-001", "client", (77, 1), "odd")) == "SPICE-X-001: client on channel-77:1: odd"


def test_a_capability_that_was_not_announced() -> None:
    for bits, wanted in ((NONE, ["SPICE-MAIN-008"]), (NONE.with_(MainCapability.NAME_AND_UUID), [])):
        session = Session()
        member = session.link(*MAIN, 0, bits, NONE)
        session.message(member, "server", "INIT", init())
        session.message(member, "server", "NAME", main.Name(b""))
        assert broken(session) == wanted


# -- values


def test_a_value_outside_of_its_domain_is_found_on_any_channel() -> None:
    session = Session(whole=False)
    member = session.link(ChannelType.DISPLAY, 0, 1)
    session.message(member, "server", "SURFACE_DESTROY", display.SurfaceDestroy(7))
    assert session.take_findings() == ()
    session.message(member, "server", "STREAM_DESTROY", display.StreamDestroy(64), now=3.0)
    (finding,) = session.take_findings()
    assert finding == Finding(
        requirement="SPICE-FRAME-040",
        sender="server",
        channel=(ChannelType.DISPLAY, 0),
        text="STREAM_DESTROY has id outside of its values",
        expected="0 to 63",
        actual="64",
        now=3.0,
    )


def test_what_others_live_with_is_tolerated() -> None:
    session = Session(whole=False)
    member = session.link(ChannelType.MAIN, 0, 0)
    session.message(member, "client", "MOUSE_MODE_REQUEST", main.MouseModeRequest(3))
    found = session.take_findings()
    assert {item.requirement for item in found} == {"SPICE-MOUSE-007"}
    assert all(item.tolerated for item in found)


def test_an_end_is_told_of_a_value_before_it_sends_it() -> None:
    session = Session("client", whole=False)
    member = session.link(ChannelType.INPUTS, 0, 1)
    assert session.objections(member, "KEY_DOWN", inputs.KeyDown(0x1E)) == ()
    (finding,) = session.objections(member, "KEY_DOWN", inputs.KeyDown(0))
    assert finding.requirement == "SPICE-FRAME-040"


def test_a_list_names_each_channel_once() -> None:
    session = Session()
    main_channel = session.link(ChannelType.MAIN, 0, 0)

    def said(*channels: tuple[int, int]) -> list[str]:
        value = main.ChannelsList(tuple([main.ChannelId(kind, number) for kind, number in channels]))
        session.message(main_channel, "server", "CHANNELS_LIST", value)
        return [item.actual for item in session.take_findings() if item.requirement == "SPICE-MAIN-027"]

    assert session.reads_fields(main_channel, "server", "CHANNELS_LIST")
    assert said((2, 0), (2, 1), (3, 0)) == said() == []
    assert said((2, 0), (99, 7), (2, 0), (99, 7), (2, 0)) == ["display:0, channel-99:7"]
    assert said((2, 0)) == [], "lists that follow may name it again"
