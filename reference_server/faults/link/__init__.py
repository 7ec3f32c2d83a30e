"""Faults of the link stage (spec/01-link.md), a file a section."""
