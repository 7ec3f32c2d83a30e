"""The targets, a file for each part of the library."""
