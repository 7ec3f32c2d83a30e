"""Parsers, builders and tables made from the schemas by ``python -m spiceproto.derive``; not written by hand."""
