"""What a program of ours says of wrong usage: one line, and how to get the list of its options."""

from __future__ import annotations

import argparse
from typing import NoReturn

__all__ = ["Parser"]


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line; argparse would print all options before it."""

    def error(self, message: str) -> NoReturn:
        """End the program with status 2."""
        self.exit(2, f"{self.prog}: {message} (--help lists the options)\n")
