"""Byte channels: spec/15-byte-channels.md."""
