"""
ACLs, as wazo-auth has them: who holds `provd.dev_mgr.devices.#` may do `provd.dev_mgr.devices.d1.read`.

In a pattern `*` is any text without dots, `#` any text, and a pattern that begins with `!` takes away, whatever the
others give. The words `me` and `my_session` between dots stand for the holder's own id as well.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from provserver.errors import Invalid

EVERYTHING = "#"
_MOST_CHARACTERS = 256
_FORM = re.compile(r"!?[\"-~][!-~]*")
_OWN = ("me", "my_session")


def allows(patterns: Iterable[str], wanted: str, own_id: str = "") -> bool:
    """Say whether the holder of the patterns may do what is wanted; `own_id` is the holder's."""
    fitting = [pattern for pattern in patterns if _fits(pattern.removeprefix("!"), wanted, own_id)]
    return bool(fitting) and all(map(_gives, fitting))


def handed_down(patterns: Iterable[str], wanted: Iterable[str], own_id: str = "") -> tuple[str, ...]:
    """
    Return the patterns of a token that the holder of `patterns` makes. It may do no more than the holder itself, so
    what is taken from the one is taken from the other too.

    Raises:
        Invalid: naming what is no pattern, or gives more.
    """
    held, new = tuple(patterns), tuple(wanted)
    for pattern in new:
        _check(pattern)
        if _gives(pattern) and not allows(held, pattern, own_id):
            raise Invalid(f"{pattern} is more than the token that asks for it may do itself")
    return (*new, *(pattern for pattern in held if not _gives(pattern) and pattern not in new))


def _check(pattern: str) -> None:
    if not _FORM.fullmatch(pattern) or len(pattern) > _MOST_CHARACTERS:
        raise Invalid(
            f"expected a pattern like provd.dev_mgr.devices.# of at most {_MOST_CHARACTERS} characters, "
            f"got {pattern[:60]!r}"
        )


def _gives(pattern: str) -> bool:
    return not pattern.startswith("!")


def _fits(pattern: str, wanted: str, own_id: str) -> bool:
    if _compiled(pattern).match(wanted):
        return True
    own = ".".join(own_id if word in _OWN else word for word in pattern.split("."))
    return own != pattern and own_id != "" and _compiled(own).match(wanted) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    """
    Compile a pattern so that none takes long. What stands between two `#`, and in it between two `*`, is searched for
    from the left, and where it was found first is not given up again (an atomic group). Nothing is lost by that: the
    wildcard behind it takes whatever a later place would have left over.
    """
    blocks = [[re.escape(piece) for piece in block.split("*")] for block in pattern.split("#")]
    blocks[-1][-1] += r"\Z"
    return re.compile(_searched([_searched(pieces, "[^.#]*?") for pieces in blocks], ".*?"), re.DOTALL)


def _searched(parts: list[str], wildcard: str) -> str:
    first, *others = parts
    return first + "".join(f"(?>{wildcard}{part})" for part in others)
