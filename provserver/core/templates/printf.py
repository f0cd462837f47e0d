"""`'%02d' % n`: how much such a text may become."""

import re

from provserver.core.templates.meter import Denied

_MOST_WIDTH = 1000
# At each `%`: it may be the second of two, and then nothing, but who tells them apart must read all.
_DIRECTIVE = re.compile(r"%(?=(?:\([^()]*\))?[#0\- +]*(?P<width>\*|\d*)(?:\.(?P<digits>\*|\d*))?)")
_NAMED = re.compile(r"%\((?![^()]*\))")  # a name that does not end before the next bracket


def longest(text: str) -> int:
    """
    Return how many characters the directives of a text may add to what it is given.

    Raises:
        Denied: a width is too large, or is given as a value.
    """
    if _NAMED.search(text):
        raise Denied("a name with brackets in a format")
    length = len(text)
    for directive in _DIRECTIVE.finditer(text):
        for number in (directive["width"] or "0", directive["digits"] or "0"):
            if number == "*" or len(number) > 4 or int(number) > _MOST_WIDTH:
                raise Denied(f"a width above {_MOST_WIDTH} in a format")
            length += int(number)
    return length
