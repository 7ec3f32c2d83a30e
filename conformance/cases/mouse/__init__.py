"""Mouse modes, movements and buttons: spec/04-mouse.md.

steps      what cases about servers share; cases of other chapters move the mouse with them, too
pointer    what cases about clients share: the pointer of a client, as its movements tell of it
"""
