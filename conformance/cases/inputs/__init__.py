"""The inputs channel but for the mouse: spec/13-keyboard.md, and how the channel begins in spec/04-mouse.md."""
