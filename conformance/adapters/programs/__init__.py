"""The programs that the suite can start, a file each: a new file here is a new scheme of addresses.

A program is a class with a ``scheme``, derived from :class:`~conformance.adapters.server.ServerProgram` or
:class:`~conformance.adapters.client.ClientProgram`. It is made from a dictionary of options (``client:`` has its command under
``command``) and says with ``missing()`` which programs are not installed. The first line of its file says what it is, also in
docs/conformance.md.
"""

from __future__ import annotations

import sys
from typing import Final

from conformance.adapters.client import ClientProgram
from conformance.adapters.server import ServerProgram
from spiceproto.discovery import modules

__all__ = ["CATALOGUE", "Program"]

Program = type[ServerProgram] | type[ClientProgram]

CATALOGUE: Final[dict[str, Program]] = {
    item.scheme: item
    for module in modules(sys.modules[__name__])
    for item in vars(module).values()
    if isinstance(item, type) and issubclass(item, ServerProgram | ClientProgram) and item.__module__ == module.__name__
}
"""Scheme of an address to the class that serves it."""
