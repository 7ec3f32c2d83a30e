"""Conversations that show faults, a file a chapter: true of a client that keeps the sentence, false of the faulty one.

``SCENARIOS`` of a file has them by the name of the fault; ``test_faults.py`` holds them all.
"""
