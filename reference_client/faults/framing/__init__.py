"""Faults in headers, lists, acknowledgement, pings and waiting, a file a section of spec/02-framing.md."""
