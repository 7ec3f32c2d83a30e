"""The reference codecs, for comparison: any shared library that exports, as thin wrappers of the C functions,

    int c_quic_enc(int type, int w, int h, uint8_t *px, int stride, uint32_t *out, int n_words)   words written
    int c_quic_dec(uint32_t *in, int n_words, int out_type, uint8_t *px, int stride)              0
    int c_lz_enc(int type, int w, int h, uint8_t *px, int stride, uint8_t *out, int n)            bytes written
    int c_lz_dec(uint8_t *in, int n, int out_type, uint8_t *px)                                   0

and, for the rows of GLZ,

    void *c_glz_encoder(int window_pixels)                      void c_glz_encoder_free(void *)
    int c_glz_enc(void *, int type, int w, int h, uint8_t *px, int stride, uint8_t *out, int n)   bytes written
    void *c_glz_window(void)                                    void c_glz_window_free(void *)
    void *c_glz_dec(void *, uint8_t *in)                        the pixels, which stay in the window

It is no part of this project. Build it with the flags that distributions use, and state them with every ratio. The encoder of
GLZ keeps pointers to the pixels it is given: whoever calls it keeps these arrays as they are.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

_POINTER, _INT = ctypes.c_void_p, ctypes.c_int
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "c_quic_enc": (_INT, [_INT, _INT, _INT, _POINTER, _INT, _POINTER, _INT]),
    "c_quic_dec": (_INT, [_POINTER, _INT, _INT, _POINTER, _INT]),
    "c_lz_enc": (_INT, [_INT, _INT, _INT, _POINTER, _INT, _POINTER, _INT]),
    "c_lz_dec": (_INT, [_POINTER, _INT, _INT, _POINTER]),
    "c_glz_encoder": (_POINTER, [_INT]),
    "c_glz_encoder_free": (None, [_POINTER]),
    "c_glz_enc": (_INT, [_POINTER, _INT, _INT, _INT, _POINTER, _INT, _POINTER, _INT]),
    "c_glz_window": (_POINTER, []),
    "c_glz_window_free": (None, [_POINTER]),
    "c_glz_dec": (_POINTER, [_POINTER, _POINTER]),
}


class Reference:
    """The library. Calls take arrays whose addresses were asked for before, so that only the C functions are measured."""

    def __init__(self, path: str) -> None:
        library = ctypes.CDLL(os.path.abspath(path))
        self.functions: dict[str, Any] = {}
        for name, (result, arguments) in _SIGNATURES.items():
            if function := getattr(library, name, None):
                function.restype, function.argtypes = result, arguments
                self.functions[name] = function

    @property
    def has_glz(self) -> bool:
        return "c_glz_dec" in self.functions

    def encoder(self, codec: str, type: int, pixels: NDArray[Any], out: NDArray[np.uint8]) -> Any:
        """A function without arguments that encodes ``pixels`` to ``out`` and returns the bytes."""
        height, width = pixels.shape
        address, stride, room, size = pixels.ctypes.data, pixels.strides[0], out.ctypes.data, len(out)
        if codec == "quic":
            encode = self.functions["c_quic_enc"]
            return lambda: 4 * encode(type, width, height, address, stride, room, size // 4)
        encode = self.functions["c_lz_enc"]
        return lambda: encode(type, width, height, address, stride, room, size)

    def decoder(self, codec: str, type: int, stream: NDArray[np.uint8], out: NDArray[Any]) -> Any:
        """A function without arguments that decodes ``stream`` to ``out``."""
        address, size, pixels, stride = stream.ctypes.data, len(stream), out.ctypes.data, out.strides[0]
        if codec == "quic":
            decode = self.functions["c_quic_dec"]
            return lambda: decode(address, size // 4, type, pixels, stride)
        decode = self.functions["c_lz_dec"]
        return lambda: decode(address, size, type, pixels)
