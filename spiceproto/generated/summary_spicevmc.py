"""Summaries of spicevmc. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.generated.parse_spicevmc import parse_CompressedData, parse_Data
from spiceproto.summary import line


def summary_Data(b, tail=None):
    return line(parse_Data(b, tail), ('data',))


def summary_CompressedData(b, tail=None):
    return line(parse_CompressedData(b, tail), ('type', 'uncompressed_size'))
