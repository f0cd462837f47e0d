"""What one rendering may take: counted in work, not in time, so that a template always ends in the same way."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from jinja2.runtime import Undefined

MOST_TURNS = 100_000  # of loops, in one rendering
TURN, ITEM = 32, 4  # what a turn, and an item of a list, take; a character takes 1
CALL, INCLUDE = 4 * TURN, 16 * TURN
_MOST = MOST_TURNS * TURN
_DEEPEST = 20  # lists in lists, and calls in calls
_LARGEST = 1 << 64


class Denied(Exception):
    """A template asks for what it may not have; the text says what, and holds no value."""


class TooMuch(Denied):
    """It asks for too much of it."""


class Meter:
    """
    Whatever a template does is paid here, what would grow before it is done.

    A value is weighed as a whole whenever something is made of it: a list that holds another one twice weighs twice
    as much, so that nothing small can stand for something huge.
    """

    def __init__(self) -> None:
        self._left = _MOST
        self._depth = 0

    @property
    def turns_used(self) -> int:
        return (_MOST - self._left + TURN - 1) // TURN

    def spend(self, work: int) -> None:
        """Raises: TooMuch."""
        self._left -= max(work, 0)
        if self._left < 0:
            self._left = 0
            raise TooMuch(f"more than {MOST_TURNS:,} turns, or as much work")

    def weigh(self, value: object) -> None:
        """Raises: TooMuch."""
        level: Collection[object] = (value,)  # values that lie equally deep
        for _ in range(_DEEPEST):
            inner: list[object] = []
            for one in level:
                if type(one) is str:  # most are; the rest takes longer to tell
                    self.spend(ITEM + len(one))
                else:
                    self._weigh(one, inner)
            if not inner:
                return
            level = inner
        raise TooMuch(f"a list nested more than {_DEEPEST} deep")

    def _weigh(self, value: object, inner: list[object]) -> None:
        self.spend(ITEM)
        if isinstance(value, int):
            if not -_LARGEST <= value <= _LARGEST:
                raise TooMuch("a number of more than 64 bits")
        elif isinstance(value, list | tuple):
            inner += value
        elif isinstance(value, str | range):
            self.spend(len(value))
        elif isinstance(value, Collection) and not isinstance(value, Undefined):
            self.spend(2 * ITEM)  # it takes that much longer
            inner += value
            if isinstance(value, Mapping):
                inner += value.values()

    def made(self, value: object) -> object:
        """Return what was made, paid for. What would be made one by one later is a list at once: who knows who would
        pay for it then, and how many of them would lie in one another."""
        if isinstance(value, Iterator):
            return [self.made(one) for one in self.turns(value, 0)]
        self.weigh(value)
        return value

    def turns(self, values: Iterable[object], nodes: int) -> Iterator[object]:
        """Give what a loop goes through, each paid; `nodes` is the size of its condition."""
        for value in values:
            self.spend(TURN + ITEM * nodes)
            yield value

    def enter(self) -> None:
        """Raises: TooMuch."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TooMuch(f"calls nested more than {_DEEPEST} deep")

    def leave(self) -> None:
        self._depth -= 1
