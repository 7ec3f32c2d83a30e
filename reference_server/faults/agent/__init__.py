"""Faults of the guest agent and of the server before it (spec/14-agent.md)."""
