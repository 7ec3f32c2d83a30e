"""Clients: what they announce, and what they make of announcements (14.4); agents that go and come (14.8)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.agent.steps import TEXT, agent_of, connected, disconnected, greeted, usual_but
from conformance.expectation import check_value
from conformance.outcome import Failure, Undriven
from spiceproto.agent.pieces import chunks
from spiceproto.agent.talk import build
from spiceproto.enums.agent import AgentCapability
from spiceproto.messages import agent

_ANSWERS: Final = ("SPICE-AGENT-022/asked",)
_COPIES: Final = ("act:copy",)
_GRABS: Final = ("SPICE-AGENT-028/all",)


@client_case("SPICE-AGENT-021/asks", channel="main", requires=("SPICE-AGENT-020/first",))
def asks(server: SuiteServer) -> None:
    """A session with an agent: the first announcement of the client asks for an answer."""
    end = agent_of(server)
    check_value("ANNOUNCE_CAPABILITIES", "request", end.expect("AnnounceCapabilities").request, 1)


@client_case("SPICE-AGENT-020/first", channel="main")
def first(server: SuiteServer) -> None:
    """A session with an agent: behind AGENT_START the first agent message is ANNOUNCE_CAPABILITIES."""
    end = agent_of(server)
    end.wait(lambda: bool(end.heard))
    check_value("first agent message", "its type", end.raw[0][0] if end.raw else 0, 6)


@client_case("SPICE-AGENT-022/asked", 1, channel="main", requires=("SPICE-AGENT-020/first",))
@client_case("SPICE-AGENT-022/asked-twice", 2, channel="main", requires=("SPICE-AGENT-022/asked",))
def asked(server: SuiteServer, times: int) -> None:
    """The agent asks what the client can do: it is told, with request 0, each time. How often it asks."""
    end = greeted(server)
    for _ in range(times):
        end.announce()
        value = end.expect("AnnounceCapabilities")
        check_value("ANNOUNCE_CAPABILITIES", "request", value.request, 0)


@client_case("SPICE-AGENT-025/no-words", channel="main", needs=_COPIES, requires=_GRABS)
def no_words(server: SuiteServer) -> None:
    """An announcement without words, and the user copies: nothing is said of the clipboard."""
    end = agent_of(server, ())
    end.expect("AnnounceCapabilities")
    end.say(agent.AnnounceCapabilities(0, ()))
    end.terms.said = True
    try:
        server.act("copy", text="a text")
    except (Failure, Undriven):
        server.step("the target says no, as it may")
    end.expect_none("ClipboardGrab", why="the agent has announced nothing")
    server.alive(end.talk)


@client_case("SPICE-AGENT-026/fewer", channel="main", needs=_COPIES, requires=_GRABS)
def fewer(server: SuiteServer) -> None:
    """Selections are announced, and then no more, and the user copies: the grab has no selection and no serial."""
    end = greeted(server)
    end.terms.mine = 1 << AgentCapability.CLIPBOARD_BY_DEMAND
    end.announce()
    end.expect("AnnounceCapabilities", request=0)
    server.act("copy", text="a text")
    value = end.expect("ClipboardGrab")
    why = "the last announcement has neither selections nor serials"
    check_value("CLIPBOARD_GRAB", "types", [int(kind) for kind in value.types], [int(TEXT)], why=why)


@client_case("SPICE-AGENT-059/twice", channel="main", requires=_ANSWERS)
def greets_again(server: SuiteServer) -> None:
    """The agent goes and comes, twice: each time it is greeted with AGENT_START and ANNOUNCE_CAPABILITIES."""
    end = greeted(server)
    for _ in range(2):
        disconnected(end)
        connected(end)
        end.expect("AnnounceCapabilities", why="another agent has come")
        end.announce(request=False)


@client_case("SPICE-AGENT-060/half-a-message", channel="main", requires=("SPICE-AGENT-059/twice",))
def half_a_message(server: SuiteServer) -> None:
    """Half a message, the agent goes, and another one announces itself and asks: it is answered."""
    end = greeted(server)
    end.pieces(chunks(*build(end.terms, end.content(bytes(5000))))[0])
    disconnected(end)
    connected(end)
    end.expect("AnnounceCapabilities", why="another agent has come")
    end.announce()
    end.expect("AnnounceCapabilities", request=0, why="what the old agent had begun is gone")


@client_case("SPICE-AGENT-024/nothing-announced", channel="main", requires=_ANSWERS)
def can_do_nothing(server: SuiteServer) -> None:
    """An agent that can do nothing but reply: the client says nothing that it does not understand."""
    end = greeted(server, (AgentCapability.REPLY,))
    for kind in ("DisplayConfig", "MaxClipboard", "AudioVolumeSync", "ClipboardGrab"):
        end.expect_none(kind, why="the agent has not announced it")
    server.alive(end.talk)


@client_case(
    "SPICE-AGENT-041/one-monitor", usual_but(AgentCapability.SPARSE_MONITORS_CONFIG), channel="main", needs=("act:monitors",)
)
@client_case(
    "SPICE-AGENT-042/one-monitor",
    usual_but(AgentCapability.MONITORS_CONFIG_POSITION),
    channel="main",
    needs=("act:monitors",),
)
def monitors(server: SuiteServer, capabilities: tuple[AgentCapability, ...]) -> None:
    """The user wants one monitor, of an agent that knows less: MONITORS_CONFIG has what it knows. What it announces."""
    end = greeted(server, capabilities)
    server.act("monitors", monitors="800x600")
    value = end.expect("MonitorsConfig")
    sizes = [(item.width, item.height) for item in value.monitors]
    check_value("MONITORS_CONFIG", "sizes of monitors", [size for size in sizes if size != (0, 0)], [(800, 600)])
