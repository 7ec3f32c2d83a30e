"""Numbers used on every channel."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum, WireFlags


class MigrateFlags(WireFlags):
    """What the source wants of the client when a channel migrates (SPICE_MIGRATE_*)."""

    NEED_FLUSH = 1
    """The client sends MIGRATE_FLUSH_MARK as its last message."""
    NEED_DATA_TRANSFER = 2
    """The source's next and last message is MIGRATE_DATA."""


class WarnCode(WireEnum):
    """What a warning notification is about (SPICE_*)."""

    WARN_GENERAL = 0


class InfoCode(WireEnum):
    """What an information notification is about (SPICE_*)."""

    INFO_GENERAL = 0


class NotifySeverity(WireEnum):
    """How serious a notification is (SPICE_NOTIFY_SEVERITY_*)."""

    INFO = 0
    WARN = 1
    ERROR = 2


class NotifyVisibility(WireEnum):
    """How visible a notification should be (SPICE_NOTIFY_VISIBILITY_*)."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
