"""The link stage and the message headers: everything outside message bodies.

Sources: protocol.h of spice-protocol 0.14.5; sizes of SASL steps from spice-gtk 0.42. Numbers are little-endian.
"""

from __future__ import annotations

from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.wire import REST, array, data, enum, field, record, text, uint8, uint16, uint32, uint64

LinkHeader = record(
    "link.LinkHeader",
    field("magic", uint32, "The letters REDQ", domain=0x51444552, shown="letters"),
    field("major_version", uint32, "2", domain=2),
    field("minor_version", uint32, "2; not looked at", domain=2),
    field("size", uint32, "Bytes that follow", unit="byte"),
    doc="Stands before the link message and before the link reply.",
)

LinkMess = record(
    "link.LinkMess",
    field("connection_id", uint32, "0 for a new session's main channel, otherwise the id that main INIT brought"),
    field("channel_type", enum(ChannelType, uint8), "What to connect"),
    field("channel_id", uint8, "Which of several"),
    field("num_common_caps", uint32, "Capability words for all channels"),
    field("num_channel_caps", uint32, "Capability words for this channel type"),
    field("caps_offset", uint32, "Where the words begin, from the first byte of this structure", unit="byte"),
    field("caps", data(REST), "Common words, then channel words, usually at once"),
    doc="The client says which channel it wants and what it can do.",
)

LinkReply = record(
    "link.LinkReply",
    field("error", enum(LinkErr, uint32), "OK, or why not"),
    field("pub_key", data(162), "RSA-1024 key for the ticket, DER SubjectPublicKeyInfo; zero with SASL", shown="public_key"),
    field("num_common_caps", uint32, "Capability words for all channels"),
    field("num_channel_caps", uint32, "Capability words for this channel type"),
    field("caps_offset", uint32, "Where the words begin, from the first byte of this structure", unit="byte"),
    field("caps", data(REST), "Common words, then channel words, usually at once"),
    doc="The server's answer.",
)

LinkError = record(
    "link.LinkError",
    field("error", enum(LinkErr, uint32), "Why not"),
    doc="A refusal; servers send the whole LinkReply, NEED_SECURED answers of some carry only this.",
)

LinkAuthMechanism = record(
    "link.LinkAuthMechanism",
    field("auth_mechanism", enum(AuthMechanism, uint32), "How the client logs in"),
    doc="Sent if both sides announced AUTH_SELECTION.",
)

LinkEncryptedTicket = record(
    "link.LinkEncryptedTicket",
    field("encrypted_data", data(128), "RSA-OAEP (SHA-1) of the password and a zero byte"),
    doc="The ticket.",
)

LinkResult = record(
    "link.LinkResult",
    field("error", enum(LinkErr, uint32), "OK, or why not"),
    doc="Ends the link stage.",
)

SaslMechanismList = record(
    "link.SaslMechanismList",
    field("length", uint32, "Length of the list", unit="byte"),
    field("mechanisms", text("length"), "Names with commas between them"),
    doc="The server's SASL mechanisms.",
)

SaslStart = record(
    "link.SaslStart",
    field("mechanism_length", uint32, "Length of the name", unit="byte"),
    field("mechanism", text("mechanism_length"), "The chosen mechanism"),
    field("length", uint32, "Length of the first response with its zero byte, or 0 for none", unit="byte"),
    field("data", data("length"), "The first response"),
    doc="The client chooses and begins.",
)

SaslChallenge = record(
    "link.SaslChallenge",
    field("length", uint32, "Length of the challenge with its zero byte, or 0 for none", unit="byte"),
    field("data", data("length"), "The challenge"),
    field("complete", uint8, "1 when the server is content"),
    doc="A step of the server.",
)

SaslResponse = record(
    "link.SaslResponse",
    field("length", uint32, "Length of the response with its zero byte, or 0 for none", unit="byte"),
    field("data", data("length"), "The response"),
    doc="A step of the client.",
)

DataHeader = record(
    "link.DataHeader",
    field("serial", uint64, "Number of the message, from 1, per direction"),
    field("type", uint16, "Which message"),
    field("size", uint32, "Bytes that follow", unit="byte"),
    field("sub_list", uint32, "Where a sub-message list begins, from the first byte of the body; 0 for none", unit="byte"),
    doc="Stands before every message unless both sides announced MINI_HEADER.",
)

MiniDataHeader = record(
    "link.MiniDataHeader",
    field("type", uint16, "Which message"),
    field("size", uint32, "Bytes that follow", unit="byte"),
    doc="Stands before every message if both sides announced MINI_HEADER.",
)

SubMessageList = record(
    "link.SubMessageList",
    field("size", uint16, "How many sub-messages"),
    field("sub_messages", array(uint32, "size"), "Where each begins, from the first byte of the body"),
    doc="Messages inside the body of another; they are handled before it.",
)

SubMessage = record(
    "link.SubMessage",
    field("type", uint16, "Which message"),
    field("size", uint32, "Bytes that follow", unit="byte"),
    doc="Stands before every sub-message.",
)

RECORDS = (
    LinkHeader,
    LinkMess,
    LinkReply,
    LinkError,
    LinkAuthMechanism,
    LinkEncryptedTicket,
    LinkResult,
    SaslMechanismList,
    SaslStart,
    SaslChallenge,
    SaslResponse,
    DataHeader,
    MiniDataHeader,
    SubMessageList,
    SubMessage,
)
