"""Messages that are looked at on their way: what is not named goes on byte for byte, and what is, as a rule wants it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.channel import Channel
from spiceproto.channels import NAMES
from spiceproto.framing import Reader, Writer, with_sub_messages
from spiceproto.messages import common, inputs, main
from spiceproto.proxy.acks import Acks
from spiceproto.proxy.editor import HELD, Editor
from spiceproto.proxy.message import Message
from spiceproto.proxy.python_rules import read_python_rule
from spiceproto.proxy.rules import Rule
from spiceproto.proxy.toml_rules import parse_rules

MOTION = inputs.MouseMotion(3, 4, 0)
OTHER = inputs.MouseMotion(5, 4, 0)
PRESS = inputs.MousePress(1, 1)


class Desk:
    """Keeps what an editor says of itself, and delivers what goes the other way."""

    def __init__(self) -> None:
        self.editors: dict[str, Editor] = {}
        self.texts: list[str] = []
        self.errors: list[str] = []
        self.waiting: list[Any] = []

    def passed(self, message: Message) -> None:
        for held in tuple(self.waiting):
            if held.until.fits(message):
                self.waiting.remove(held)
                held.release()

    def inject(self, sender: str, type: int, body: bytes) -> None:
        self.editors[sender].inject(type, body)

    def told(self, rule: str, message: Message, text: str) -> None:
        self.texts.append(text)

    def failed(self, rule: str, message: Message, error: Exception) -> None:
        self.errors.append(str(error))

    def wait_for(self, held: Any, sender: str) -> None:
        self.waiting.append(held)

    def drain(self, sender: str) -> None:
        pass


class Line:
    """Both directions of a channel with rules; what one side says, and what the other one hears."""

    def __init__(self, *rules: Rule, channel: str = "inputs", mini: bool = True) -> None:
        self.desk = Desk()
        self.mini = mini
        self.channel = channel
        acks = Acks()
        for sender in ("client", "server"):
            mine = [(rule, rule.wants(channel, 0, sender)) for rule in rules]
            named = [(rule, numbers) for rule, numbers in mine if numbers is None or numbers]
            self.desk.editors[sender] = Editor(self.desk, sender, channel, 0, named, acks, mini=mini, connection=1)
        self.says = {sender: Channel(sender, channel, mini) for sender in ("client", "server")}

    def say(self, sender: str, *values: Any) -> bytes:
        """Their bytes, which are fed, too."""
        data = b"".join([self.says[sender].send(value) for value in values])
        self.desk.editors[sender].feed(data)
        return data

    def ready(self, sender: str) -> bytes:
        """What goes on; delays are not in it."""
        queue = self.desk.editors[sender].ready
        found = b"".join([item for item in queue if isinstance(item, bytes)])
        queue.clear()
        return found

    def heard(self, sender: str) -> list[tuple[int, bytes, int]]:
        """Types, bodies and serials of what goes on."""
        frames = Reader(self.mini).feed(self.ready(sender))
        return [(type, body, serial) for type, body, serial, _, _ in frames]


def toml(text: str) -> list[Rule]:
    return list(parse_rules(text)[0])


DROP = """
[[rule]]
when = { channel = "inputs", message = "MOUSE_MOTION", dx = 3 }
do = "drop"
"""


def test_what_no_rule_names_goes_on_byte_for_byte() -> None:
    line = Line(*toml(DROP))
    data = line.say("client", OTHER, PRESS, OTHER)
    assert line.ready("client") == data


def test_a_message_is_dropped_by_the_value_of_a_field() -> None:
    line = Line(*toml(DROP))
    line.say("client", MOTION, OTHER, MOTION, PRESS)
    assert line.ready("client") == Channel("client", "inputs", True).send(OTHER) + Channel("client", "inputs", True).send(PRESS)
    assert line.desk.texts == ["dropped", "dropped"]


@given(
    pieces=st.lists(st.integers(1, 40), min_size=1, max_size=30),
    motions=st.lists(st.sampled_from([3, 5, 7]), max_size=20),
    mini=st.booleans(),
)
def test_any_cutting_of_the_bytes_gives_the_same(pieces: list[int], motions: list[int], mini: bool) -> None:
    rules = toml(DROP + '[[rule]]\nwhen = { message = "MOUSE_MOTION", dx = 5 }\ndo = "duplicate"\n')
    whole, cut = Line(*rules, mini=mini), Line(*rules, mini=mini)
    data = whole.say("client", *[inputs.MouseMotion(dx, 0, 0) for dx in motions], PRESS)
    at = turn = 0
    while at < len(data):
        step = pieces[turn % len(pieces)]
        cut.desk.editors["client"].feed(data[at : at + step])
        at, turn = at + step, turn + 1
    assert whole.ready("client") == cut.ready("client")


@given(data=st.binary(max_size=300), mini=st.booleans())
def test_garbage_goes_on_as_it_is(data: bytes, mini: bool) -> None:
    line = Line(*toml(DROP), mini=mini)
    line.desk.editors["client"].feed(data)
    line.desk.editors["client"].finish()
    assert line.ready("client") == data and not line.desk.errors


@given(data=st.binary(max_size=300), channel=st.sampled_from(NAMES), mini=st.booleans())
def test_garbage_that_every_rule_looks_at(data: bytes, channel: str, mini: bool) -> None:
    rules = '[[rule]]\nwhen = {}\ndo = "drop"\ncount = 0\n[[rule]]\nwhen = { message = "PING", timestamp = 1 }\ndo = "drop"\n'
    line = Line(*toml(rules), channel=channel, mini=mini)
    for sender, editor in line.desk.editors.items():
        editor.feed(data)
        editor.finish()
        assert line.ready(sender) == data and not line.desk.errors


@given(early=st.integers(0, 60))
def test_bytes_that_went_on_already_are_not_sent_again(early: int) -> None:
    line = Line(*toml(DROP))
    data = b"".join([line.says["client"].send(value) for value in (MOTION, PRESS, MOTION, OTHER, MOTION)])
    editor = line.desk.editors["client"]
    editor.feed(data[:early], sent=True)
    assert line.ready("client") == b""
    editor.feed(data[early:])
    heard = Reader(True).feed(data[:early] + line.ready("client"))
    assert [frame[0] for frame in heard].count(113) == 1
    begun = sum(start < early for start in (0, 25, 57))
    assert len([frame for frame in heard if frame[1][:1] == b"\3"]) == begun


def test_numbers_stay_right_when_messages_are_dropped_and_added() -> None:
    rules = toml(
        DROP + '[[rule]]\nwhen = { channel = "inputs", message = "MOUSE_PRESS" }\ndo = "inject"\nmessage = "MOUSE_RELEASE"\n'
        "fields = { button = 1, buttons_state = [] }\nplace = 'before'\n"
    )
    line = Line(*rules, mini=False)
    line.say("client", OTHER, MOTION, OTHER, PRESS, OTHER)
    assert [(type, serial) for type, _, serial in line.heard("client")] == [(111, 1), (111, 2), (114, 3), (113, 4), (111, 5)]


def test_numbers_are_left_as_they_are_when_a_rule_says_so() -> None:
    line = Line(*toml(DROP + 'serials = "kept"\n'), mini=False)
    line.say("client", OTHER, MOTION, OTHER)
    assert [serial for _, _, serial in line.heard("client")] == [1, 3]


def test_a_field_is_changed() -> None:
    rules = '[[rule]]\nwhen = { message = "MOUSE_MODE" }\ndo = "change"\nset = { current_mode = "CLIENT" }\n'
    line = Line(*toml(rules), channel="main")
    line.say("server", main.MouseModeMessage(3, 1))
    ((_, body, _),) = line.heard("server")
    assert body == bytes((3, 0, 2, 0))


def test_a_list_is_changed_with_what_counts_it() -> None:
    rules = (
        '[[rule]]\nwhen = { message = "CHANNELS_LIST" }\ndo = "change"\nset = { channels = [ { type = "INPUTS", id = 0 } ] }\n'
    )
    line = Line(*toml(rules), channel="main")
    line.say("server", main.ChannelsList((main.ChannelId(2, 0), main.ChannelId(3, 0))))
    ((_, body, _),) = line.heard("server")
    assert body == bytes((1, 0, 0, 0, 3, 0))


def test_what_cannot_be_changed_goes_on_and_is_told() -> None:
    rules = '[[rule]]\nwhen = { message = "CHANNELS_LIST" }\ndo = "change"\nset = { "channels[7].id" = 1 }\n'
    line = Line(*toml(rules), channel="main")
    data = line.say("server", main.ChannelsList((main.ChannelId(2, 0),)))
    assert line.ready("server") == data
    assert line.desk.errors == ["channels[7].id: this message has no such field"]


def test_a_message_that_carries_others_is_not_changed() -> None:
    rules = '[[rule]]\nwhen = { message = "MOUSE_MODE" }\ndo = "change"\nset = { current_mode = 2 }\n'
    line = Line(*toml(rules), channel="main", mini=False)
    body, at = with_sub_messages(bytes((3, 0, 1, 0)), [(4, bytes(12))])
    data = Writer(False).frame(105, body, at)
    line.desk.editors["server"].feed(data)
    assert line.ready("server") == data and "carries others" in line.desk.errors[0]


def test_delays_stand_before_what_waits() -> None:
    line = Line(*toml('[[rule]]\nwhen = { message = "MOUSE_PRESS" }\ndo = "delay"\nseconds = 0.5\n'))
    line.say("client", OTHER, PRESS, OTHER)
    kinds = [type(item).__name__ for item in line.desk.editors["client"].ready]
    assert kinds == ["bytes", "float", "bytes", "bytes"]


def test_rules_count_and_skip() -> None:
    line = Line(*toml(DROP + "skip = 1\ncount = 2\n"))
    line.say("client", *[MOTION] * 5)
    assert len(line.heard("client")) == 3


def test_a_message_is_injected_in_the_other_direction() -> None:
    rules = (
        '[[rule]]\nwhen = { channel = "inputs", sender = "client", message = "MOUSE_PRESS" }\ndo = "inject"\n'
        'message = "KEY_MODIFIERS"\nfields = { modifiers = ["CAPS_LOCK"] }\nto = "client"\n'
    )
    line = Line(*toml(rules))
    # Within a message of the server nothing can be said: it comes behind.
    half = line.says["server"].send(common.Ping(1, 1, b"x" * 50))
    line.desk.editors["server"].feed(half[:40])
    data = line.say("client", PRESS)
    assert line.ready("client") == data
    line.desk.editors["server"].feed(half[40:])
    assert [type for type, _, _ in line.heard("server")] == [4, 102]


def test_a_message_is_held_until_another_one_has_passed() -> None:
    rules = (
        '[[rule]]\nwhen = { message = "MOUSE_MOTION", dx = 3 }\ndo = "hold"\n'
        'until = { message = "MOUSE_PRESS" }\nseconds = 60\n'
    )

    async def body() -> None:
        line = Line(*toml(rules), mini=False)
        line.say("client", MOTION, OTHER)
        assert [(type, serial) for type, _, serial in line.heard("client")] == [(111, 1)]
        line.say("client", PRESS, OTHER)
        frames = [(type, serial) for type, _, serial in line.heard("client")]
        assert frames == [(113, 2), (111, 3), (111, 4)]

    asyncio.run(body())


def test_held_messages_are_bounded_and_go_on_at_the_end() -> None:
    async def body() -> None:
        line = Line(*toml('[[rule]]\nwhen = { message = "MOUSE_MOTION" }\ndo = "hold"\nseconds = 60\n'))
        line.say("client", *[MOTION] * (HELD + 3))
        assert len(line.heard("client")) == 3
        line.desk.editors["client"].finish()
        assert len(line.heard("client")) == HELD

    asyncio.run(body())


def test_a_server_gets_the_acknowledgements_that_it_waits_for() -> None:
    """Its client acknowledges what it has got; ten of twelve were dropped."""
    rules = '[[rule]]\nwhen = { sender = "server", message = "PING", fields = { id = 7 } }\ndo = "drop"\n'
    line = Line(*toml(rules), channel="display")
    line.say("server", common.SetAck(1, 4), *[common.Ping(7, 1, b"")] * 10, *[common.Ping(8, 1, b"")] * 2)
    assert [type for type, _, _ in line.heard("server")] == [3, 4, 4]
    assert [type for type, _, _ in line.heard("client")] == [2, 2]


def test_acknowledgements_of_what_a_server_never_sent_are_kept_from_it() -> None:
    rules = '[[rule]]\nwhen = { sender = "server", message = "PING" }\ndo = "duplicate"\ntimes = 5\n'
    line = Line(*toml(rules), channel="display")
    line.say("server", common.SetAck(1, 4), common.Ping(7, 1, b""))
    assert len(line.heard("server")) == 6
    line.say("client", common.Ack(), common.Ack())
    assert [type for type, _, _ in line.heard("client")] == [2]


PYTHON = """
channels = ["inputs"]
messages = ["MOUSE_MOTION"]

