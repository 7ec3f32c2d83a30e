"""Records of runs as the engine writes them, for the tests of reports: each outcome, both roles, TLS, hostile peers.

A :class:`Story` plays both ends of a case with real bytes and lets :class:`conformance.transcript.Transcript` put them into
words, so samples cannot look better than what the suite records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from conformance.report.jsonl import Run
from conformance.requirements import described, requirements, unbound, untestable
from conformance.results import OUTCOMES, CaseResult, Difference, Footer, Header, Seen
from conformance.three_pictures import three_pictures
from conformance.transcript import Line, Transcript
from conformance.wire_form import link_message, link_reply
from spiceproto import dispatch, framing
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.common import NotifySeverity, NotifyVisibility
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButtonMask
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, inputs, main

PUBLIC_KEY = bytes.fromhex("30819f300d06092a864886f70d010101050003818d0030818902818100") + b"\x99" * 128 + b"\x02\x03\1\0\1"
"""In the form of an RSA key; nobody can use it."""

SESSION = 0x5EC0DE01
CAPS = 1 << CommonCapability.PROTOCOL_AUTH_SELECTION | 1 << CommonCapability.AUTH_SPICE | 1 << CommonCapability.MINI_HEADER
MARKUP = "<script>document.title = 'taken'</script>"
"""What a peer may say to whoever puts its words into a page."""


def init(*, modes: int = MouseMode.SERVER | MouseMode.CLIENT, clock: int = 4711) -> main.Init:
    """An INIT without an agent, in server mode."""
    return main.Init(
        session_id=SESSION,
        display_channels_hint=1,
        supported_mouse_modes=modes,
        current_mouse_mode=MouseMode.SERVER,
        agent_connected=0,
        agent_tokens=10,
        multi_media_time=clock,
        ram_hint=0,
    )


class Story:
    """One case, told by both ends. ``role`` is what the target is."""

    def __init__(self, role: str = "server") -> None:
        self.transcript = Transcript(role)
        self.now = 0.0
        self._writers: dict[tuple[int, str], framing.Writer] = {}

    @property
    def own(self) -> str:
        """The suite's role."""
        return "client" if self.transcript.role == "server" else "server"

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    def step(self, text: str, connection: int = 0) -> None:
        """What the case does or waits for."""
        self.transcript.step(text, self.now, connection)

    def open(self, *, secure: bool = False) -> Line:
        """A connection."""
        self.now += 0.0004
        return self.transcript.open(len(self.transcript.lines) + 1, self.now, secure=secure)

    def raw(self, line: Line, sender: str, data: bytes) -> None:
        """Bytes."""
        self.now += 0.0003
        line.sent(sender, data, self.now)

    def close(self, line: Line, sender: str, text: str = "") -> None:
        """``sender`` closes."""
        self.now += 0.0002
        line.closed(sender, self.now, text)

    def link(
        self,
        channel_type: int,
        connection_id: int,
        *,
        secure: bool = False,
        caps: int = CAPS,
        result: int = LinkErr.OK,
        key: bytes = PUBLIC_KEY,
    ) -> Line:
        """The link stage with a ticket."""
        line = self.open(secure=secure)
        name = ChannelType(channel_type).name.lower()
        if self.own == "client":
            self.step(f"send link message for {name}:0, connection id {connection_id}", line.number)
        self.raw(line, "client", link_message(channel_type, 0, connection_id, common_caps=caps, channel_caps=15))
        self.raw(line, "server", link_reply(key, common_caps=CAPS, channel_caps=15))
        self.raw(line, "client", (1).to_bytes(4, "little"))
        if self.own == "client":
            self.step("send a ticket", line.number)
        self.raw(line, "client", bytes(range(128)))
        self.raw(line, "server", int(result).to_bytes(4, "little"))
        mini = bool(caps >> CommonCapability.MINI_HEADER & 1)
        for sender in ("client", "server"):
            self._writers[line.number, sender] = framing.Writer(mini)
        return line

    def say(self, line: Line, sender: str, value: Any) -> None:
        """A message."""
        table = line.channel.partition(":")[0]
        number, body = dispatch.build(table, sender, value)
        self.say_raw(line, sender, number, body)

    def say_raw(self, line: Line, sender: str, number: int, body: bytes) -> None:
        """A message of any kind."""
        self.raw(line, sender, self._writers[line.number, sender].frame(number, body))

    def session(self, *, secure: bool = False, name: bytes = b"a machine\0") -> Line:
        """The main channel up to the list of channels."""
        line = self.link(ChannelType.MAIN, 0, secure=secure)
        self.say(line, "server", init())
        self.say(line, "server", common.SetAck(1, 20))
        self.say(line, "client", common.AckSync(1))
        self.say(line, "server", main.Name(name))
        self.say(line, "server", common.Ping(1, 987654321, bytes(12)))
        self.say(line, "client", common.Pong(1, 987654321))
        self.say(line, "client", main.AttachChannels())
        listed = tuple([main.ChannelId(kind, 0) for kind in (ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR)])
        self.say(line, "server", main.ChannelsList(listed))
        return line

    def result(self, id: str, outcome: str, **more: Any) -> CaseResult:
        """The record of the case."""
        requirement = id.partition("/")[0]
        sentence = requirements()[requirement]
        more.setdefault("verifies", (requirement,))
        more.setdefault("steps", self.transcript.steps)
        return CaseResult(
            id,
            requirement,
            outcome,  # type: ignore[arg-type]
            level=sentence.level,
            role=self.transcript.role,
            source=sentence.source,
            chapter=sentence.chapter,
            section=sentence.section,
            sentence=sentence.text,
            virtual=round(self.now, 6),
            seconds=0.0123,
            seen=tuple(self.transcript.seen),
            transcript=self.transcript.entries(),
            repro=f"spiceconf run tcp:127.0.0.1:5930 --select {id} --seed 7",
            **more,
        )


