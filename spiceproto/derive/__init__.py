"""Everything that is made from the schemas. Each module is a fold over :mod:`spiceproto.walk`."""
