"""Image codecs: ``decode(stream) -> pixels`` and ``encode(pixels, ...) -> stream`` over numpy arrays, pure functions.

One module a codec, with the checks, the shapes and the errors; the loops over pixels live in
:mod:`spiceproto.codecs.kernels` and are run interpreted or compiled by :mod:`spiceproto.codecs.tier`.
Nothing is imported here: a program that only parses messages never pays for numpy.
"""
