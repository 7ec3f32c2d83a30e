"""Many captures as tables that can be asked: ``spiceproto archive``.

    columns    the tables and their columns
    scalars    fields of messages that have columns of their own
    recorder   the consumer of a capture: JSON lines that become rows
    judged     the same with somebody beside it who judges: broken sentences
    part       some captures in files of their own, written by whoever does the job
    captures   which files there are to read, and what is known of them
    archive    the folder: what is in it, what has become old, and what is put into it

An archive is a folder with a folder for each table and Parquet files in it, the *parts*. A part has the rows of some captures,
a few hundred small ones or one that is large; which ones follows from the list of captures alone. So it does not matter who
writes it, nothing of a capture goes from one machine to another, and memory is that of the rows that are not written yet.

The part of the table ``captures`` is put into its place last: a capture that has a row there is whole in the others.
"""
