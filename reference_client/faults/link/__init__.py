"""Faults in the link stage, a file a section of spec/01-link.md."""
