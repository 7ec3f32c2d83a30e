"""Smart cards: spec/18-smartcard.md."""
