"""What can go wrong in a TFTP transfer. A tree of its own, so that the package can be taken out whole."""


class TftpError(Exception):
    """Its text is for the person who reads the log."""


class Malformed(TftpError):
    """Bytes that are no TFTP packet."""


class TftpRefusal(TftpError):
    """The answer is an ERROR packet. `code` is RFC 1350's (0 undefined, 1 not found, 2 access violation, 3 disk
    full, ...); `text` is what the phone is told; `label` is what the log calls the file, "" where nothing may be
    said: a path can hold a secret."""

    def __init__(self, code: int, text: str, label: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.label = label


class Silence(TftpError):
    """The answer is none at all: the phone will ask again."""
