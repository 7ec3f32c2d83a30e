"""The canvas: what a client draws, on numpy arrays, pixel for pixel as the field does it.

:class:`spiceproto.canvas.display.Display` takes the messages of one display channel and holds its surfaces;
:class:`spiceproto.canvas.cursor.Pointer` does the same for a cursor channel. Everything else here is one concept a file
and pure functions over :class:`spiceproto.canvas.surface.Surface`.

"The field" is spice-gtk 0.42: its canvas is spice-common's ``canvas_base.c`` and ``sw_canvas.c`` over pixman 0.42.
Where the arithmetic of pixman is visible (scaling, blending, compositing) it is reproduced to the last bit, and where
that client reads memory it does not own, or aborts, the docstrings say what is drawn here instead.
"""
