"""``python -m spiceproto.tests.canvas_fuzz --library PATH``: our canvas against spice-common's, by random messages.

The library at PATH is one that its user has built (:file:`field_canvas.c` says how); it never is part of the project.
Both canvases get the same bytes: messages of a display channel, from SURFACE_CREATE on. After each message all surfaces
are compared, and ours takes over the pixels of the other, so that each command is judged by itself.

    choices       numbers that a seed gives, or a list; everything random is made of them, so any case can be shrunk
    pictures      images in every encoding, palettes, masks
    commands      scenes: surfaces, and a row of messages
    peer          the other canvas, in a process of its own, which may die
    program       what runs in that process
    comparison    one scene drawn by both; the first difference
    exceptions    differences that stay, each with its reason
    fuzz          scene after scene, each kind of difference once
    shrinking     a smaller scene with the same difference
    sample        a scene with what the field shows, as JSON; the tests replay it without the library
    record        scenes that stay as they are, with what the field shows after each message
    stand_in      another canvas that is wrong on purpose, for the tests of all this
"""
