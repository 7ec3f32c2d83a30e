"""Cases of chapter 20: limits, malformed input, and peers that go: spec/20-robustness.md."""
