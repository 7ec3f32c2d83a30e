"""What a system that is no Unix does not have is taken away from the interpreter that runs this, before others are imported.

It stands in for Windows where there is none: modules can not be imported, names of ``os``, ``socket``, ``signal`` and
``asyncio`` are missing, and loops of events have no handlers of signals and no Unix sockets. What the standard library and
others need on this system stays.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import sys
from typing import Any

MODULES = frozenset(
    {"crypt", "fcntl", "grp", "nis", "ossaudiodev", "pty", "pwd", "readline", "resource", "spwd", "syslog", "termios", "tty"}
)

NAMES: dict[Any, tuple[str, ...]] = {
    os: (
        *("chown", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid", "getgroups", "getpgid", "getpgrp"),
        *("getpriority", "initgroups", "killpg", "lchown", "mkfifo", "mknod", "nice", "openpty", "pread", "pwrite"),
        *(
            "sched_getaffinity",
            "sched_setaffinity",
            "setegid",
            "seteuid",
            "setgid",
            "setpgid",
            "setpriority",
            "setsid",
            "setuid",
        ),
        *("statvfs", "tcgetpgrp", "wait", "wait3", "wait4", "O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK", "O_SYNC", "ctermid"),
    ),
    socket: ("AF_UNIX", "SCM_RIGHTS", "CMSG_LEN", "CMSG_SPACE", "SO_PEERCRED", "send_fds", "recv_fds"),
    signal: (
        *(
            "SIGKILL",
            "SIGHUP",
            "SIGQUIT",
            "SIGUSR1",
            "SIGUSR2",
            "SIGPIPE",
            "SIGALRM",
            "SIGCHLD",
            "SIGCONT",
            "SIGSTOP",
            "SIGTSTP",
        ),
        *("SIGWINCH", "alarm", "setitimer", "pthread_sigmask", "sigwait", "siginterrupt", "pause"),
    ),
    asyncio: ("open_unix_connection", "start_unix_server"),
    select: ("poll",),
}


class Missing:
    """Finds none of the modules."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _not_here(*_: Any, **__: Any) -> None:
    raise NotImplementedError


def _socketpair(*_: Any) -> tuple[socket.socket, socket.socket]:
    """As on Windows: through a listener on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = socket.create_connection(listener.getsockname())
        return one, listener.accept()[0]


def take_away() -> None:
    """Do it."""
    for name in MODULES:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, Missing())
    for module, names in NAMES.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    socket.socketpair = _socketpair  # type: ignore[assignment]
    loop: Any = asyncio.SelectorEventLoop
    for name in ("add_signal_handler", "remove_signal_handler", "create_unix_server", "create_unix_connection"):
        setattr(loop, name, _not_here)


take_away()
