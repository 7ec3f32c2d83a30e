"""Reports of a decoded capture: text lines, trees with byte spans, JSON lines."""
