"""USB devices: spec/17-usbredir.md."""
