"""What of the suite's own mistakes a target has to live with, and by which sentence.

What stands in neither table lets the target close the channel: a finding needs a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["UNKNOWN", "lives_with", "may_close", "may_wait", "survived"]

UNKNOWN: Final = "SPICE-FRAME-007"
"""The sentence about messages of types that mean nothing."""

_UNREADABLE: Final = frozenset(
    {"", "SPICE-FRAME-005", "SPICE-FRAME-012", "SPICE-FRAME-041", "SPICE-FRAME-042", "SPICE-FRAME-037"}
)
"""Sentences behind whose breach a message is none, whatever it is called."""

_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "client": {
        "SPICE-FRAME-026": "SPICE-FRAME-039",
        "SPICE-FRAME-029": "SPICE-FRAME-032",
        "SPICE-FRAME-044": "SPICE-FRAME-011",
        "SPICE-MOUSE-007": "SPICE-MOUSE-006",
        "SPICE-MOUSE-012": "SPICE-MOUSE-014",
        "SPICE-MOUSE-013": "SPICE-MOUSE-014",
    },
    "server": {
        "SPICE-CURSOR-006": "SPICE-CURSOR-017",
        UNKNOWN: "SPICE-FRAME-006",
        "SPICE-DISPLAY-007": "SPICE-DISPLAY-022",
        "SPICE-DISPLAY-008": "SPICE-DISPLAY-022",
        "SPICE-FRAME-044": "SPICE-FRAME-011",
    },
}
"""Role of the suite, and the sentence it broke, to the one by which the target goes on."""

_MESSAGES: Final[Mapping[str, Mapping[tuple[str, str], str]]] = {
    "client": {
        ("main", "AGENT_START"): "SPICE-AGENT-002",
        ("main", "AGENT_TOKEN"): "SPICE-AGENT-002",
        ("main", "MOUSE_MODE_REQUEST"): "SPICE-MOUSE-006",
        ("inputs", "KEY_DOWN"): "SPICE-KEY-003",
        ("inputs", "KEY_UP"): "SPICE-KEY-003",
        ("inputs", "KEY_MODIFIERS"): "SPICE-KEY-024",
        ("display", "PREFERRED_COMPRESSION"): "SPICE-DISPLAY-079",
        ("display", "STREAM_REPORT"): "SPICE-STREAM-019",
        ("record", "DATA"): "SPICE-SOUND-015",  # while the guest does not listen, see may_close
        ("record", "START_MARK"): "SPICE-SOUND-034",
        ("port", "DATA"): "SPICE-VMC-002",
        ("port", "EVENT"): "SPICE-VMC-018",
    },
    "server": {
        ("main", "NOTIFY"): "SPICE-MAIN-021",
        ("inputs", "INIT"): "SPICE-KEY-023",
        ("inputs", "KEY_MODIFIERS"): "SPICE-KEY-023",
        ("cursor", "INVAL_ONE"): "SPICE-CURSOR-018",
        ("display", "INVAL_LIST"): "SPICE-CACHE-009",
        ("display", "STREAM_CLIP"): "SPICE-STREAM-008",
        ("display", "STREAM_DESTROY"): "SPICE-STREAM-008",
        ("display", "STREAM_ACTIVATE_REPORT"): "SPICE-STREAM-008",
        ("playback", "DATA"): "SPICE-SOUND-007",
        ("playback", "START"): "SPICE-SOUND-025",
        ("playback", "STOP"): "SPICE-SOUND-025",
        ("playback", "VOLUME"): "SPICE-SOUND-036",
        ("playback", "MUTE"): "SPICE-SOUND-036",
        ("playback", "LATENCY"): "SPICE-SYNC-016",
        ("port", "INIT"): "SPICE-VMC-022",
        ("port", "EVENT"): "SPICE-VMC-022",
        ("port", "DATA"): "SPICE-VMC-022",
    },
}
"""Role of the suite, and a message that can be read, to the sentence by which the target goes on whatever it says."""


_WAITS: Final = frozenset({"WAIT_FOR_CHANNELS", "INVAL_ALL_PIXMAPS"})
_WAITS_FOR_NOBODY: Final = '"wait_list": []'

_VALUE: Final = "SPICE-FRAME-040"
_ANY_VALUE: Final = frozenset(
    {
        ("main", "MOUSE_MODE_REQUEST"),
        ("main", "NOTIFY"),
        ("inputs", "INIT"),
        ("inputs", "KEY_DOWN"),
        ("inputs", "KEY_MODIFIERS"),
        ("inputs", "KEY_UP"),
        ("display", "PREFERRED_COMPRESSION"),
        ("playback", "LATENCY"),
        ("port", "EVENT"),
    }
)
"""Messages of which the sentence speaks of values that no sender should send."""


def survived(own: str, table: str, word: str, broken: Iterable[str]) -> str:
    """The sentence by which a target has to live with a message that broke these; "" where it need not."""
    sentences = list(broken)
    if not sentences or _UNREADABLE.intersection(sentences):
        return ""
    if _VALUE in sentences and (table, word) not in _ANY_VALUE:
        return ""
    by_message = _MESSAGES[own].get((table, word), "")
    found = [_SENTENCES[own].get(sentence, by_message) for sentence in sentences]
    return found[0] if all(found) else ""


def lives_with(own: str, table: str, word: str) -> str:
    """The sentence by which a target goes on behind such a message, whatever it says; "" for none."""
    return _MESSAGES[own].get((table, word), "")


def may_close(table: str, message: str, state: str) -> bool:
    """Whether a target may close the channel for what a message has in it, however legal it is.

    Sound that can not be decoded, and modes that were not announced (SPICE-SOUND-032, SPICE-SOUND-033); what belongs to a
    migration, for that is said to nobody else (SPICE-MIG-026, SPICE-MIG-027).
    """
    if message.startswith("MIGRATE"):
        return True
    return table == "record" and (message == "MODE" or (message == "DATA" and "record=silent" not in state))


def may_wait(message: str, value: str, change: str) -> bool:
    """Whether a client may wait behind a message for others that do not come; ``value`` is its text as a step has it.

    It does so for every serial of a list, whatever it is (SPICE-FRAME-034): until then its channel answers nothing.
    """
    return message in _WAITS and (bool(change) or _WAITS_FOR_NOBODY not in value)
