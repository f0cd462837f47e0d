"""Codes: the six digits that a user dials to get a line."""

from collections.abc import Callable

from provserver.errors import Conflict

DIGITS = 6
_TRIES = 500  # where nine codes of ten are taken, all of them fail once in 10**22
_RUNS = "01234567890 09876543210"


def is_trivial(code: str) -> bool:
    """Say whether somebody would try it first: 111111, 121212, 123456, 987654, 123123, 112233."""
    return (
        len(set(code)) < 3
        or code in _RUNS
        or code[:3] == code[3:]
        or (code[::2] == code[1::2] and code[::2] in _RUNS)
    )


def fresh_code(draw: Callable[[], int], is_taken: Callable[[str], bool]) -> str:
    """
    Return a code that nobody has. `draw` gives a random number from 0 to 999999.

    Raises:
        Conflict: nearly all codes are taken.
    """
    for _ in range(_TRIES):
        code = f"{draw():0{DIGITS}}"
        if not is_trivial(code) and not is_taken(code):
            return code
    raise Conflict(
        "nearly all provisioning codes are taken: delete lines, or take codes that wait for nobody away"
    )
