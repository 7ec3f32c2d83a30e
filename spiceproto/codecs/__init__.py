"""Codecs over numpy arrays: of images, ``decode(stream) -> pixels`` and ``encode(pixels, ...) -> stream``, pure functions; of
sound and video, where each packet rests on those before, objects with a method ``decode`` or ``encode``.

One module a codec, with the checks, the shapes and the errors; the loops live in
:mod:`spiceproto.codecs.kernels` and are run interpreted or compiled by :mod:`spiceproto.codecs.tier`.
Nothing is imported here: a program that only parses messages never pays for numpy.
"""
