"""Video streams: spec/11-streams.md."""