# -- a server


def whole_stage() -> CaseResult:
    """Passes."""
    story = Story()
    line = story.link(ChannelType.MAIN, 0)
    story.close(line, "client")
    return story.result("SPICE-LINK-001/whole-stage", "pass", title="Link main as every client does", channel="main")


def wrong_magic() -> CaseResult:
    """Passes, in a manner that is only tolerated."""
    story = Story()
    line = story.open()
    story.step("send sixteen zero bytes", line.number)
    story.raw(line, "client", bytes(16))
    story.step("expect an answer to the link message", line.number)
    story.close(line, "server")
    return story.result(
        "SPICE-LINK-006/zero-bytes",
        "pass",
        manner="tolerated",
        tolerated="closed without the error",
        title="Sixteen zero bytes where REDQ belongs",
        channel="main",
    )


def missing_acks(*, secure: bool = False, name: bytes = b"a machine\0") -> CaseResult:
    """Fails: two connections, eight movements, no acknowledgement."""
    story = Story()
    main_line = story.session(secure=secure, name=name)
    line = story.link(ChannelType.INPUTS, SESSION, secure=secure)
    story.say(line, "server", inputs.Init(KeyboardModifierFlags(0)))
    for index in range(8):
        story.step(f"inputs:0: send MOUSE_MOTION {index + 1} of 8", line.number)
        story.say(line, "client", inputs.MouseMotion(index - 3, 2, MouseButtonMask.LEFT))
    story.say(main_line, "server", common.Ping(3, 987659999, b""))
    story.say(main_line, "client", common.Pong(3, 987659999))
    story.step("inputs:0: expect MOUSE_MOTION_ACK", line.number)
    story.wait(2.0)
    story.close(line, "client")
    story.close(main_line, "client")
    return story.result(
        f"SPICE-MOUSE-018/eight-motions{'-over-tls' if secure else ''}",
        "fail",
        channel="inputs",
        steps=story.transcript.steps,
        title="Eight movements of one kind are acknowledged twice",
        verifies=("SPICE-MOUSE-018", "SPICE-MOUSE-019"),
        expected="MOUSE_MOTION_ACK within 4 movements",
        actual="8 movements sent, nothing like it for 2 s",
        differences=(Difference("MOUSE_MOTION_ACK", "count", "2", "1"),),
    )


def broken_rules() -> CaseResult:
    """Passes, but the rules saw the server break sentences meanwhile; the last message cannot be read."""
    story = Story()
    line = story.session()
    story.say(line, "server", init(modes=MouseMode.SERVER, clock=4712))
    story.say_raw(line, "server", 199, b"nobody knows this type")
    story.say_raw(line, "server", 105, b"\1")
    story.say(line, "client", main.AttachChannels())
    story.say(
        line,
        "server",
        common.Notify(
            time_stamp=1,
            severity=NotifySeverity.WARN,
            visibilty=NotifyVisibility.HIGH,
            what=0,
            message=MARKUP.encode(),
            terminator=b"\0",
        ),
    )
    story.close(line, "server", "reset")
    result = story.result("SPICE-MAIN-012/asked-twice", "pass", title="ATTACH_CHANNELS twice", channel="main")
    seen = (*result.seen, Seen("SPICE-FRAME-002", "main:0", "The serial is not what follows.", "12", MARKUP, 0.01, True))
    return msgspec.structs.replace(result, seen=seen)


def no_control() -> CaseResult:
    """Not applicable."""
    return Story().result(
        "SPICE-MOUSE-003/guest-switches",
        "not-applicable",
        title="A guest that switches its pointer",
        reason="nobody can do this to the target: pointer",
        channel="main",
    )


def no_sasl() -> CaseResult:
    """Not applicable, with the capability that was seen."""
    return Story().result(
        "SPICE-LINK-060/wrong-password",
        "not-applicable",
        title="SASL with a wrong password",
        reason="only where SASL is offered (common caps 0xb)",
        channel="main",
    )


def waived() -> CaseResult:
    """Fails as it was expected to."""
    story = Story()
    line = story.open()
    story.step("send link message for main:0, connection id 0", line.number)
    story.raw(line, "client", link_message(1, magic=b"XXXX"))
    story.step("expect an answer to the link message", line.number)
    story.wait(2.0)
    story.close(line, "client")
    return story.result(
        "SPICE-LINK-008/major-0",
        "waived",
        title="Major version 0",
        channel="main",
        steps=2,
        expected="link reply VERSION_MISMATCH (4)",
        actual="closed without an answer",
        reason="closes without a word",
        bug="https://example.org/bugs/12",
    )


