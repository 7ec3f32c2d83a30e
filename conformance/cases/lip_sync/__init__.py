"""Lip sync: spec/12-lip-sync.md."""
