"""Headers, sizes, messages inside messages, acknowledgement, ping, waiting and leaving: spec/02-framing.md.

steps          what cases of both roles share: full headers, bodies that are too long, what is looked at in every message
client_steps   what cases about clients share: pings and other messages that are sent to them, and whether they go on
server_steps   what cases about servers share: channels of a session, and whether they go on
"""
