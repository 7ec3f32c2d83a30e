"""The values of every structure and message, a module for each file of :mod:`spiceproto.schema`."""
