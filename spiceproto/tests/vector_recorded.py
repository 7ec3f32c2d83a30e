"""The golden images that other programs made: files in ``recorded/``, which are read and never written."""

from __future__ import annotations

import json
from typing import Final

from spiceproto.codecs import glz, lz, zlib_glz
from spiceproto.tests import vectors
from spiceproto.tests.vector_maker import Maker, psnr_asked
from spiceproto.tests.vectors import PALETTE_TYPES, Entry, format_number

RECORDED: Final[tuple[Entry, ...]] = (
    {"name": "quic-rgb16", "codec": "QUIC", "type": "RGB16", "from": "spice-server"},
    {"name": "quic-rgb24", "codec": "QUIC", "type": "RGB24", "from": "spice-server"},
    {"name": "quic-rgb32", "codec": "QUIC", "type": "RGB32", "from": "qemu"},
    {"name": "quic-rgba", "codec": "QUIC", "type": "RGBA", "from": "spice-server"},
    {"name": "lz-plt1_be", "codec": "LZ", "type": "PLT1_BE", "from": "spice-server"},
    {"name": "lz-plt4_be", "codec": "LZ", "type": "PLT4_BE", "from": "spice-server"},
    {"name": "lz-plt8", "codec": "LZ", "type": "PLT8", "from": "spice-server"},
    {"name": "lz-rgb16", "codec": "LZ", "type": "RGB16", "from": "spice-server"},
    {"name": "lz-rgb24", "codec": "LZ", "type": "RGB24", "from": "spice-server"},
    {"name": "lz-rgb32", "codec": "LZ", "type": "RGB32", "from": "spice-server"},
    {"name": "lz-rgba", "codec": "LZ", "type": "RGBA", "from": "spice-server"},
    {"name": "lz4-32bit", "codec": "LZ4", "type": "32BIT", "from": "andris", "width": 128, "height": 128},
    {"name": "jpeg", "codec": "JPEG", "type": "COLOUR", "from": "qemu", "width": 32, "height": 40},
    {
        "name": "jpeg_alpha",
        "codec": "JPEG_ALPHA",
        "type": "RGBA",
        "from": "spice-server",
        "width": 64,
        "height": 48,
        "jpeg_size": 929,
        "top_down": True,
    },
    {
        "name": "bitmap-1bit_be",
        "codec": "BITMAP",
        "type": "1BIT_BE",
        "from": "spice-server",
        "width": 64,
        "height": 48,
        "stride": 8,
        "top_down": True,
    },
    {
        "name": "bitmap-4bit_be",
        "codec": "BITMAP",
        "type": "4BIT_BE",
        "from": "spice-server",
        "width": 64,
        "height": 48,
        "stride": 32,
        "top_down": True,
    },
    {
        "name": "bitmap-32bit",
        "codec": "BITMAP",
        "type": "32BIT",
        "from": "qemu",
        "width": 32,
        "height": 40,
        "stride": 128,
        "top_down": True,
    },
)
"""Their pixels are those of the reference decoder (QUIC, LZ, GLZ), of the server's screen (LZ4, BITMAP), or of the
reference client (JPEG, JPEG_ALPHA)."""

Plan = tuple[str, int, int]  # codec, size, glz_data_size (0 for GLZ)
RECORDED_SEQUENCES: Final[tuple[tuple[str, str, str, tuple[Plan, ...]], ...]] = (
    (
        "glz",
        "qemu",
        "a box that moves over a picture",
        (
            ("GLZ", 350, 0),
            ("GLZ", 541, 0),
            ("GLZ", 232, 0),
            ("GLZ", 1207, 0),
            ("GLZ", 206, 0),
            ("GLZ", 337, 0),
            ("GLZ", 187, 0),
            ("GLZ", 697, 0),
        ),
    ),
    (
        "glz-types",
        "spice-server",
        "three types; the recording begins at number 4",
        (("GLZ", 129, 0), ("GLZ", 135, 0), ("GLZ", 135, 0)),
    ),
    (
        "zlib_glz",
        "qemu",
        "text; the recording begins at number 20",
        (
            ("ZLIB_GLZ", 153, 952),
            ("ZLIB_GLZ", 161, 683),
            ("ZLIB_GLZ", 221, 1108),
            ("ZLIB_GLZ", 165, 1274),
            ("ZLIB_GLZ", 139, 891),
        ),
    ),
)


def recorded(maker: Maker) -> None:
    """Add all of them, decoded anew."""
    index = json.loads(maker.present("index.json") or b'{"palettes": {}}')
    maker.palettes |= {name: values for name, values in index["palettes"].items() if name.startswith("recorded ")}
    for row in RECORDED:
        more = dict(row)
        name, codec, type, source = (more.pop(key) for key in ("name", "codec", "type", "from"))
        stream = maker.present(f"recorded/{name}.stream")
        if stream is None:
            raise FileNotFoundError(f"recorded/{name}.stream")
        if codec == "LZ":
            more |= {"stride": lz.header(stream).stride, "top_down": lz.header(stream).top_down}
        if codec == "JPEG_ALPHA":
            more["flags"] = int(more["top_down"])
        if codec in ("JPEG", "JPEG_ALPHA"):
            more["psnr"] = psnr_asked(stream[: more.get("jpeg_size", len(stream))])
        width, height = more.pop("width", 0), more.pop("height", 0)
        probe = {"codec": codec, "width": width, "height": height, **more}
        if codec == "BITMAP":
            probe["type_number"] = format_number(type)
        colours = None
        if type in PALETTE_TYPES:
            more["palette"] = f"recorded {name}"
            colours = maker.palettes[more["palette"]]
        found = vectors.decode(probe, stream, colours)
        pixels = found.pixels if found.indices is None else found.indices
        maker.image(f"recorded/{name}", codec, type, pixels, stream, source, **more)
    for name, source, about, plan in RECORDED_SEQUENCES:
        data = maker.present(f"recorded/{name}.stream") or b""
        steps: list[Entry] = []
        window: glz.Window | None = None
        offset = 0
        for codec, size, glz_data_size in plan:
            stream = data[offset : offset + size]
            inner = zlib_glz.inflate(stream, glz_data_size) if glz_data_size else stream
            head = glz.header(inner)
            window = glz.Window(next_id=head.image_id) if window is None else window
            fields: Entry = {"top_down": head.top_down, "image_id": head.image_id, "head_distance": head.window_head_distance}
            if glz_data_size:
                fields["glz_data_size"] = glz_data_size
            step = maker.entry(
                f"recorded/{name}-{head.image_id}",
                codec,
                head.type.name,
                glz.decode(inner, window),
                stream,
                source,
                offset=offset,
                **fields,
            )
            steps.append(step)
            offset += size
        maker.sequence(f"recorded/{name}", steps, data, glz.WINDOW_PIXELS, steps[0]["image_id"], about)
