"""The loops over pixels: source files that :mod:`spiceproto.codecs.tier` loads, interpreted or compiled.

Rules of a file in this directory (their reasons are in :mod:`spiceproto.codecs.primitives`): module-level functions only,
no import but the primitives, no exception raised inside a kernel (a status is returned instead), every index
shown to be inside its array on hostile input.
"""
