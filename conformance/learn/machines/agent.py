"""The agent of a guest: what is said to it inside of AGENT_DATA, what it says, and its tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.learn.alphabet import Alphabet, Letter
from conformance.learn.machines.main import control, sends
from conformance.learn.talks import Talks
from conformance.learn.words import word
from conformance.outcome import NotApplicable
from conformance.talk import Message, Talk
from spiceproto.agent.pieces import AgentReader, chunks
from spiceproto.agent.talk import build, parse
from spiceproto.agent.terms import Terms, mask
from spiceproto.enums.agent import AgentCapability, ClipboardType
from spiceproto.errors import RemoteError
from spiceproto.messages import agent, main

__all__ = ["AGENT"]

_CAPABILITIES: Final = (
    AgentCapability.MONITORS_CONFIG,
    AgentCapability.REPLY,
    AgentCapability.CLIPBOARD_BY_DEMAND,
    AgentCapability.CLIPBOARD_SELECTION,
    AgentCapability.FILE_XFER_DETAILED_ERRORS,
)


class AgentTalks(Talks):
    """Main of a session whose guest has an agent that was not greeted yet."""

    def begin(self) -> None:
        if self.target.meets("control:agent"):
            self.control("agent", True)
        self.terms = Terms(mask(_CAPABILITIES), client=True)
        self.reader = AgentReader()
        self.session()
        if not self.client.init.agent_connected:
            raise NotApplicable("the guest has no agent")

    def say(self, letter: str, known: str | None) -> str:
        if letter == "(no agent)":
            self.terms.reset()
            self.reader = AgentReader()
        return super().say(letter, known)

    def tell(self, number: int, body: bytes) -> None:
        """One agent message, whole."""
        for piece in chunks(number, body):
            self.send(main.AgentData(piece))

    def words(self, name: str, talk: Talk, message: Message) -> list[str]:
        if message.name != "AGENT_DATA" or message.value is None:
            return [word(message)]
        found = []
        try:
            for number, _, body in self.reader.receive(bytes(message.value.data)):
                found.append(self._word(number, body))
        except RemoteError:
            return ["AGENT_DATA that cannot be read"]
        return found or ["AGENT_DATA, a piece"]

    def _word(self, number: int, body: bytes) -> str:
        value = parse(self.terms, number, body)
        if isinstance(value, agent.AnnounceCapabilities):
            self.terms.receive(value)
            return f"ANNOUNCE_CAPABILITIES{' that asks' if value.request else ''}"
        name = f"agent type {number}" if value is None else type(value).__name__
        for field in ("error", "result", "type", "selection"):
            if value is not None and hasattr(value, field):
                name += f" {field} {int(getattr(value, field))}"
        return name


def _says(make: Callable[[AgentTalks], Any]) -> Callable[[AgentTalks], None]:
    """What a letter does that says an agent message."""

    def act(talks: AgentTalks) -> None:
        talks.tell(*build(talks.terms, make(talks)))

    return act


def _grab(talks: AgentTalks) -> Any:
    kinds = (ClipboardType.UTF8_TEXT,)
    return agent.ClipboardGrabSelected(0, bytes(3), kinds) if talks.terms.selections else agent.ClipboardGrab(kinds)


def _request(kind: ClipboardType) -> Callable[[AgentTalks], Any]:
    def make(talks: AgentTalks) -> Any:
        return agent.ClipboardRequestSelected(0, bytes(3), kind) if talks.terms.selections else agent.ClipboardRequest(kind)

    return make


def _release(talks: AgentTalks) -> Any:
    return agent.ClipboardReleaseSelected(0, bytes(3)) if talks.terms.selections else agent.ClipboardRelease()


def _announce(*, request: bool) -> Callable[[AgentTalks], Any]:
    return lambda talks: talks.terms.announce(request=request)


_COPY: Final = ("control:copy",)
_RELEASE: Final = ("control:release-clipboard",)
_AGENT: Final = ("control:agent",)
_PLENTY: Final = 0xFFFFFFFF
_NO_TYPE: Final = 199
_FILE: Final = agent.FileXferStart(1, b"[vdagent-file-xfer]\nname=learned.txt\nsize=4\n\0")
_NAMELESS: Final = agent.FileXferStart(1, b"\0")
_MONITORS: Final = agent.MonitorsConfig(0, (agent.MonConfig(height=600, width=800, depth=32, x=0, y=0),))

AGENT: Final = Alphabet(
    name="agent",
    role="server",
    doc="The agent of a guest: messages inside of AGENT_DATA, and tokens.",
    begin=AgentTalks,
    letters=(
        Letter("AGENT_START", sends(main.AgentStart(_PLENTY))),
        Letter("AGENT_TOKEN", sends(main.AgentToken(1))),
        Letter(
            "ANNOUNCE_CAPABILITIES that asks",
            _says(_announce(request=True)),
            owed={"ANNOUNCE_CAPABILITIES": "SPICE-AGENT-022"},
        ),
        Letter("ANNOUNCE_CAPABILITIES", _says(_announce(request=False))),
        Letter("MONITORS_CONFIG", _says(lambda talks: _MONITORS), owed={"Reply": "SPICE-AGENT-043"}),
        Letter("CLIPBOARD_GRAB", _says(_grab)),
        Letter("CLIPBOARD_REQUEST", _says(_request(ClipboardType.UTF8_TEXT)), owed={"Clipboard": "SPICE-AGENT-034"}),
        Letter("CLIPBOARD_REQUEST png", _says(_request(ClipboardType.IMAGE_PNG)), owed={"Clipboard": "SPICE-AGENT-034"}),
        Letter("CLIPBOARD_RELEASE", _says(_release)),
        Letter("FILE_XFER_START", _says(lambda talks: _FILE), owed={"FileXferStatus": "SPICE-AGENT-053"}),
        Letter("FILE_XFER_START, no name", _says(lambda talks: _NAMELESS), owed={"FileXferStatus": "SPICE-AGENT-053"}),
        Letter("FILE_XFER_DATA", _says(lambda talks: agent.FileXferData(1, b"data"))),
        Letter("agent type 199", lambda talks: talks.tell(_NO_TYPE, b"")),
        Letter("(the guest copies)", control("copy", "of the guest", "", "text", "clipboard"), needs=_COPY),
        Letter("(the guest releases)", control("release-clipboard", "clipboard"), needs=_RELEASE),
        Letter("(agent)", control("agent", True), needs=_AGENT),
        Letter("(no agent)", control("agent", False), needs=_AGENT),
    ),
)