def blocked() -> CaseResult:
    """Was not run."""
    return Story().result(
        "SPICE-MOUSE-014/other-kind",
        "blocked",
        title="Eight movements of the other kind",
        channel="inputs",
        blocked_by=("SPICE-MOUSE-018/eight-motions",),
    )


def suite_error() -> CaseResult:
    """The suite itself failed."""
    story = Story()
    story.step("expect a link reply")
    return story.result(
        "SPICE-LINK-044/two-keys",
        "error",
        title="Two links have two keys",
        channel="main",
        reason="IndexError: list index out of range (conformance/cases/link.py:12)",
    )


def hostile() -> CaseResult:
    """Fails; everything a peer can choose is markup."""
    result = missing_acks(name=MARKUP.encode() + b"\0")
    return msgspec.structs.replace(
        result,
        id="SPICE-MOUSE-019/three-motions",
        requirement="SPICE-MOUSE-019",
        verifies=("SPICE-MOUSE-019",),
        actual=f"a message that says {MARKUP} and\x00 & more",
        sentence=requirements()["SPICE-MOUSE-019"].text,
        title="Three movements are not acknowledged",
    )


SERVER_CASES: tuple[Callable[[], CaseResult], ...] = (
    whole_stage,
    wrong_magic,
    waived,
    suite_error,
    no_sasl,
    broken_rules,
    no_control,
    missing_acks,
    lambda: missing_acks(secure=True),
    hostile,
    blocked,
)


# -- a client


def early_request() -> CaseResult:
    """Fails: the client does not answer one of two pings."""
    story = Story("client")
    story.step("wait for the client to link main")
    line = story.session()
    story.step("main:0: send PING 2", line.number)
    story.say(line, "server", common.Ping(2, 1234, b""))
    story.step("main:0: expect PONG", line.number)
    story.wait(2.0)
    story.close(line, "server")
    return story.result(
        "SPICE-FRAME-028/second-ping",
        "fail",
        title="A second PING is answered as well",
        channel="main",
        steps=3,
        expected="PONG with id 2",
        actual="nothing like it for 2 s; passed over: PONG",
    )


def wrong_picture() -> CaseResult:
    """Fails: the client shows another colour in one corner."""
    wanted = np.full((40, 60, 3), 0x20, np.uint8)
    found = wanted.copy()
    found[30:, 50:] = (0xFF, 0, 0)
    story = Story("client")
    story.step("wait for the client to link main")
    line = story.session()
    story.close(line, "server")
    return story.result(
        "SPICE-IMAGE-013/upside-down",
        "fail",
        title="Rows of an image",
        channel="display",
        expected="the picture that was drawn: #202020",
        actual="#ff0000; 100 pixels are wrong, from 50, 30 to 59, 39",
        differences=(Difference("picture", "pixel 50, 30", "#202020", "#ff0000"),),
        pictures=three_pictures(wanted, found),
        place="pixel 50, 30 of the screen: last under DRAW_FILL, draw command 1 of 2, box left 50, top 30, right 60, bottom 40",
    )


def client_links() -> CaseResult:
    """Passes."""
    story = Story("client")
    line = story.session()
    story.close(line, "server")
    return story.result("SPICE-LINK-001/whole-stage-of-a-client", "pass", title="The client links main", channel="main")


# -- runs


def run_of(*cases: CaseResult, role: str = "server", target: str = "tcp:127.0.0.1:5930") -> Run:
    """A run with header and footer."""
    counts = Counter(case.outcome for case in cases)
    outcomes: dict[str, int] = {outcome: counts[outcome] for outcome in OUTCOMES if counts[outcome]}
    executed = sum(counts[outcome] for outcome in ("pass", "fail", "waived", "error"))
    identity: dict[str, Any] = {
        "main": {"common": ["PROTOCOL_AUTH_SELECTION", "AUTH_SPICE", "MINI_HEADER"], "channel": ["AGENT_CONNECTED_TOKENS"]},
        "mouse modes": ["SERVER", "CLIENT"],
        "name": MARKUP,
    }
    header = Header(
        target,
        role,
        len(cases),
        "2026-11-24T06:13:39Z",
        version="0.1.0",
        python="3.11.7",
        specification="5b1ff2cd90aa",
        seed=7,
        identity=identity,
        sentences=described(),
        untestable=untestable(),
        unbound=unbound(),
    )
    failed = counts["fail"] + counts["error"] > 0
    footer = Footer(len(cases), executed, outcomes, "2026-11-24T06:13:52Z", int(failed))
    return Run(header, cases, footer)


def server_run() -> Run:
    """Every outcome."""
    return run_of(*[make() for make in SERVER_CASES])


def client_run() -> Run:
    """The target is a client."""
    return run_of(client_links(), early_request(), wrong_picture(), role="client", target="client:viewer {uri}")
