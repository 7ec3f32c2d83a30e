"""The display channel and what it keeps: spec/07-display.md and spec/08-caches.md."""
