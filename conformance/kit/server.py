"""Tries the commands that do something to a server: those of ``[target.controls]`` in a file."""

from __future__ import annotations

import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from conformance.adapters.process import end_of
from conformance.address import read_settings
from conformance.kit.sample import LEFT_OUT, right, written
from conformance.kit.tried import Found
from spiceproto import png
from spiceproto.controls import CONTROLS, control
from spiceproto.errors import LocalError, SpiceError
from spiceproto.suggestion import expected

__all__ = ["try_controls"]

_TIME: Final = 30.0
"""Seconds that a command may take."""

_PLACE: Final = re.compile(r"\{(\d+)\}")
_SAID: Final = 200


def try_controls(path: Path) -> Iterator[Found]:
    """What is found, as it is found; the server has to run. Raises LocalError for a file without sense."""
    controls = read_settings(path).controls
    if not controls:
        raise LocalError("a file without [target.controls]", where=str(path), expected="a command for each verb")
    known = [row.verb for row in CONTROLS if row.role == "server"]
    with tempfile.TemporaryDirectory(prefix="spiceconf-adapter-") as folder:
        for verb, template in controls.items():
            if verb not in known:
                yield Found(verb, "WRONG", f"there is no such verb: {expected(verb, known)}?")
            elif verb in LEFT_OUT:
                yield Found(verb, "left out", LEFT_OUT[verb])
            else:
                yield _tried(verb, template, Path(folder))


def _tried(verb: str, template: str, folder: Path) -> Found:
    row = control("server", verb)
    values = right(row, folder)
    names = [value.name for value in row.values]
    beyond = sorted({int(place) for place in _PLACE.findall(template) if int(place) >= len(names)})
    if beyond:
        return Found(verb, "WRONG", f"{{{beyond[0]}}} is no value: it has {', '.join(names) or 'none'}")
    try:
        command = [part.format(*[values[name] for name in names if name in values]) for part in shlex.split(template)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIME, check=False)
    except subprocess.TimeoutExpired:
        return Found(verb, "WRONG", f"it takes longer than {_TIME:g} seconds")
    except (OSError, ValueError, KeyError, IndexError) as error:
        return Found(verb, "WRONG", f"a command that cannot be started: {error}")
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-_SAID:]
        return Found(verb, "could not", f"{end_of(done.returncode)}: {said or 'it says nothing'}")
    path = written(row, folder)
    if verb == "picture" and path is not None:
        try:
            png.decode(path.read_bytes())
        except (OSError, SpiceError, ValueError) as error:
            return Found(verb, "WRONG", f"it is done, and there is no PNG file: {error}")
    return Found(verb, "ok", done.stdout.strip()[:_SAID])
