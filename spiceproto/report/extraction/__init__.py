"""What a capture carries, as files: the consumers behind ``spiceproto extract``.

folder       files with names of ours, and the index that says which message each came from
extraction   what the kinds share: holes are said, in the index and beside each file
images, streams, clipboard, files, byte_streams (ports, usb), webdav     a kind each
kinds        all of them, by name
"""
