"""What a server has to answer to a link message with one thing wrong about it, or nothing that matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from conformance.answer import Answer

__all__ = ["of_link"]

_LEAST, _MOST = 18, 4096

_REFUSED: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "magic": (lambda value: value != "52454451", "SPICE-LINK-006"),
    "major": (lambda value: value != 2, "SPICE-LINK-008"),
    "size": (lambda value: not _LEAST <= value <= _MOST, "SPICE-LINK-012"),
    "counts": (lambda value: sum(value) > _MOST // 4, "SPICE-LINK-015"),
}
"""What is wrong, and the sentence by which it is refused."""

_TAKEN: Final = {"minor": "SPICE-LINK-009", "padding": "SPICE-LINK-017", "gap": "SPICE-LINK-017"}
"""What matters to nobody, and the sentence by which it is taken."""

_SESSION: Final = "SPICE-LINK-031"


def of_link(words: Mapping[str, Any], stranger: bool, answer: Answer) -> list[tuple[str, str]]:
    """Sentence and text where the answer is another one than it has to be.

    * ``words``: what is wrong about the link message
    * ``stranger``: it names a session that there is not
    """
    if len(words) + stranger != 1:
        return []
    if stranger:
        return [(_SESSION, "a link with the id of no session was taken")] if answer.ok else []
    ((name, value),) = words.items()
    if name in _REFUSED:
        is_wrong, sentence = _REFUSED[name]
        return [(sentence, f"a link with {name} {value} was taken")] if is_wrong(value) and answer.ok else []
    if name in _TAKEN and answer.kind == "reply" and not answer.ok:
        return [(_TAKEN[name], f"a link with {name} {value} was answered: {answer}")]
    return []
