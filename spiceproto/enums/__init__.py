"""Enumerations and flags of the protocol, a file a channel, spelled as the wire constants without their prefix.

Names that begin with a digit get an underscore before it: ``SPICE_BITMAP_FMT_1BIT_LE`` is ``BitmapFmt._1BIT_LE``.
"""
