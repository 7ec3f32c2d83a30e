"""The SPICE remote-desktop protocol as values and pure functions."""

__version__ = "0.1.0"
