"""What reports say of a step of the link stage: capabilities by name, the kind of the key, errors and mechanisms by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from spiceproto import capabilities, sizes
from spiceproto.capture.conversation import Conversation
from spiceproto.enums.link import ChannelType
from spiceproto.errors import RemoteError
from spiceproto.link import Established, Failed, Opaque, Step
from spiceproto.shown import letters, public_key
from spiceproto.summary import show

__all__ = ["as_dict", "body", "capability_names", "text"]

_FIXED = {"LinkMess": sizes.LINK_MESSAGE_SIZE, "LinkReply": sizes.LINK_REPLY_SIZE}
"""Structures with capability words -> where these may begin."""

_FORMS: dict[str, Callable[[Any], str]] = {"magic": letters, "pub_key": public_key}

_COUNTING = ("num_common_caps", "num_channel_caps", "caps_offset", "caps")


def body(value: Any) -> bytes:
    """The bytes of a structure of the link stage."""
    builder = import_module("spiceproto.generated.build_link")
    found: bytes = getattr(builder, f"build_{type(value).__name__}")(value)
    return found


def capability_names(conversation: Conversation, value: Any) -> dict[str, list[str]]:
    """Common ones and those of the channel; empty for a structure without them, and for words that are not inside of it."""
    fixed = _FIXED.get(type(value).__name__)
    if fixed is None:
        return {}
    kind = ChannelType.__members__.get(conversation.channel.upper(), 0)
    try:
        whole = bytes(fixed) + value.caps  # nothing before the words is looked at
        found = capabilities.read(whole, fixed, value.num_common_caps, value.num_channel_caps, value.caps_offset)
    except RemoteError:
        return {}
    common, channel = found.names(int(kind))
    return {"common": list(common), "channel": list(channel)}


def text(conversation: Conversation, item: Any) -> str:
    """One step in one line."""
    if isinstance(item, Step):
        names = capability_names(conversation, item.value)
        fields = [
            f"{name}={_FORMS.get(name, show)(getattr(item.value, name))}"
            for name in item.value.__struct_fields__
            if not names or name not in _COUNTING
        ]
        fields += [f"{kind}_caps={'|'.join(some) or 'none'}" for kind, some in names.items()]
        return f"{item.sender:6} {item.kind:28} {item.end - item.start:8}  {' '.join(fields)}"
    if isinstance(item, Failed):
        kind = "failed" if item.seen else "unfinished"
        return f"{'':6} {kind:28} {'':8}  {item.text}" + (f" ({show(item.error)})" if item.error is not None else "")
    if isinstance(item, Opaque):
        return f"{'':6} {'established':28} {'':8}  SASL {item.sasl_mechanism} encrypts what follows"
    return f"{'':6} {'established':28} {'':8}  {'mini' if item.mini_header else 'full'} headers"


def as_dict(conversation: Conversation, item: Any) -> dict[str, Any]:
    """One step as plain data."""
    if isinstance(item, Step):
        from spiceproto.derive.json_form import to_json

        found = {
            "step": item.kind,
            "direction": item.sender,
            "start": item.start,
            "end": item.end,
            "fields": to_json(item.value),
        }
        if names := capability_names(conversation, item.value):
            found["capabilities"] = names
        if shown := {name: form(getattr(item.value, name)) for name, form in _FORMS.items() if hasattr(item.value, name)}:
            found["shown"] = shown
        return found
    if isinstance(item, Failed):
        return {
            "step": "failed" if item.seen else "unfinished",
            "stage": item.stage,
            "error": None if item.error is None else show(item.error),
            "text": item.text,
        }
    if isinstance(item, Opaque):
        return {
            "step": "established",
            "encrypted": True,
            "mechanism": show(item.mechanism),
            "sasl_mechanism": item.sasl_mechanism,
        }
    assert isinstance(item, Established)
    return {"step": "established", "encrypted": False, "mechanism": show(item.mechanism), "mini_header": item.mini_header}
