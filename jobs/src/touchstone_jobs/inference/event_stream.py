"""Server-sent events, read as the bytes come in (WHATWG HTML, "Interpreting an event stream"). Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    type: str
    """`message` where the stream names none."""
    data: bytes


@dataclass(slots=True)
class EventReader:
    """Fed with pieces of any size: a border may be anywhere, also within a character or between CR and LF."""

    _rest: bytearray = field(default_factory=bytearray)
    _after_carriage_return: bool = False
    _type: bytes = b""
    _data: list[bytes] = field(default_factory=list)

    def feed(self, piece: bytes) -> list[Event]:
        """The events that this piece completes."""
        if self._after_carriage_return and piece:
            piece = piece.removeprefix(b"\n")
            self._after_carriage_return = False
        self._rest += piece
        events: list[Event] = []
        start = 0
        while (end := _line_end(self._rest, start)) is not None:
            event = self._line(bytes(self._rest[start : end[0]]))
            if event is not None:
                events.append(event)
            start = end[1]
        self._after_carriage_return |= start == len(self._rest) and self._rest.endswith(b"\r")
        del self._rest[:start]
        return events

    def _line(self, line: bytes) -> Event | None:
        if not line:
            event = Event(self._type.decode("utf-8", "replace") or "message", b"\n".join(self._data))
            has_data = bool(self._data)
            self._type, self._data = b"", []
            return event if has_data else None
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        # A line that begins with a colon is a comment; `id` and `retry` are for clients that reconnect.
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._type = value
        return None


def _line_end(text: bytearray, start: int) -> tuple[int, int] | None:
    """Where the line that begins at `start` ends and the next one begins; None: it does not end yet."""
    newline, carriage = text.find(b"\n", start), text.find(b"\r", start)
    if carriage == -1 or -1 < newline < carriage:
        return None if newline == -1 else (newline, newline + 1)
    return carriage, carriage + (2 if text[carriage + 1 : carriage + 2] == b"\n" else 1)
