"""The main channel, from INIT to the end of the session, and its list of channels: spec/03-main.md.

client_steps, server_steps    what cases about clients and about servers share
"""
