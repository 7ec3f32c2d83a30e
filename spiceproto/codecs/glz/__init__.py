"""GLZ: LZ with a memory. A match may lie in any earlier image that the dictionary still holds.

The server keeps a :class:`Dictionary`, the client a :class:`Window`; both belong to a session and a dictionary id, not
to a channel. Each coded image has a number, one more than the image coded before it on whatever channel, and says in
its header how far back the dictionary reaches (``window_head_distance``): images with smaller numbers than
``image_id - window_head_distance`` are used by neither this image nor any later one.

Channels are separate connections, so the client may see an image before another that it refers to. :func:`decode` then
raises :class:`MissingImage` and leaves the window as it was but for images older than the window's capacity; decode
the same bytes again when the image has arrived. Only when all numbers up to an image have arrived does its header let
the window drop anything, because an image still under way may reach further back than one that overtook it.

A header is 33 bytes, big-endian: magic and version of LZ, one byte of type (low four bits) and direction (bit 4),
width, height, stride, 64-bit image number, window head distance. Tokens are described in ``kernels/glz.py``. RGBA has
its alpha plane behind the colours, as in LZ. Palette types could be coded, but no server does, and they are refused.

Memory: one pool of pixels for all images of a window or dictionary, filled from the start to the end and again from the
start. A window of W pixels (what the client announced) never needs an image that W later pixels have followed, so the
pool goes round only beyond W, and half as much again for images out of order; one image fits behind that.

Where this decoder is stricter than the reference client, which copies whatever bytes it finds: a stream must end with
its last pixel, a match must lie inside the image it names, that image must have the same type, a number must not
come twice, and the window must not reach back before number 0.

``stream`` has the header, ``pool`` the memory, ``window`` the client's side, ``dictionary`` the server's.

Sources: spice-server ``server/glz-encoder.c``, ``glz-encoder-dict.c`` and templates; spice-gtk ``src/decode-glz.c``.
"""

from spiceproto.codecs.glz.dictionary import Dictionary, encode
from spiceproto.codecs.glz.pool import WINDOW_PIXELS
from spiceproto.codecs.glz.stream import HEADER_SIZE, GlzHeader, header
from spiceproto.codecs.glz.window import MissingImage, Window, decode

__all__ = [
    "HEADER_SIZE",
    "WINDOW_PIXELS",
    "Dictionary",
    "GlzHeader",
    "MissingImage",
    "Window",
    "decode",
    "encode",
    "header",
]
