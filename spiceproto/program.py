"""What the program ``spiceproto`` begins with: from the first moment on, SIGINT ends it in order.

While modules are loaded, KeyboardInterrupt would come up inside of the import system or of a class that is being made, where it
is a traceback, or is lost. So until a command does something of its own about it (:mod:`spiceproto.command.interruption`), the
program says that it was interrupted and is gone. Nobody imports this but who is that program.
"""

import _signal  # type: ignore[import-not-found]  # the module signal itself takes ten times as long, for its enumerations
import os


def _leave(number: int, frame: object) -> None:
    os.write(2, b"interrupted\n")
    os._exit(130)


if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:  # else whoever began it wants it left alone
    _signal.signal(_signal.SIGINT, _leave)

from spiceproto.command import main  # noqa: E402

__all__ = ["main"]
