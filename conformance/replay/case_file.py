"""A case of the suite, made from a recording: a Python file like those in ``conformance/cases``, for people to go on with.

What one side said is said again; behind what came before it in the recording, which is awaited by name and number.
"""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from conformance.case import SANITY
from conformance.replay.compared import why_not
from conformance.replay.recording import Channel, Linked, Recording, Said, channel_kind
from conformance.replay.source import INDENT, capabilities, indented, message, raw
from conformance.requirements import requirements
from spiceproto import dispatch
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.errors import LocalError
from spiceproto.messages import main
from spiceproto.suggestion import expected

__all__ = ["case_file"]

_LARGEST: Final = 1 << 20
"""Bytes of a file that somebody still reads."""

_OWN: Final = {"client": frozenset({"ACK", "ACK_SYNC", "PONG"}), "server": frozenset[str]()}
"""What the suite says by itself."""


def _sentence(about: str, role: str) -> str:
    """The sentence of the case. Raises LocalError for one that there is not, or that does not bind the target."""
    about = about or SANITY[role].partition("/")[0]
    known = requirements().get(about)
    if known is None:
        near = expected(about, requirements(), listing="spiceconf explain prints them")
        raise LocalError("no such sentence", expected=near, actual=about)
    if known.role not in (role, "both"):
        raise LocalError(
            "a sentence that does not bind the target", expected=f"one about a {role}", actual=f"{about} ({known.role})"
        )
    return about


class _Writer:
    """The statements of one case."""

    def __init__(self, recording: Recording, side: str) -> None:
        self.recording = recording
        self.side = side
        self.role = "server" if side == "client" else "client"
        self.modules: set[str] = set()
        self.waits = False
        self._wanted: Counter[tuple[Channel, str]] = Counter()
        self._recorded: Counter[tuple[Channel, str]] = Counter()
        self._awaited: Counter[tuple[Channel, str]] = Counter()
        self._linked: set[Channel] = set()

    def statements(self) -> Iterator[str]:
        """Without indentation of their own."""
        if self.side == "server":
            yield from self._announcements()
        for event in self.recording.events:
            if isinstance(event, Linked):
                if self.side == "client":
                    yield from self._await()
                    yield from self._ask(event)
            elif event.sender == self.role:
                before = self._recorded[event.channel, event.name]
                self._recorded[event.channel, event.name] += 1
                if not why_not(self.role, event.channel[0], event.name, before):
                    self._wanted[event.channel, event.name] += 1
            elif not event.inside and event.name not in _OWN[self.side]:
                yield from self._await()
                yield from self._say(event)
        yield from self._await()

    def _name(self, channel: Channel) -> str:
        return f"{channel[0]}_{channel[1]}".replace("-", "_")

    def _announcements(self) -> Iterator[str]:
        yield "server.picture = False"
        yield "server.greetings = dict.fromkeys(NAMES, ())"
        for channel, event in self.recording.links.items():
            kind, number = channel_kind(channel)
            announced = event.server.without(CommonCapability.AUTH_SASL).with_(CommonCapability.AUTH_SPICE)
            if channel[0] == "main":
                yield f"{self._name(channel)} = server.asked().link({capabilities(announced)})"
                self._linked.add(channel)
            else:
                yield f"server.announce({kind}, {number}, {capabilities(announced)})"

    def _ask(self, event: Linked) -> Iterator[str]:
        kind, number = channel_kind(event.channel)
        how = "main" if event.channel[0] == "main" else "link"
        yield f"{self._name(event.channel)} = client.{how}(Ask({kind}, {number}, capabilities={capabilities(event.client)}))"
        self._linked.add(event.channel)

    def _await(self) -> Iterator[str]:
        """What has come in the recording since something was said last."""
        for (channel, name), count in self._wanted.items():
            if channel in self._linked and self._awaited[channel, name] < count:
                self._awaited[channel, name], self.waits = count, True
                yield f'{self._name(channel)}.expect_count("{name}", at_least({count}))'

    def _say(self, said: Said) -> Iterator[str]:
        name = self._name(said.channel)
        if said.channel not in self._linked:
            kind, number = channel_kind(said.channel)
            yield f"{name} = server.linked({kind}, {number})"
            self._linked.add(said.channel)
        value = said.value
        bound = {"session_id": "server.session_id"} if isinstance(value, main.Init) else {}
        form = None if said.sub_list else self._value(said, value, bound)
        if form is not None:
            yield f"{name}.send(\n{indented(form)}\n)" if "\n" in form else f"{name}.send({form})"
            return
        data = raw(said.body)
        more = [*([f"sub_list={said.sub_list}"] if said.sub_list else []), f'text="{said.name}"']
        if "\n" in data:
            lines = [str(said.type), data, *more]
            yield f"{name}.send_raw(\n" + "".join([f"{indented(line)},\n" for line in lines]) + ")"
        else:
            yield f"{name}.send_raw({', '.join([str(said.type), data, *more])})"

    def _value(self, said: Said, value: Any, bound: dict[str, str]) -> str | None:
        """The message as its class; None for one that is long, or whose bytes that would not give."""
        if value is None or dispatch.build(said.channel[0], said.sender, value)[1] != said.body:
            return None
        found = message(value, bound)
        if found is not None:
            self.modules |= found[1]
        return None if found is None else found[0]


def _identifier(stem: str) -> tuple[str, str]:
    """A slug and the name of a function."""
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "session"
    name = slug.replace("-", "_")
    return slug, f"replayed_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name


def case_file(recording: Recording, side: str, *, about: str = "") -> str:
    """The text of a file; ``side`` is the one that the case plays, ``about`` the sentence in its id.

    Raises LocalError for a sentence that does not bind the target, and for what would be too long.
    """
    writer = _Writer(recording, side)
    sentence = _sentence(about, writer.role)
    stem = Path(recording.path).name.partition(".")[0]
    slug, function = _identifier(stem)
    body, size = [], 0
    for statement in writer.statements():
        size += len(statement)
        if size > _LARGEST:
            wanted = f"less than {_LARGEST >> 20} MiB: --until plays a part of it"
            raise LocalError("a recording that is too long for a case", where=recording.path, expected=wanted)
        body.append(indented(statement))
    suite = "SuiteClient" if side == "client" else "SuiteServer"
    imports = [
        f"from conformance.as_{side} import {suite}",
        f"from conformance.case import {writer.role}_case",
        *(["from conformance.client_wire import Ask"] if side == "client" else []),
        *(["from conformance.expectation import at_least"] if writer.waits else []),
        "from spiceproto.capabilities import Capabilities",
        *(["from spiceproto.channels import NAMES"] if side == "server" else []),
        *([f"from spiceproto.messages import {', '.join(sorted(writer.modules))}"] if writer.modules else []),
    ]
    plural = f"{writer.role.capitalize()}s"
    return "\n".join(
        [
            f'"""{plural}: a recorded session, {slug}, played again."""',
            "",
            "from __future__ import annotations",
            "",
            *imports,
            "",
            "",
            f'@{writer.role}_case("{sentence}/replayed-{slug}-{side}", channel="main")',
            f"def {function}({side}: {suite}) -> None:",
            f'{INDENT}"""What the recorded {side} said is said again, and what it was answered is awaited."""',
            *body,
            "",
        ]
    )
