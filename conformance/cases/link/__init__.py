"""The link stage: spec/01-link.md.

client_steps    what cases about clients share
server_steps    what cases about servers share
sasl            a SASL login of the suite at a server
sealed          the messages of main behind the security layer of a SASL mechanism, in either role
"""
