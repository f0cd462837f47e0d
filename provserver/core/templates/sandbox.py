"""
The sandbox of administrators' templates: what they may reach is listed here, and whatever they do is paid.

What the format has written is Markup. Only the format makes it; a text that is made of one is a text again.
"""

from collections.abc import Iterable, Mapping
from types import BuiltinMethodType, FunctionType, GeneratorType, MethodType
from typing import Any

from jinja2 import Template, nodes, pass_eval_context
from jinja2.environment import TemplateModule
from jinja2.nodes import EvalContext, Expr
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference, Undefined
from jinja2.sandbox import SandboxedEnvironment, safe_range
from jinja2.utils import Cycler, Joiner, Namespace
from markupsafe import Markup

from provserver.core.templates.counting import COUNTERS, count
from provserver.core.templates.filters import (
    check_chars,
    check_sizes,
    filters,
    key,
    pay_replace,
    plain,
    tests,
)
from provserver.core.templates.meter import CALL, INCLUDE, ITEM, Denied, Meter, TooMuch
from provserver.core.templates.plain import OPTIONS, FileCode
from provserver.core.templates.printf import longest
from provserver.vendors.formats import Format
from provserver.vendors.table import names

_MOST_EXPONENT = 64
_METHODS: tuple[tuple[type, frozenset[str]], ...] = (
    (
        str,
        names(
            """
            capitalize count endswith find index isalnum isalpha isdigit islower isspace isupper join lower lstrip
            partition removeprefix removesuffix replace rfind rpartition rsplit rstrip split splitlines startswith
            strip swapcase title upper
            """
        ),
    ),
    (Mapping, frozenset({"get", "items", "keys", "values"})),
    (list, frozenset({"count", "index"})),
    (tuple, frozenset({"count", "index"})),
    (LoopContext, frozenset({"changed", "cycle"})),
    (Cycler, frozenset({"next", "reset"})),
)
# Methods that compare each character of a text with each that they look for.
_SLOW = names("strip lstrip rstrip rfind rpartition rsplit")
_HOLDERS = (Namespace, TemplateModule, TemplateReference, BlockReference)  # of what templates put into them
_CLOSED = (FunctionType, MethodType, BuiltinMethodType, GeneratorType, type)
_CALLED = (Macro, BlockReference, LoopContext, Joiner, Undefined)


class SandboxCode(FileCode):
    """Pays for whatever is written, also into a variable."""

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        return f"environment.said({super()._output_const_repr(group)})"

    def _output_child_pre(self, _node: Expr, _frame: Any, _finalize: Any) -> None:
        self.write("environment.written(")


class _Namespace(Namespace):
    """Jinja's shows all that it holds, and that again; here it weighs nothing, and so shows nothing."""

    def __repr__(self) -> str:
        return "<namespace>"


