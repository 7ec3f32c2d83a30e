"""One side of a recorded session, said again to somebody else, and what was answered held beside what was recorded.

recording      a session of a capture: links and messages of both sides, in one order across all channels
compared       which messages are compared, and which are not, and why
fields         the fields of a value, and those that are bound afresh
bound          what is filled in anew when a message is sent again: clocks, serials, numbers of streams
until          how far a recording is played
pacing         when a message is sent: by what came before it, by time, or when somebody says so
tokens         how much may be said to an agent
player         the recording played; ``as_client`` and ``as_server`` are its two sides
alignment      two conversations side by side
difference     what is said of them
text, lines    the same for people and for programs
case_file      a case of the suite, made from a recording

What differs is a fact and no verdict: another server has another guest, and another client another user.
"""
