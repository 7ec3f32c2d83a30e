"""What servers hold on to: sessions one after the other and at once, clients that vanish, half-open links. Nothing can fail.

    python benchmarks/holding_up.py [--parts NAMES] [--servers NAMES] [--sessions N] [--at-once N] [--half-open N]

Each server is a process of its own, for several clients where it has to be, and this process is the clients. Of a server are
printed MiB of its own memory, descriptors and threads before and after, processor time, and the time by the clock until the
next login has its INIT.

    one-by-one   sessions of four channels until the screen is there, one after the other
    at-once      so many such sessions that stay, and answer
    vanishing    such sessions that are reset, or of which a channel is cut in the middle of its link stage
    half-open    connections on which nothing is said, or the first half of a link message, and that stay
    slow         sessions that stop to read while the guest draws (the reference server alone)
    clients      reference clients in this process, one after the other and at once, at a reference server
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from holding_servers import ANNOUNCED, KINDS, Line, Look, Session, Started, Turned, look, missing, started

from spiceproto.enums.link import ChannelType
from spiceproto.link.client import ClientLink
from spiceproto.messages import main as main_messages

WARM: Final = 20
"""Sessions before anything is measured."""

_SETTLED: Final = 2.0
"""Seconds in which a server ends what clients have left."""

_QUIET: Final = 0.1
"""Processors that one uses with nobody there. The reference server makes keys ahead, 256 at most, which is more than this."""

_MOST: Final = 90.0
"""Seconds for which that is waited for."""

_SLOW: Final = 10.0
"""Seconds for which nothing is read."""


def _say(server: str, what: str, before: Look, after: Look, more: str) -> None:
    print(
        f"{what:24}{server:11} memory {before.memory:7.1f} -> {after.memory:7.1f} MiB  descriptors {before.descriptors:3}"
        f" -> {after.descriptors:3}  threads {before.threads} -> {after.threads}  {more}",
        flush=True,
    )


def _login(server: Started) -> str:
    seconds = server.login()
    return "next login NOT served" if seconds is None else f"next login {1000 * seconds:.0f} ms"


def _warm(server: Started) -> Look:
    # libspice-server 0.15.1 does not always survive a session that begins while its guest starts.
    _settled(server)
    for number in range(WARM):
        try:
            Session(server.port).close()
        except (OSError, Turned) as error:
            print(f"{'':24}{server.name:11} session {number + 1}: {error}", flush=True)
    return _settled(server)


def _settled(server: Started) -> Look:
    """How a server is when it has nothing more to do."""
    end, now = time.monotonic() + _MOST, server.look()
    while time.monotonic() < end:
        before = now
        time.sleep(_SETTLED)
        now = server.look()
        if now.processor - before.processor < _QUIET * _SETTLED:
            break
    return now


def one_by_one(server: Started, options: argparse.Namespace) -> None:
    """Sessions one after the other."""
    before = _warm(server)
    began, done = time.monotonic(), 0
    for _ in range(options.sessions):
        try:
            Session(server.port).close()
        except (OSError, Turned):
            break
        done += 1
    seconds = time.monotonic() - began
    if done < options.sessions:
        why = "is not served" if server.lives else "ends with a crash"
        print(f"{'one by one':24}{server.name:11} session {done + 1} {why}", flush=True)
        if not server.lives:
            return
    used = server.look().processor - before.processor
    after = _settled(server)
    more = f"{1000 * used / max(done, 1):.1f} ms of processor and {1000 * seconds / max(done, 1):.0f} ms a session"
    _say(server.name, f"{done} one by one", before, after, f"{more}, {_login(server)}")


def at_once(server: Started, options: argparse.Namespace) -> None:
    """Sessions that stay."""
    before = _warm(server)
    sessions: list[Session] = []
    for _ in range(options.at_once):
        try:
            sessions.append(Session(server.port))
        except (OSError, Turned):
            break
        for session in sessions:
            session.drain()
    full = server.look()
    login = _login(server)
    _say(server.name, f"{len(sessions)} at once", before, full, login)
    for session in sessions:
        session.close()
    if server.lives:
        _say(server.name, "  when they are gone", before, _settled(server), _login(server))


def vanishing(server: Started, options: argparse.Namespace) -> None:
    """Clients that are gone without a word."""
    before = _warm(server)
    done = 0
    for number in range(options.vanishing):
        try:
            if number % 2:
                Session(server.port).close(reset=True)
            else:
                _cut(server.port, number // 2)
        except (OSError, Turned):
            break
        done += 1
    if server.lives:
        _say(server.name, f"{done} vanish", before, _settled(server), _login(server))
    else:
        print(f"{'vanish':24}{server.name:11} has crashed behind {done} clients", flush=True)


def _cut(port: int, number: int) -> None:
    """A session one channel of which stops in the middle of its link stage; then all of it is gone."""
    main = Line(port, ChannelType.MAIN, 0)
    session = main.until(main_messages.Init).session_id
    kind = KINDS[number % len(KINDS)]
    message = ClientLink(kind, 0, session, ANNOUNCED).bytes_to_send()
    with socket.create_connection(("127.0.0.1", port)) as cut:
        cut.sendall(message[: 1 + number % len(message)])
        cut.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    main.reset()


def half_open(server: Started, options: argparse.Namespace) -> None:
    """Connections on which nothing more is said."""
    before = _warm(server)
    half = ClientLink(ChannelType.MAIN, 0, 0, ANNOUNCED).bytes_to_send()[:20]
    waiting: list[socket.socket] = []
    most, began = before, time.monotonic()
    for number in range(options.half_open):
        one = socket.socket()
        one.setblocking(False)
        try:
            one.connect_ex(("127.0.0.1", server.port))
            if number % 2:
                one.send(half)
        except OSError:  # not connected yet: this one says nothing
            pass
        waiting.append(one)
        if number % 500 == 499:
            most = max(most, server.look(), key=lambda item: item.descriptors)
            time.sleep(0.05)
    seconds = time.monotonic() - began
    rush = _login(server)
    settled = _settled(server)
    full = max(most, settled, key=lambda item: item.descriptors)
    used = settled.processor - before.processor
    more = f"opened in {seconds:.1f} s, {1000 * used / len(waiting):.2f} ms of processor each, in the rush {rush},"
    more += f" when they have come {settled.descriptors} descriptors and {_login(server)}"
    _say(server.name, f"{len(waiting)} half open, most", before, full, more)
    for one in waiting:
        one.close()
    if server.lives:
        _say(server.name, "  when they are gone", before, _settled(server), _login(server))


def slow(server: Started, options: argparse.Namespace) -> None:
    """Sessions that read nothing any more."""
    if server.name != "reference":
        return
    before = _warm(server)
    sessions = [Session(server.port) for _ in range(options.slow)]
    began = server.look()
    time.sleep(_SLOW)
    full = server.look()
    used = (full.processor - began.processor) / _SLOW
    _say(server.name, f"{len(sessions)} read nothing", before, full, f"{100 * used:.0f} % of a processor, {_login(server)}")
    for session in sessions:
        session.close()
    _say(server.name, "  when they are gone", before, _settled(server), _login(server))


def clients(server: Started, options: argparse.Namespace) -> None:
    """Reference clients, of which this process is looked at."""
    if server.name == "reference":
        asyncio.run(_clients(server, options))


async def _clients(server: Started, options: argparse.Namespace) -> None:
    # Not needed by who measures servers.
    from reference_client import make_client
    from reference_client.channels.display import Marked
    from reference_client.plan import Wish, plan
    from reference_client.shell import Shell

    way, wish = plan(Wish(target=f"spice://127.0.0.1:{server.port}"))

    async def linked() -> Shell:
        shown = asyncio.Event()
        shell = Shell(make_client(wish), way, lambda event: shown.set() if isinstance(event, Marked) else None)
        shell.start()
        await shown.wait()
        return shell

    for _ in range(WARM):
        await (await linked()).stop()
    before = look(os.getpid())
    for _ in range(options.clients):
        await (await linked()).stop()
    after, tasks = look(os.getpid()), len(asyncio.all_tasks())
    used = 1000 * (after.processor - before.processor) / options.clients
    _say("client", f"{options.clients} one by one", before, after, f"tasks {tasks}, {used:.1f} ms of processor a session")
    shells = [await linked() for _ in range(options.at_once)]
    full, tasks = look(os.getpid()), len(asyncio.all_tasks())
    _say("client", f"{len(shells)} at once", before, full, f"tasks {tasks}")
    for shell in shells:
        await shell.stop()
    _say("client", "  when they are gone", before, look(os.getpid()), f"tasks {len(asyncio.all_tasks())}")


_SEVERAL: Final = ("at-once", "slow", "clients")
PARTS: Final[dict[str, Callable[[Started, argparse.Namespace], None]]] = {
    "one-by-one": one_by_one,
    "at-once": at_once,
    "vanishing": vanishing,
    "half-open": half_open,
    "slow": slow,
    "clients": clients,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS), help="names with commas between")
    parser.add_argument("--servers", default="reference,qemu", help="the same (default: reference,qemu)")
    parser.add_argument("--sessions", type=int, default=1000, help="one after the other (default 1000)")
    parser.add_argument("--at-once", type=int, default=50, help="sessions, and clients (default 50)")
    parser.add_argument("--vanishing", type=int, default=400, help="clients (default 400)")
    parser.add_argument("--half-open", type=int, default=10_000, help="connections (default 10000)")
    parser.add_argument("--slow", type=int, default=10, help="sessions (default 10)")
    parser.add_argument("--descriptors", type=int, default=1024, help="of each server (default 1024, as usual)")
    parser.add_argument("--clients", type=int, default=200, help="one after the other (default 200)")
    options = parser.parse_args()
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = options.half_open + 500
    if limit < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, most), most))
        options.half_open = min(options.half_open, min(wanted, most) - 500)
    print(
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; descriptors of each server: {options.descriptors}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in options.parts.split(","):
            for kind in options.servers.split(","):
                if why := missing(kind):
                    print(f"{name:24}{kind:11} {why}", flush=True)
                    continue
                drawing = ("--guest", "video", "--size", "1024x768") if name == "slow" and kind == "reference" else ()
                several = name in _SEVERAL
                place = Path(folder)
                with started(kind, *drawing, folder=place, descriptors=options.descriptors, several=several) as server:
                    PARTS[name](server, options)


if __name__ == "__main__":
    main()
