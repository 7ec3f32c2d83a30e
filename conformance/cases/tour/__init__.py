"""What a target is shown around in, so that it says everything that it can say: one for each role.

The cases of :mod:`conformance.cases.from_rules` are decided by what the rules find in it, so it is rich and asks for nothing
that a target need not have: whatever a target does not say in time is not waited for, and the record says what was heard.

    server     the tour of a server: a plain session, then one with everything that a client can announce
    client     the tour of a client: a session in which every channel that it links is given something of each kind
"""
