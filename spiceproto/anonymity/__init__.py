"""A capture without what is private in it: ``spiceproto anonymise``. Lengths, numbers and order stay, words and pictures go.

blanks       bytes that say nothing, in the place of text, octets and scan codes
pictures     streams of images that are black
bodies       which bytes of a message are which, and what becomes of them
pieces       what messages carry in pieces: agent messages, usbredir, chunks of webdav
recorder     what a capture holds, beside its copy
copy         the copy as a file
"""
