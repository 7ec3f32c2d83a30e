"""A SASL login that nothing gets out of: whatever a mechanism raises, over a server's bytes or a user's name, is a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from spiceproto.link.sasl import SaslClient, SaslStep

__all__ = ["GuardedLogin"]

_FAILED: Final = SaslStep(None, failed=True)

Found = TypeVar("Found")


class GuardedLogin:
    """A :class:`spiceproto.link.sasl.SaslClient` around another one."""

    def __init__(self, login: SaslClient) -> None:
        self._login = login

    def choose(self, mechanisms: tuple[str, ...]) -> str | None:
        """The mechanism to use; None also where it cannot be used."""
        return _guarded(lambda: self._login.choose(mechanisms), None)

    def start(self) -> SaslStep:
        """The first response."""
        return _guarded(self._login.start, _FAILED)

    def step(self, challenge: bytes | None) -> SaslStep:
        """The response to a challenge."""
        return _guarded(lambda: self._login.step(challenge), _FAILED)


def _guarded(act: Callable[[], Found], otherwise: Found) -> Found:
    try:
        return act()
    except Exception:  # mechanisms are other people's code, and raise errors of many kinds
        return otherwise
