"""The inputs channel but for the mouse: spec/04-mouse.md."""
