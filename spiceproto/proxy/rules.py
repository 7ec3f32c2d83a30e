"""What is to be done with which messages.

When       which messages
Rule       a Protocol: which it wants to see, and what it does with one
TableRule  a rule of a TOML file, in the words of :data:`VERBS`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import msgspec

from spiceproto import dispatch, schema
from spiceproto.channels import NAMES
from spiceproto.errors import LocalError
from spiceproto.proxy.fields import check, fits, found, steps
from spiceproto.proxy.message import HOLD, Fate, Injected, Message, body_of, other
from spiceproto.suggestion import expected

__all__ = ["ALL", "VERBS", "Numbers", "Rule", "TableRule", "When"]

VERBS: Final = ("drop", "change", "delay", "duplicate", "hold", "inject")
SENDERS: Final = ("client", "server")

Numbers = frozenset[int] | None
"""Types of messages; None for all."""

ALL: Final = None
NONE: Final[frozenset[int]] = frozenset()


class Rule(Protocol):
    """``name`` is how it is told of."""

    name: str

    def wants(self, channel: str, channel_id: int, sender: str) -> Numbers:
        """Which messages it has to see there."""

    def apply(self, message: Message, fate: Fate) -> str:
        """Do it; what was done in words, "" for nothing. Raises LocalError for what cannot be done."""


class When:
    """Which messages: by channel, its id, sender, name, and values of fields; what is not said is any.

    Raises LocalError for what there is not.
    """

    KEYS: Final = ("channel", "id", "sender", "message", "fields")

    def __init__(self, data: Mapping[str, Any], where: str) -> None:
        self.channel = _word(data, "channel", NAMES, where)
        self.sender = _word(data, "sender", SENDERS, where)
        self.channel_id = _number(data, "id", where)
        name = data.get("message")
        fields = {key: value for key, value in data.items() if key not in self.KEYS}
        more = data.get("fields", {})
        if not isinstance(more, dict):
            raise LocalError("not fields", where=where, path="fields", expected="a table", actual=repr(more))
        fields |= more
        self.numbers: dict[tuple[str, str], frozenset[int]] | None = None
        if name is not None:
            self.numbers = self._named(name, where)
        if fields and name is None:
            raise LocalError("fields are those of a message", where=where, expected="message = ...", actual=", ".join(fields))
        self.fields = [(steps(path), value) for path, value in fields.items()]
        if self.numbers:
            self._check(fields, where)

    def _named(self, name: Any, where: str) -> dict[tuple[str, str], frozenset[int]]:
        names = set(name if isinstance(name, list) else [name])
        made, known = {}, set()
        for channel in (self.channel,) if self.channel else NAMES:
            for sender in (self.sender,) if self.sender else SENDERS:
                rows = dispatch.rows(channel, sender)
                known |= {row.name for row in rows.values()}
                numbers = frozenset(number for number, row in rows.items() if row.name in names)
                if numbers:
                    made[channel, sender] = numbers
        for item in names - known:
            text = "no such message" + (f" on {self.channel}" if self.channel else "")
            text += f" from a {self.sender}" if self.sender else ""
            raise LocalError(text, where=where, expected=expected(str(item), known), actual=str(item))
        return made

    def _check(self, fields: Mapping[str, Any], where: str) -> None:
        """Some message with this name has such fields."""
        for path, wanted in fields.items():
            wrong: LocalError | None = None
            for (channel, sender), numbers in (self.numbers or {}).items():
                for number in numbers:
                    try:
                        check(schema.rows(channel, sender)[number].body, path, wanted)
                    except LocalError as error:
                        wrong = error
                    else:
                        break
                else:
                    continue
                break
            else:
                assert wrong is not None
                wrong.where = where
                raise wrong

    def wants(self, channel: str, channel_id: int, sender: str) -> Numbers:
        """Which messages may be such, there."""
        if self.channel not in ("", channel) or self.sender not in ("", sender) or self.channel_id not in (None, channel_id):
            return NONE
        return ALL if self.numbers is None else self.numbers.get((channel, sender), NONE)

    def fits(self, message: Message) -> bool:
        """Whether this is one."""
        numbers = self.wants(message.channel, message.channel_id, message.sender)
        if numbers is not None and message.number not in numbers:
            return False
        if not self.fields:
            return True
        value = message.value
        return value is not None and all(fits(found(value, path), wanted) for path, wanted in self.fields)


class TableRule:
    """``[[rule]]`` of a TOML file. Raises LocalError for what makes no sense.

    * ``when``: which messages
    * ``do``: a word of :data:`VERBS`
    * ``set``: for ``change``: path to value
    * ``seconds``: for ``delay`` and ``hold``; ``times``: for ``duplicate``; ``until``: for ``hold``, which messages
    * ``message``, ``fields``, ``place`` ("before" or "after"), ``to`` ("client" or "server"): for ``inject``
    * ``skip``, ``count``: so many that fit are left alone first, and so many are acted on
    * ``serials``: "right", or "kept" for numbers of messages that stay as they are
    """

    def __init__(self, data: Mapping[str, Any], where: str) -> None:
        rule = _convert(data, where)
        self.name = rule.name or where
        self._rule = rule
        self._when = When(rule.when, f"{where}, when")
        self._until = When(rule.until, f"{where}, until") if rule.until else None
        self._injected: dict[str, tuple[int, bytes]] = {}
        self._fitted = self._done = 0
        self._refuse_strangers(data, where)
        if rule.do == "inject":
            self._make(where)
        for path, value in rule.set.items():
            self._when._check({path: value}, f"{where}, set")

    def _refuse_strangers(self, data: Mapping[str, Any], where: str) -> None:
        rule = self._rule
        allowed = {*_OPTIONS[rule.do], "name", "when", "do", "skip", "count", "serials"}
        for key in data:
            if key not in allowed:
                raise LocalError(f"{rule.do} has no {key}", where=where, expected=", ".join(sorted(allowed)), actual=key)
        if rule.do == "change" and not rule.set:
            raise LocalError("nothing to change", where=where, expected="set = { FIELD = VALUE }")
        if rule.do == "change" and not self._when.numbers:
            raise LocalError("fields are those of a message", where=where, expected="when = { message = ... }")
        if rule.do == "delay" and rule.seconds is None:
            raise LocalError("a delay of how long?", where=where, expected="seconds = ...")
        if rule.do == "hold" and not rule.until and rule.seconds is None:
            raise LocalError("held until when?", where=where, expected="until = { ... }, or seconds = ...")
        trial = Fate(Message("main", 0, "client", 0, 0, b""))
        try:
            if rule.seconds is not None:
                trial.delay(rule.seconds)
            trial.duplicate(rule.times)
        except LocalError as error:
            error.where = where
            raise

    def _make(self, where: str) -> None:
        """What is injected, for each direction in which it may be."""
        rule = self._rule
        if not rule.message or not self._when.channel:
            raise LocalError("inject what, where?", where=where, expected="message = ..., and a channel in when")
        wrong: LocalError | None = None
        for sender in (self._when.sender,) if self._when.sender else SENDERS:
            goes = other(rule.to) if rule.to else sender
            try:
                self._injected[sender] = body_of(self._when.channel, goes, rule.message, rule.fields)
            except LocalError as error:
                wrong = error
        if not self._injected and wrong is not None:
            wrong.where = where
            raise wrong

    def wants(self, channel: str, channel_id: int, sender: str) -> Numbers:
        """Those that it acts on, and those until which it holds others."""
        mine = self._when.wants(channel, channel_id, sender)
        if self._until is None or mine is None:
            return mine
        more = self._until.wants(channel, channel_id, sender)
        return None if more is None else mine | more

    def apply(self, message: Message, fate: Fate) -> str:
        """Do it."""
        rule = self._rule
        if not self._when.fits(message):
            return ""
        self._fitted += 1
        if self._fitted <= rule.skip or (rule.count is not None and self._done >= rule.count):
            return ""
        self._done += 1
        if rule.serials == "kept":
            fate.counted = False
        match rule.do:
            case "drop":
                fate.copies = 0
                return "dropped"
            case "change":
                fate.set(rule.set)
                return "changed " + ", ".join([f"{path} to {value}" for path, value in rule.set.items()])
            case "delay":
                fate.delay(rule.seconds or 0.0)
                return f"delayed by {rule.seconds} s"
            case "duplicate":
                fate.duplicate(rule.times)
                return f"sent {rule.times} times"
            case "hold":
                fate.keep(self._until, rule.seconds or HOLD)
                return "held"
        return self._inject(message, fate)

    def _inject(self, message: Message, fate: Fate) -> str:
        rule = self._rule
        made = self._injected.get(message.sender)
        if made is None:
            return ""
        goes = other(rule.to) if rule.to else message.sender
        injected: Injected = (goes, *made)
        (fate.before if rule.place == "before" else fate.after).append(injected)
        return f"{rule.message} from {goes} {rule.place} it"


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str = ""
    when: dict[str, Any]
    do: str
    set: dict[str, Any] = {}
    seconds: float | None = None
    times: int = 2
    until: dict[str, Any] = {}
    message: str = ""
    fields: dict[str, Any] = {}
    place: str = "after"
    to: str = ""
    skip: int = 0
    count: int | None = None
    serials: str = "right"


_OPTIONS: Final = {
    "drop": (),
    "change": ("set",),
    "delay": ("seconds",),
    "duplicate": ("times",),
    "hold": ("until", "seconds"),
    "inject": ("message", "fields", "place", "to"),
}


def _convert(data: Mapping[str, Any], where: str) -> _Table:
    try:
        rule = msgspec.convert(dict(data), _Table)
    except msgspec.ValidationError as error:
        raise LocalError("not a rule", where=where, expected="when = { ... } and do = ...", actual=str(error)) from None
    for name, known in (("do", VERBS), ("place", ("before", "after")), ("serials", ("right", "kept")), ("to", ("", *SENDERS))):
        word = getattr(rule, name)
        if word not in known:
            raise LocalError(
                "an unknown word", where=where, path=name, expected=expected(word, filter(None, known)), actual=word
            )
    return rule


def _word(data: Mapping[str, Any], key: str, known: tuple[str, ...], where: str) -> str:
    word = data.get(key, "")
    if word and word not in known:
        raise LocalError(f"no such {key}", where=where, expected=expected(str(word), known), actual=str(word))
    return str(word)


def _number(data: Mapping[str, Any], key: str, where: str) -> int | None:
    found = data.get(key)
    if found is not None and (type(found) is not int or not 0 <= found <= 255):
        raise LocalError(f"not the {key} of a channel", where=where, expected="0 to 255", actual=repr(found))
    return found
