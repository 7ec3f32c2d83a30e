"""The cursor channel: spec/09-cursor.md."""
