"""The tunnel channel, which nobody has any more: spec/16-tunnel.md."""
