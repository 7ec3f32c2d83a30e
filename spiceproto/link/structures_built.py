"""The generated builders of the link stage, with the types that generated code leaves out; who only listens needs none."""

from __future__ import annotations

from collections.abc import Callable

from spiceproto.generated import build_link
from spiceproto.messages.link import LinkAuthMechanism, LinkHeader, LinkMess, LinkReply, LinkResult

build_header: Callable[[LinkHeader], bytes] = build_link.build_LinkHeader
build_message: Callable[[LinkMess], bytes] = build_link.build_LinkMess
build_reply: Callable[[LinkReply], bytes] = build_link.build_LinkReply
build_mechanism: Callable[[LinkAuthMechanism], bytes] = build_link.build_LinkAuthMechanism
build_result: Callable[[LinkResult], bytes] = build_link.build_LinkResult