class Sandbox(SandboxedEnvironment):
    """Jinja for one format. Each rendering has an overlay of its own, with a `meter`."""

    code_generator_class = SandboxCode
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def __init__(self, file_format: Format) -> None:
        @pass_eval_context  # without it Jinja would write constants while it compiles; it is not called
        def finalize(_context: EvalContext, value: object) -> str:
            return file_format.value(value)

        super().__init__(finalize=finalize, optimized=False, **OPTIONS)
        self.meter = Meter()
        self._value = file_format.value
        self.filters.clear()
        self.filters.update(filters())
        self.tests.clear()
        self.tests.update(tests())
        self.globals = {
            "cycler": Cycler,
            "dict": _dict,
            "joiner": Joiner,
            "namespace": _Namespace,
            "range": safe_range,
        }
        self._functions = tuple(self.globals.values())

    def _generate(self, source: nodes.Template, name: str | None, *args: Any, **kwargs: Any) -> str:
        return super()._generate(count(source, name or ""), name, *args, **kwargs)

    # --- what is written -----------------------------------------------------------------------------------

    def said(self, text: str) -> str:
        """Pay for a text of the template's own."""
        self.meter.spend(len(text))
        return text

    def written(self, value: object) -> str:
        """Return a value as it stands in the file."""
        self.meter.weigh(value)
        return self._as_written(value)

    def _as_written(self, value: object) -> str:
        return value if isinstance(value, Markup) else self._value(value)

    def joined(self, parts: Iterable[object], between: object = "") -> str:
        """Put texts together; where one of them was written by the format, all are."""
        parts = list(parts)
        self.meter.weigh(parts)
        if any(isinstance(part, Markup) for part in (between, *parts)):
            written = str.join(self._as_written(between), map(self._as_written, parts))
            return Markup(written)  # noqa: S704  # Markup is what the format has written, and it has
        return str(between).join(map(str, parts))

    # --- what can be reached -------------------------------------------------------------------------------

    def getattr(self, obj: Any, attribute: str) -> Any:
        self.meter.spend(ITEM)
        return super().getattr(plain(obj), attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        self.meter.spend(ITEM)
        self.meter.weigh(argument)
        return super().getitem(plain(obj), argument)

    def wrap_str_format(self, value: Any) -> None:
        """No `str.format`: it asks for attributes, and for any width."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if (
            attr.startswith("_")
            or isinstance(obj, _CLOSED)
            or not super().is_safe_attribute(obj, attr, value)
        ):
            return False
        if isinstance(obj, _HOLDERS) or not callable(value):
            return True
        return _offered(obj, attr)

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:  # noqa: A002
        self.meter.spend(INCLUDE)
        return super().get_template(name, parent, globals)

    def select_template(self, names: Any, parent: str | None = None, globals: Any = None) -> Template:  # noqa: A002
        names = list(names)
        self.meter.spend(INCLUDE * len(names))
        return super().select_template(names, parent, globals)

    def call_filter(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if name in COUNTERS:  # `map` takes any name, and they would give back what was paid
            raise Denied("there is no such filter")
        return super().call_filter(name, *args, **kwargs)

    # --- what is done --------------------------------------------------------------------------------------

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  # Jinja's
        meter = __self.meter
        meter.spend(CALL)
        for one in (*args, *(value for name, value in kwargs.items() if not name.startswith("_"))):
            meter.weigh(one)
        args = __self._paid_arguments(__obj, args, kwargs)
        meter.enter()
        try:
            return meter.made(__context.call(__obj, *args, **kwargs))
        finally:
            meter.leave()

    def _paid_arguments(self, obj: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """Raises: Denied: it may not be called, TooMuch."""
        if isinstance(obj, LoopContext):
            return tuple(self.meter.turns(one, 0) for one in args)
        if isinstance(obj, _CALLED) or obj in self._functions:
            if "caller" in kwargs and not isinstance(obj, Macro | Undefined):
                raise Denied("a call block is for macros")  # what others give is not written by the format
            return args
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if isinstance(owner, str):
            return self._paid_text_method(owner, name, args)
        if _offered(owner, name):
            if isinstance(owner, list | tuple):
                self.meter.weigh(owner)
            return args
        raise Denied("this cannot be called")

    def _paid_text_method(self, text: str, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        self.meter.weigh(text)
        check_sizes(args)
        if name == "replace":
            pay_replace(self.meter, text, *args[:2])
        elif name in _SLOW:
            check_chars(args)
        elif name == "join" and args:
            parts = list(args[0])
            self.meter.spend(len(text) * len(parts))
            return (map(plain, parts),)
        return args

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        for one in (left, right):
            self.meter.weigh(one)
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return self.joined((left, right))
        if operator == "%" and isinstance(left, str):
            left = plain(left)
            self.meter.spend(longest(left))
        elif operator == "*":
            self._pay_times(left, right)
            self._pay_times(right, left)
        elif operator != "+" and not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise Denied(f"{operator} is for numbers")
        if operator == "**" and not -_MOST_EXPONENT <= right <= _MOST_EXPONENT:
            raise TooMuch(f"an exponent above {_MOST_EXPONENT}")
        return self.meter.made(super().call_binop(context, operator, left, right))

    def _pay_times(self, value: Any, times: Any) -> None:
        if isinstance(value, str | list | tuple) and isinstance(times, int):
            self.meter.spend(ITEM * len(value) * max(times, 0))


def _offered(owner: object, method: str) -> bool:
    return any(isinstance(owner, kind) and method in methods for kind, methods in _METHODS)


def _dict(*pairs: Any, **named: Any) -> dict[Any, Any]:
    made = dict(*pairs, **named)
    for name in made:
        key(name)
    return made
