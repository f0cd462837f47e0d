"""SIP over TCP and TLS: message after message, each as long as its Content-Length says (RFC 3261 section 18.3)."""

import re

from provserver.errors import Invalid
from provserver.sip.message import MOST_BYTES

_LENGTH = re.compile(
    rb"^(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)


class Stream:
    """Cuts a stream of bytes into messages, which `read_message` reads."""

    def __init__(self) -> None:
        self._rest = b""

    def fed(self, data: bytes) -> tuple[bytes, ...]:
        """
        Take bytes as they come; return the messages that are whole. Empty lines between them only keep the
        connection open (RFC 5626 section 3.5.1).

        Raises:
            Invalid: a message has no length, or too much of it; where the next one begins cannot be known.
        """
        self._rest += data
        messages = []
        while message := self._message():
            messages.append(message)
        return tuple(messages)

    def _message(self) -> bytes:
        self._rest = self._rest.lstrip(b"\r\n")
        head, blank, rest = self._rest.partition(b"\r\n\r\n")
        if len(head) > MOST_BYTES:
            raise Invalid(f"headers of over {MOST_BYTES} bytes")
        if not blank:
            return b""
        lengths = {int(length) for length in _LENGTH.findall(head)}
        if len(lengths) != 1:
            raise Invalid("a message on a stream without one Content-Length")
        length = lengths.pop()
        whole = len(head) + len(blank) + length
        if whole > MOST_BYTES:
            raise Invalid(f"a message of {whole} bytes, the most is {MOST_BYTES}")
        if len(rest) < length:
            return b""
        message, self._rest = self._rest[:whole], self._rest[whole:]
        return message
