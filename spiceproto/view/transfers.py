"""What went over between client and agent, joined: files with their parts, and what was copied, from the grab to the data."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from spiceproto.agent import file_start
from spiceproto.capture.conversation import Conversation
from spiceproto.errors import RemoteError
from spiceproto.view.panes import Pane, Spot

__all__ = ["Transfers"]

_MOST: Final = 5000
"""Transfers that a page has."""

_ROWS: Final = 64
"""Messages of one transfer that it leads to: the first ones, and the last."""

_LETTERS: Final = 200
"""Of a text that was copied, and of the name of a file."""

_GOES_ON: Final = "CAN_SEND_DATA"


class Transfers(Pane):
    """A list of transfers: ``kind`` (``file``, ``clipboard``), ``from`` (who sends), ``name``, ``size`` (announced, None where
    nobody said), ``sent`` bytes, ``parts``, ``result``, ``seconds`` (first, last), ``rows`` of messages with what each is."""

    name: ClassVar = "transfers"

    def __init__(self) -> None:
        super().__init__()
        self._all: list[dict[str, Any]] = []
        self._files: dict[tuple[int, int], dict[str, Any]] = {}
        self._grabs: dict[tuple[int, int], dict[str, Any]] = {}
        self._left = 0

    def agent(self, conversation: Conversation, spot: Spot, name: str, value: Any, size: int) -> None:
        session = conversation.session.number if conversation.session is not None else 0
        if name.startswith("FILE_XFER_"):
            self._file((session, int(value.id)), spot, name, value)
        elif name.startswith("CLIPBOARD"):
            selection = getattr(value, "selection", None)
            number = -1 if selection is None else int(selection)
            self._clipboard((session, number), "" if selection is None else _named(selection), spot, name, value)

    def _begin(self, spot: Spot, **values: Any) -> dict[str, Any]:
        item = values | {"parts": 0, "sent": 0, "seconds": [spot.seconds, spot.seconds], "rows": [], "last": None}
        if len(self._all) < _MOST:
            self._all.append(item)
        else:
            self._left += 1
        return item

    @staticmethod
    def _note(item: dict[str, Any], spot: Spot, what: str) -> None:
        item["seconds"][1] = spot.seconds
        if len(item["rows"]) < _ROWS:
            item["rows"].append([spot.row, what])
        else:
            item["last"] = [spot.row, what]

    # -- files

    def _file(self, key: tuple[int, int], spot: Spot, name: str, value: Any) -> None:
        item = self._files.get(key)
        if name == "FILE_XFER_START" or item is None:
            called, size = "", None
            result = "no result was seen" if name == "FILE_XFER_START" else "its beginning was not seen"
            if name == "FILE_XFER_START":
                try:
                    start = file_start.parse(bytes(value.data))
                    called, size = _plain(start.name), start.size
                except RemoteError as error:
                    called = f"(unreadable: {error})"
            item = self._begin(spot, kind="file", name=called, size=size, result=result, number=key[1])
            item["from"] = spot.sender if name != "FILE_XFER_STATUS" else "client"
            self._files[key] = item
        if name == "FILE_XFER_DATA":
            item["parts"] += 1
            item["sent"] += len(value.data)
            self._note(item, spot, f"{len(value.data)} bytes")
        elif name == "FILE_XFER_STATUS":
            result = _named(value.result)
            self._note(item, spot, result)
            if result != _GOES_ON:
                item["result"] = result
                self._files.pop(key, None)
        else:
            self._note(item, spot, "start")

    # -- what was copied

    def _clipboard(self, key: tuple[int, int], selection: str, spot: Spot, name: str, value: Any) -> None:
        item = self._grabs.get(key)
        if name == "CLIPBOARD_GRAB" or item is None:
            if item is not None and item["result"] == "":
                item["result"] = "followed by another grab"
            types = [_named(type) for type in value.types] if name == "CLIPBOARD_GRAB" else []
            item = self._begin(spot, kind="clipboard", name=", ".join(types), size=None, result="", selection=selection)
            # A request goes to who has it, data and grabs come from there.
            item["from"] = {"client": "server", "server": "client"}[spot.sender] if name.endswith("REQUEST") else spot.sender
            self._grabs[key] = item
        if name == "CLIPBOARD_GRAB":
            self._note(item, spot, "grab")
        elif name == "CLIPBOARD_REQUEST":
            self._note(item, spot, f"request of {_named(value.type)}")
            item["result"] = "asked for, and not answered"
        elif name == "CLIPBOARD_RELEASE":
            self._note(item, spot, "release")
            item["result"] = item["result"] or "released, and never asked for"
            self._grabs.pop(key, None)
        elif name == "CLIPBOARD":
            data, type = bytes(value.data), _named(value.type)
            item["parts"] += 1
            item["sent"] += len(data)
            self._note(item, spot, f"{len(data)} bytes of {type}")
            text = repr(_plain(data[: 4 * _LETTERS].decode("utf-8", "backslashreplace"))) if type == "UTF8_TEXT" else ""
            item["result"] = f"{type}: {text}" if text else f"{type}, {len(data)} bytes" if data else "there was nothing"

    def as_values(self) -> list[dict[str, Any]]:
        if self._left:
            self.said.append(f"{self._left} transfers of the agent are not in this page")
        for item in self._all:
            if (last := item.pop("last")) is not None:
                item["rows"].append(last)
            item["result"] = item["result"] or "never asked for"
        return self._all


def _named(value: Any) -> str:
    return str(getattr(value, "name", int(value)))


def _plain(text: str) -> str:
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text if len(text) <= _LETTERS else f"{text[:_LETTERS]} ..."
