"""The specification: chapters in Markdown, the ids of their sentences, and golden data. No logic; see README.md."""
