"""``python -m spiceproto.tests.make_vectors [--check]``: write ``spec/vectors/images``, or say what is out of date.

What is in it and how it is used is told in its README. What is made is listed in four files:

* :mod:`spiceproto.tests.vector_images`: single images;
* :mod:`spiceproto.tests.vector_sequences`: images that refer to each other, GLZ and ZLIB_GLZ;
* :mod:`spiceproto.tests.vector_recorded`: streams that other programs made;
* :mod:`spiceproto.tests.vector_invalid`: streams to refuse.

Streams of QUIC, LZ, GLZ and of bitmaps are the same whoever makes them, and are compared byte by byte. Those of zlib,
LZ4 and JPEG depend on the version of a library, and so do PNG files: what is there stays as long as it decodes to the
right picture (for JPEG: as long as it is there).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from spiceproto.tests import vector_invalid
from spiceproto.tests.vector_images import images
from spiceproto.tests.vector_maker import Maker
from spiceproto.tests.vector_pictures import DTYPES, MASKS
from spiceproto.tests.vector_recorded import recorded
from spiceproto.tests.vector_sequences import sequences
from spiceproto.tests.vectors import FOLDER, Entry

__all__ = ["made", "main"]

ORIGINS: Final = {
    "encoder": "made by this project's encoder; byte for byte what the reference encoder makes (checked)",
    "layout": "made by this project; the layout leaves no choice but the padding",
    "library": "made by this project with a library; other encoders make other bytes",
    "spice-server": "recorded from a program that draws with spice-server 0.15.1",
    "qemu": "recorded from QEMU 7.2 with spice-server 0.15.1",
    "andris": "recorded from andris 0.1.0, a server that is not spice-server",
}


def made(present: Callable[[str], bytes | None]) -> dict[str, bytes]:
    """Every file of the folder but its README, by name."""
    maker = Maker(present)
    for part in (images, sequences, recorded):
        part(maker)
    invalid = vector_invalid.entries(maker)
    maker.files["index.json"] = _index(maker, invalid).encode()
    return maker.files


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _index(maker: Maker, invalid: list[Entry]) -> str:
    """JSON with one entry a line."""

    def lines(entries: list[Entry]) -> str:
        return "[\n" + ",\n".join(_compact(entry) for entry in entries) + "\n]"

    def table(rows: dict[str, Any]) -> str:
        return "{\n" + ",\n".join(f"{json.dumps(name)}: {_compact(value)}" for name, value in rows.items()) + "\n}"

    sequences = []
    for sequence in maker.sequences:
        head = _compact({key: value for key, value in sequence.items() if key != "steps"})
        sequences.append(f'{head[:-1]},"steps":{lines(sequence["steps"])}}}')
    formats = {name: {"bytes": np.dtype(dtype).itemsize, "mask": MASKS[name]} for name, dtype in DTYPES.items()}
    parts = {
        "version": "1",
        "pixel_formats": table(formats),
        "origins": table(ORIGINS),
        "palettes": table(maker.palettes),
        "images": lines(maker.images),
        "sequences": "[\n" + ",\n".join(sequences) + "\n]",
        "invalid": lines(invalid),
    }
    return "{\n" + ",\n".join(f'"{name}": {text}' for name, text in parts.items()) + "\n}\n"


def _read(folder: Path) -> Callable[[str], bytes | None]:
    def present(name: str) -> bytes | None:
        path = folder / name
        return path.read_bytes() if path.exists() else None

    return present


def _foreign(folder: Path, files: dict[str, bytes]) -> Iterator[str]:
    """Files in the folder that nobody makes or reads."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in files and name != "README.md":
            yield name


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Exit status 1 if ``--check`` found a difference."""
    present = _read(folder)
    files = made(present)
    stale = [name for name, data in files.items() if present(name) != data]
    foreign = list(_foreign(folder, files))
    for name in stale:
        print(f"{'out of date' if '--check' in arguments else 'written'}: {name}")
        if "--check" not in arguments:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(files[name])
    for name in foreign:
        print(f"{'not in the index' if '--check' in arguments else 'removed'}: {name}")
        if "--check" not in arguments:
            (folder / name).unlink()
    return int("--check" in arguments and bool(stale or foreign))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
