"""Netascii (RFC 764): on the wire a line ends with CR LF, and a CR that ends no line is CR NUL."""


def encode(data: bytes) -> bytes:
    """May be called for one part of a file after another."""
    return data.replace(b"\r", b"\r\0").replace(b"\n", b"\r\n")


class Decoder:
    """Reads one part after another; a pair may be cut in two."""

    def __init__(self) -> None:
        self._kept = b""  # a CR whose partner is still to come

    def decode(self, data: bytes, last: bool) -> bytes:
        data = self._kept + data
        self._kept = b"\r" if data.endswith(b"\r") and not last else b""
        data = data[: len(data) - len(self._kept)]
        # In this order: the CR that CR NUL stands for must not be taken for the end of a line with a LF after it.
        return data.replace(b"\r\n", b"\n").replace(b"\r\0", b"\r")
