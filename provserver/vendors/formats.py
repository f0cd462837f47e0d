"""
How files of phones are written: what a format can hold, how a value stands in it, and its bytes.

Escaping belongs to the format, never to a template: the renderer sends every value through `Format.value`.
"""

import re
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

# Nothing that a person types on purpose: C0 and C1 control characters with tab and all line breaks, lone
# surrogates (odd bytes of a request) and what XML 1.0 excludes. Not one of them is printable.
_REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


class Unset(Enum):
    """The value of a setting that goes back to the phone's own default."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


class CannotHold(ValueError):
    """A format cannot hold `text`. Only `why` may be shown: the text may be a password."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(why)
        self.text = text
        self.why = why


@frozen
class Format:
    """A row of FORMATS."""

    name: str
    escapes: Mapping[int, str] = field(factory=dict)  # as `str.maketrans` makes it
    unset: str = ""  # how UNSET stands in the file
    markers: frozenset[str] = frozenset()  # lower-case texts that the phone does not take literally
    trims: bool = False  # the phone drops blanks round a value
    encoding: str = "utf-8"
    line_end: str = "\n"
    _starts: frozenset[str] = field(init=False, repr=False)  # of markers; to ask for it first is faster

    @_starts.default
    def _starts_of_markers(self) -> frozenset[str]:
        return frozenset(start for marker in self.markers for start in (marker[0], marker[0].upper()))

    def value(self, value: object) -> str:
        """
        Return a value as it stands in the file.

        Raises:
            CannotHold: the phone would read something else than what was written.
        """
        if value is UNSET:
            return self.unset
        if type(value) is int:
            return str(value)  # a third of all values, and nothing to look for
        text = value if type(value) is str else str(value)
        if not text.isprintable() and (match := _REFUSED.search(text)):  # the test that is fast comes first
            raise CannotHold(text, _why(match[0]))
        if self.trims and text != text.strip():
            raise CannotHold(text, "a value cannot begin or end with a blank")
        if text[:1] in self._starts and text.lower() in self.markers:
            raise CannotHold(text, "a value cannot be one of the phone's own markers")
        return text.translate(self.escapes) if self.escapes else text

    def encode(self, text: str) -> bytes:
        """
        Return the bytes of a whole file, whose lines end with a line feed in `text`.

        Raises:
            CannotHold: the encoding lacks a character.
        """
        try:
            return text.replace("\n", self.line_end).encode(self.encoding)
        except UnicodeEncodeError as error:
            lacking = text[error.start]
            raise CannotHold(lacking, f"the file's encoding {self.encoding} lacks {lacking!r}") from None


def _why(character: str) -> str:
    if character in "\n\r\x0b\x0c\x85\u2028\u2029":
        return "a value cannot hold a line break"
    return f"a value cannot hold the character U+{ord(character):04X}"


_ROWS = (
    Format("text"),
    Format(
        "xml",
        escapes=str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}),
    ),
    # Yealink, `key = value`: no quoting exists. A text that equals a marker would silently reset the setting
    # (a password to none), and passing it literally is not possible: so it is refused.
    Format("key-value", unset="%NULL%", markers=frozenset({"%null%", "%empty%"}), trims=True),
)
FORMATS: Mapping[str, Format] = MappingProxyType({row.name: row for row in _ROWS})
