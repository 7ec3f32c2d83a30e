"""Clients at servers, each pair through the proxy, whose recording is held against the rules.

A pair is well if messages have passed, if the client shows what the server says that it shows, and if neither has broken a
sentence. The picture is compared where both can be asked for theirs; what moves is looked at again until it is equal, for some
seconds.
"""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from conformance.adapters.server_address import ServerAddress
from conformance.address import Login, open_target, read_settings
from conformance.cases import all_cases
from conformance.lint import lint
from conformance.matrix.jobs import started
from conformance.matrix.record import Pair
from conformance.matrix.targets import Target
from conformance.outcome import NotApplicable, Refusal, TargetUnusable, Undriven
from conformance.program_target import AdapterClient, AddressServer
from conformance.target import Target as Opened
from conformance.waivers import Waivers
from spiceproto import png
from spiceproto.controls import control
from spiceproto.errors import SpiceError

__all__ = ["pairs", "role_of"]

PATIENCE: Final = 20.0
"""Seconds in which a client shows what its server does."""

_SETTLE: Final = 4.0
"""Seconds of a session in which no picture is waited for."""

_PAUSE: Final = 0.25
_END: Final = 10.0
"""Seconds in which the proxy has to listen, and to end."""

_READY: Final = re.compile(r"listening on \S*?:(\d+)[,/ ]")


def role_of(target: Target, folder: Path) -> str:
    """Of a target, as far as its address tells. Raises LocalError for one without sense."""
    address = target.address.replace("{port}", "1") if target.start else target.address
    return _opened(target, address, folder).role


def _opened(target: Target, address: str, folder: Path) -> Opened:
    password, authority = [folder / name if name else None for name in (target.password_file, target.ca_file)]
    login = Login.read(password, authority, _END)
    return open_target(address, read_settings(folder / target.config if target.config else None), login=login)


def pairs(
    targets: Sequence[Target],
    folder: Path,
    output: Path,
    jobs: int,
    told: Callable[[Pair], None],
    *,
    patience: float = PATIENCE,
) -> tuple[Pair, ...]:
    """Every client of the targets at every server. Recordings go into ``output``."""
    output.mkdir(parents=True, exist_ok=True)
    chosen = [target for target in targets if target.pairs]
    roles = {target.name: role_of(target, folder) for target in chosen}
    clients, servers = [[target for target in chosen if roles[target.name] == role] for role in ("client", "server")]
    every = [(client, server) for server in servers for client in clients]
    found: dict[tuple[str, str], Pair] = {}
    with ThreadPoolExecutor(jobs) as pool:
        for future in as_completed([pool.submit(_pair, *pair, folder, output, patience) for pair in every]):
            pair = future.result()
            found[pair.client, pair.server] = pair
            told(pair)
    return tuple([found[client.name, server.name] for client, server in every])


def _pair(client: Target, server: Target, folder: Path, output: Path, patience: float) -> Pair:
    pair = Pair(client.name, server.name)
    name = f"{client.slug}@{server.slug}"
    skipped = [f"{target.name} is left out: {target.skip}" for target in (client, server) if target.skip]
    virtual = [target.name for target in (client, server) if target.address.startswith("ref:")]
    if virtual:
        skipped.append(f"{virtual[0]} lives in the memory of its run: no other program reaches it")
    if skipped:
        return msgspec.structs.replace(pair, why=skipped[0])
    try:
        with started(server, output / f"{name}.server.log") as address:
            opened = _opened(client, client.address, folder), _opened(server, address, folder)
            known = [item for pair_ in zip((client, server), opened, strict=True) for item in _known(*pair_, folder)]
            return _session(pair, *opened, output / name, known, patience)
    except (TargetUnusable, Refusal, SpiceError, OSError) as error:
        return msgspec.structs.replace(pair, why=str(error))


def _known(target: Target, opened: Opened, folder: Path) -> list[Waivers]:
    """Failures and manners that are known of a target."""
    found = [Waivers.packaged(opened.address)]
    if target.waivers:
        beside = folder / target.waivers
        found.append(Waivers.named(beside if beside.is_file() else target.waivers, address=opened.address))
    for waivers in found:
        waivers.meets = opened.meets
    return found


