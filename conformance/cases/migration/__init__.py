"""Two servers and one client: spec/19-migration.md."""