def message(message):
    if message.value.dx == 3:
        message.set(dx=-3)
        message.inject("MOUSE_PRESS", {"button": "LEFT", "buttons_state": ["LEFT"]}, place="before")
    elif message.value.dx == 5:
        message.drop()
    else:
        raise ValueError("no")
"""


def test_a_rule_in_python(tmp_path: Path) -> None:
    path = tmp_path / "rule.py"
    path.write_text(PYTHON)
    line = Line(read_python_rule(path))
    seven = inputs.MouseMotion(7, 0, 0)
    line.say("client", MOTION, OTHER, seven, PRESS)
    frames = line.heard("client")
    assert [type for type, _, _ in frames] == [113, 111, 111, 113]
    assert frames[1][1][:4] == (-3).to_bytes(4, "little", signed=True)
    assert line.desk.errors == ["no"]


def test_a_rule_in_python_does_not_end_the_proxy(tmp_path: Path) -> None:
    path = tmp_path / "rule.py"
    path.write_text("def message(message):\n    message.drop()\n    raise SystemExit(0)\n")
    line = Line(read_python_rule(path))
    line.say("client", MOTION)
    assert len(line.heard("client")) == 1
    assert line.desk.errors == ["a rule can not end the proxy; found SystemExit: 0"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("x = 1", "no rule"),
        ("1/0", "ZeroDivisionError"),
        ("def", "SyntaxError"),
        ("channels = ['input']\ndef message(m): pass", "inputs?"),
        ("messages = ['MOTION']\ndef message(m): pass", "MOUSE_MOTION or"),
        ("channels = 'inputs'\ndef message(m): pass", "not a list"),
    ],
)
def test_a_file_that_is_no_rule(text: str, wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "rule.py"
    path.write_text(text)
    with pytest.raises(Exception, match=r"rule\.py") as caught:
        read_python_rule(path)
    assert wrong in str(caught.value)
