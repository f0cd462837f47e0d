"""The filters and tests of administrators' templates: Jinja's, each paid before it is run and for what it gives."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from jinja2 import pass_context, pass_environment
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.tests import TESTS
from jinja2.utils import _PassArg
from markupsafe import Markup

from provserver.core.templates import counting
from provserver.core.templates.meter import ITEM, TURN, Denied, Meter
from provserver.core.templates.printf import longest
from provserver.vendors.table import names

if TYPE_CHECKING:
    from provserver.core.templates.sandbox import Sandbox

Function = Callable[..., Any]
MOST_NUMBER = 10_000  # that a filter or a method takes as a width, a count, a number of digits
_MOST_CHARS = 100  # that are looked for at both ends of a text
# They take a text and make another: what has been written in the file's format is a text like any other to them.
_OF_TEXTS = names("capitalize float format int length lower replace reverse string title trim truncate upper")
_OF_VALUES = names(
    """
    abs batch d default dictsort first items last list map max min reject rejectattr round select selectattr
    slice sort sum
    """
)
_NUMBERS_ARE_SIZES = frozenset({"batch", "slice", "round", "truncate", "replace", "int"})


def plain(value: Any) -> Any:
    """Return a text that the format has written as one that it has yet to write."""
    return str.__str__(value) if isinstance(value, Markup) else value


def filters() -> dict[str, Function]:
    return {
        **{name: _paid(name, FILTERS[name]) for name in _OF_TEXTS | _OF_VALUES},
        "join": _join,
        "unique": _unique,
        counting.TURNS: _turns,
        counting.ENTERED: _entered,
        counting.INCLUDED: _included,
        counting.WEIGHED: _weighed,
        counting.LOOKED_IN: _looked_in,
        counting.JOINED: _joined,
        counting.PLAIN: plain,
        counting.KEY: key,
    }


def tests() -> dict[str, Function]:
    return {name: _paid(name, test) for name, test in TESTS.items()}


def _paid(name: str, function: Any) -> Function:
    passed = _PassArg.from_obj(function)

    @pass_context
    def run(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
        sandbox: Sandbox = context.environment  # type: ignore[assignment]  # its templates run in no other
        extra = {
            _PassArg.context: context,
            _PassArg.eval_context: context.eval_ctx,
            _PassArg.environment: sandbox,
            None: None,
        }[passed]
        if name in _OF_TEXTS:
            value, args = plain(value), tuple(map(plain, args))
            kwargs = {each: plain(arg) for each, arg in kwargs.items()}
        _pay(sandbox.meter, name, value, args, kwargs)
        before = () if passed is None else (extra,)
        return sandbox.meter.made(function(*before, value, *args, **kwargs))

    return run


def _pay(meter: Meter, name: str, value: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    meter.spend(TURN)
    for one in (value, *args, *kwargs.values()):
        meter.weigh(one)
    given = (*args, *kwargs.values())
    if name in _NUMBERS_ARE_SIZES:
        check_sizes(given)
    if name == "replace":
        pay_replace(
            meter, value, *args[:2], **{each: kwargs[each] for each in ("old", "new") if each in kwargs}
        )
    elif name == "format":
        meter.spend(longest(str(value)))
    elif name == "trim":
        check_chars(given)
    elif name == "sum" and not all(
        isinstance(one, int | float) for one in (*args[1:], kwargs.get("start", 0))
    ):
        raise Denied("sum adds numbers")


def check_sizes(given: tuple[Any, ...]) -> None:
    """Raises: Denied: a number is one that would make something huge."""
    for one in given:
        if isinstance(one, int | float) and not -MOST_NUMBER <= one <= MOST_NUMBER:
            raise Denied(f"a number above {MOST_NUMBER}")


def check_chars(given: tuple[Any, ...]) -> None:
    """Raises: Denied: each character of a text would be compared with each of these."""
    for one in given:
        if isinstance(one, str) and len(one) > _MOST_CHARS:
            raise Denied(f"more than {_MOST_CHARS} characters to look for")


def pay_replace(meter: Meter, text: Any, old: Any = "", new: Any = "") -> None:
    """Raises: TooMuch."""
    meter.spend(str(text).count(str(old)) * len(str(new)))


@pass_context
def _join(context: Context, value: Any, d: Any = "", attribute: Any = None) -> str:
    """Join what the format has written with what it has yet to write as `~` does."""
    sandbox: Sandbox = context.environment  # type: ignore[assignment]
    meter = sandbox.meter
    meter.spend(TURN)
    if attribute is not None:
        value = sandbox.call_filter("map", value, [], {"attribute": attribute}, context)
    parts = list(value)
    for one in (d, parts):
        meter.weigh(one)
    meter.spend(len(str(d)) * len(parts))
    return sandbox.joined(parts, d)


@pass_context
def _unique(context: Context, value: Any, case_sensitive: bool = False, attribute: Any = None) -> list[Any]:
    sandbox: Sandbox = context.environment  # type: ignore[assignment]
    sandbox.meter.spend(TURN)
    values = list(value)
    sandbox.meter.weigh(values)
    named = attribute is not None
    told = sandbox.call_filter("map", values, [], {"attribute": attribute}, context) if named else values
    found: dict[Any, Any] = {}
    for one, name in zip(values, told, strict=True):
        found.setdefault(name.lower() if isinstance(name, str) and not case_sensitive else key(name), one)
    return list(found.values())


def key(value: Any) -> Any:
    """
    Return what something is found by in a table.

    Raises:
        Denied: it is no text or number. There are thousands of tuples for which Python has one hash, and looking for
            one of them is looking through all.
    """
    if value is None or isinstance(value, str | int | float):
        return value
    raise Denied("texts and numbers only are keys")


# --- what `counting` puts round the parts of a template ----------------------------------------------------


@pass_environment
def _turns(sandbox: "Sandbox", values: Any, nodes: int) -> Iterator[object]:
    return sandbox.meter.turns(values, nodes)


@pass_environment
def _entered(sandbox: "Sandbox", _value: None, nodes: int) -> None:
    sandbox.meter.spend(TURN + ITEM * nodes)


@pass_context
def _included(context: Context, name: Any, names: int) -> Any:
    """An include copies all variables that there are."""
    sandbox: Sandbox = context.environment  # type: ignore[assignment]
    sandbox.meter.spend(ITEM * (names + len(context.parent) + len(context.vars)))
    return name


@pass_environment
def _weighed(sandbox: "Sandbox", value: Any) -> Any:
    sandbox.meter.weigh(value)
    return value


@pass_environment
def _looked_in(sandbox: "Sandbox", value: Any) -> Any:
    """Looking in a table for a name is no work."""
    if isinstance(value, Mapping):
        sandbox.meter.spend(ITEM)
    else:
        sandbox.meter.weigh(value)
    return value


@pass_environment
def _joined(sandbox: "Sandbox", parts: tuple[Any, ...]) -> str:
    return sandbox.joined(parts)