def _session(pair: Pair, client: Opened, server: Opened, place: Path, known: Sequence[Waivers], patience: float) -> Pair:
    """One session; both programs are ended behind it."""
    assert isinstance(client, AdapterClient) and isinstance(server, AddressServer)
    record = place.with_name(f"{place.name}.pcapng")
    try:
        server.start()
        upstream = _where(server)
        if not upstream.port and not upstream.unix_path:
            return msgspec.structs.replace(pair, why=f"{pair.server} has no port without TLS")
        with _proxy(upstream, record, place.with_name(f"{place.name}.proxy.log")) as port:
            client.start()
            client.adapter.connect(msgspec.structs.replace(upstream, host="127.0.0.1", port=port, tls_port=0, unix_path=""))
            pair = _looked_at(pair, client, server, patience)
            client.adapter.disconnect()
    finally:
        for target in (client, server):
            with contextlib.suppress(TargetUnusable, OSError):
                target.stop()
    return _judged(pair, record, known)


def _where(server: AddressServer) -> ServerAddress:
    """What a client must know."""
    place = server.place
    return ServerAddress(
        host=place.host, port=place.port, tls_port=place.tls_port, unix_path=place.unix, password=server.password
    )


@contextlib.contextmanager
def _proxy(upstream: ServerAddress, record: Path, log: Path) -> Iterator[int]:
    """The port of a proxy before a server, for as long as the block. Raises TargetUnusable."""
    command = [sys.executable, "-m", "spiceproto.spice_proxy", "0", upstream.uri(), "--record", str(record)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--format", "none"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=out
        )
    try:
        deadline = time.monotonic() + _END
        while (ready := _READY.search(log.read_text(errors="replace"))) is None:
            if process.poll() is not None or time.monotonic() > deadline:
                raise TargetUnusable(f"the proxy does not listen: {log.read_text(errors='replace').strip()[-200:]}")
            time.sleep(0.02)
        yield int(ready[1])
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END)
    finally:
        process.kill()
        process.wait()


def _looked_at(pair: Pair, client: AdapterClient, server: AddressServer, patience: float) -> Pair:
    """What the client shows beside what the server says that it shows."""
    lacks = ""
    if "picture" not in client.adapter.verbs:
        lacks = f"{pair.client} cannot be asked what it shows"
    elif not server.meets("control:picture"):
        lacks = f"{pair.server} cannot be asked what it shows"
    if lacks:
        _wait(_SETTLE, lambda: bool(client.ended))
        return msgspec.structs.replace(pair, picture_why=lacks)
    said = "the client has shown nothing"
    with tempfile.TemporaryDirectory(prefix="spiceconf-pair-") as folder:
        wanted, shown = Path(folder) / "server.png", Path(folder) / "client.png"

        def same() -> bool:
            nonlocal said
            shown.unlink(missing_ok=True)
            if client.adapter.do("picture", path=str(shown), display=0).kind != "ok" or not shown.exists():
                return False
            server.do(control("server", "picture"), {"path": str(wanted)})
            left, right = [png.decode(path.read_bytes()) for path in (wanted, shown)]
            said = _difference(left, right)
            return not said

        try:
            equal = _wait(patience, same)
        except (NotApplicable, Undriven) as error:
            return msgspec.structs.replace(pair, picture_why=str(error))
    return msgspec.structs.replace(pair, picture="equal" if equal else "differs", picture_why=said)


def _difference(wanted: Any, shown: Any) -> str:
    """In words; "" for none."""
    if wanted.shape != shown.shape:
        sizes = [f"{array.shape[1]} x {array.shape[0]}" for array in (wanted, shown)]
        return f"the server shows {sizes[0]} pixels, the client {sizes[1]}"
    wrong = int(np.any(wanted != shown, axis=-1).sum())
    return f"{wrong} of {wanted.shape[0] * wanted.shape[1]} pixels differ" if wrong else ""


def _wait(seconds: float, done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        if done():
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(_PAUSE)


def _judged(pair: Pair, record: Path, known: Sequence[Waivers]) -> Pair:
    """What the recording says."""
    if not record.exists():
        return msgspec.structs.replace(pair, connected=False, why="nothing was recorded")
    found = lint(record)
    broken = [ruling.requirement for ruling in found.rulings() if ruling.verdict == "broken"]
    about = {id: [case for case in all_cases() if case.requirement == id] for id in broken}
    waived = [id for id, cases in about.items() if any(item.match(case) for item in known for case in cases)]
    if not found.messages:
        why = "; ".join([str(problem) for problem in found.said[:1]]) or "no message has passed"
        return msgspec.structs.replace(pair, connected=False, why=why, recording=record.name)
    return msgspec.structs.replace(
        pair,
        connected=True,
        messages=found.messages,
        broken=tuple([id for id in broken if id not in waived]),
        waived=tuple(waived),
        recording=record.name,
    )
