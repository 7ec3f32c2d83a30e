"""A command line that is an option of an address, with placeholders in braces.

Any word in braces that is no placeholder is refused; what is no word, or has a dollar sign before it, is left alone. The
line is split as a shell would, but there is no shell.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Final

from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["CommandLine"]

_PLACEHOLDER: Final = re.compile(r"(?<!\$)\{([a-z_]+)\}")


class CommandLine:
    """``text`` for a ``role``, with placeholders of these ``names``; ``example`` is an address that has one.

    ``named`` are those that are in it. Raises LocalError for a line that is none.
    """

    def __init__(self, text: str, names: Sequence[str], *, role: str, example: str) -> None:
        try:
            self.words = shlex.split(text)
        except ValueError as error:
            raise LocalError(f"a command that no shell would split: {error}", where=role) from None
        if not self.words:
            raise LocalError(f"a {role} without a command", where=role, expected=example)
        self.named = frozenset([name for word in self.words for name in _PLACEHOLDER.findall(word)])
        for name in self.named - set(names):
            known = [f"{{{one}}}" for one in names]
            word = f"{{{name}}}"
            raise LocalError("an unknown placeholder", where=role, expected=expected(word, known), actual=word)

    def filled(self, values: Mapping[str, str]) -> list[str]:
        """The words, with these values in place of the placeholders."""
        return [_PLACEHOLDER.sub(lambda found: values[found[1]], word) for word in self.words]
