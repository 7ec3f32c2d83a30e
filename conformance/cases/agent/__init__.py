"""The guest agent: spec/14-agent.md."""
