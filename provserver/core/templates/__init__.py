"""
Templates: Jinja, where every `{{ }}` stands in the file as the file's format writes values.

What macros, blocks and `super()` give has been through the format once, and is left as it is. A line that holds
only a `{% %}` leaves no line behind. An include or a parent is looked up as any template is: the administrator's
before the plugin's own, which is always there as `plugin/NAME`.

A file for which one of the administrator's templates may be needed is made in the `Sandbox`, all of it. Any other is
made of what is part of provd, and at full speed.
"""

import re
from collections.abc import Callable, Container, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from traceback import walk_tb
from types import CodeType
from typing import Any

from jinja2 import BaseLoader, Environment, Template, nodes
from jinja2.exceptions import SecurityError, TemplateNotFound, TemplateSyntaxError, UndefinedError

from provserver.core.templates.meter import Denied, Meter, TooMuch
from provserver.core.templates.plain import PlainEnvironment
from provserver.core.templates.sandbox import Sandbox
from provserver.errors import BadTemplate
from provserver.vendors.formats import FORMATS, CannotHold

MOST_CHARACTERS = 32_768  # of an administrator's template
OWN = "plugin/"  # before the name of a template: the plugin's own
_MOST_TEMPLATES = 50  # that one rendering may look up
_MOST_COMPILED = 256
_MOST_TOLD = 500  # characters of what Jinja says
_TELLING = {UndefinedError: "undefined", SecurityError: "not allowed", TemplateNotFound: "no such template"}
_PLAIN = {name: PlainEnvironment(row) for name, row in FORMATS.items()}
_COUNTING = {name: Sandbox(row) for name, row in FORMATS.items()}


class Templates:
    """The templates of one rendering. `texts` has every name that was looked up, None where there is none."""

    def __init__(self, look_up: Callable[[str], str | None], administrators: Container[str] = ()) -> None:
        """`administrators`: the names of those that are the administrator's."""
        self._look_up = look_up
        self._administrators = administrators
        self.texts: dict[str, str | None] = {}
        self._meter = Meter()

    def text(self, name: str) -> str | None:
        """Raises: TooMuch."""
        if name not in self.texts:
            if len(self.texts) >= _MOST_TEMPLATES:
                raise TooMuch(f"more than {_MOST_TEMPLATES} templates for one file")
            self.texts[name] = self._look_up(name)
        return self.texts[name]

    def are(self, texts: Mapping[str, str | None]) -> bool:
        """Say whether each of these templates still has this text."""
        return all(self._look_up(name) == text for name, text in texts.items())

    def render(self, name: str, format_name: str, values: Mapping[str, object]) -> str:
        """
        Return the text of a file.

        Raises:
            CannotHold: the format cannot hold a value; `place` says where it stands.
            BadTemplate: one cannot be read or run; the text names it and the line, and holds no value.
        """
        try:
            return self._environment(name, format_name).get_template(name).render(values)
        except (CannotHold, BadTemplate):
            raise
        except Exception as problem:  # a template is foreign code: it may raise whatever Python can
            spelt = "\n".join(text for text in self.texts.values() if text)
            raise BadTemplate(_telling(problem, spelt), *self.place(problem, name)) from None

    @property
    def turns(self) -> int:
        """Say how many turns the rendering took, of those that it may take; 0 where nothing was counted."""
        return self._meter.turns_used

    def place(self, problem: Exception, name: str) -> tuple[str, int | None]:
        """Return the template and the line that an exception came from; else just `name`."""
        places = [
            (frame.f_code.co_filename, line)
            for frame, line in walk_tb(problem.__traceback__)
            if frame.f_code.co_filename in self.texts
        ]
        return places[-1] if places else (name, None)

    def _environment(self, name: str, format_name: str) -> Environment:
        """Raises: TooMuch."""
        if not self._may_need_administrators(name):
            return _PLAIN[format_name].overlay(loader=_Loader(format_name, self, counts=False))
        sandbox = _COUNTING[format_name].overlay(loader=_Loader(format_name, self, counts=True))
        assert isinstance(sandbox, Sandbox)
        sandbox.meter = self._meter
        return sandbox

    def _may_need_administrators(self, name: str) -> bool:
        """Look through all templates that are named in one, and in those."""
        todo, seen = [name], {name}
        while todo:
            name = todo.pop()
            text = self.text(name)
            if name in self._administrators:
                return True
            for other in _named(name, text) if text is not None else ():
                if other is None:  # it is computed: nobody knows
                    return True
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return False


def check(name: str, text: str) -> None:
    """
    See that an administrator's template can be compiled; that may take some tenths of a second.

    Raises:
        BadTemplate: it cannot be, or is too large.
    """
    code = _compiled("text", name, text, counts=True)
    if isinstance(code, BadTemplate):
        raise code.with_traceback(None)


class _Loader(BaseLoader):
    """How Jinja gets at the templates of one rendering."""

    def __init__(self, format_name: str, templates: Templates, counts: bool) -> None:
        self._format_name = format_name
        self._templates = templates
        self._counts = counts

    def load(self, environment: Environment, name: str, globals: Any = None) -> Template:  # noqa: A002
        text = self._templates.text(name)
        if text is None:
            raise TemplateNotFound(name, f"there is no '{name}'")
        code = _compiled(self._format_name, name, text, self._counts)
        if isinstance(code, BadTemplate):
            raise code.with_traceback(None)
        return Template.from_code(environment, code, globals)


def _telling(problem: Exception, spelt: str = "") -> str:
    """Say what is wrong without any value: names are repeated only where a template itself has `spelt` them."""
    if isinstance(problem, Denied):
        return str(problem)
    if isinstance(problem, RecursionError):
        return "nested too deep"
    if type(problem) not in _TELLING:
        return type(problem).__name__
    names = [name for name in re.findall("'([^']+)'", str(problem)[:_MOST_TOLD]) if name in spelt]
    return f"{_TELLING[type(problem)]}: {', '.join(names) or 'a computed name'}"


@lru_cache(_MOST_COMPILED)
def _compiled(format_name: str, name: str, text: str, counts: bool) -> CodeType | BadTemplate:
    """What cannot be compiled is remembered too: to find that out takes as long."""
    environment = (_COUNTING if counts else _PLAIN)[format_name]
    try:
        if counts and len(text) > MOST_CHARACTERS:
            raise TooMuch(f"more than {MOST_CHARACTERS:,} characters")
        return environment.compile(text, name, filename=name)
    except TemplateSyntaxError as problem:
        return BadTemplate(problem.message or "", name, problem.lineno)
    except Exception as problem:  # what Jinja or Python makes of odd texts
        return BadTemplate(_telling(problem), name)


@lru_cache(_MOST_COMPILED)
def _named(name: str, text: str) -> tuple[str | None, ...]:
    """Return the templates that one names, None for one that it computes. One that cannot be read names none."""
    try:
        tags = _PLAIN["text"].parse(text, name).find_all(nodes.Stmt)
    except (TemplateSyntaxError, RecursionError, ValueError):
        return ()
    return tuple(
        chain.from_iterable(
            _constants(tag.template)
            for tag in tags
            if isinstance(tag, nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport)
        )
    )


def _constants(expression: nodes.Expr | None) -> Iterator[str | None]:
    if isinstance(expression, nodes.CondExpr):
        yield from _constants(expression.expr1)
        yield from _constants(expression.expr2)
    elif isinstance(expression, nodes.Tuple | nodes.List):
        for item in expression.items:
            yield from _constants(item)
    elif isinstance(expression, nodes.Const) and isinstance(expression.value, str):
        yield expression.value
    elif expression is not None:
        yield None
