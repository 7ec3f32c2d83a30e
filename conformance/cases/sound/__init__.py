"""Playback and record channels: spec/10-sound.md."""
