"""
Templates: Jinja in a sandbox, where every `{{ }}` stands in the file as the file's format writes values.

What macros, blocks and `super()` give has been through the format once, and is left as it is. A line that holds
only a `{% %}` leaves no line behind. An include or a parent is looked up as any template is.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from traceback import walk_tb
from types import CodeType
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, Template, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.nodes import EvalContext, Expr
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from provserver.errors import BadTemplate
from provserver.vendors.formats import FORMATS, CannotHold, Format

_MOST_COMPILED = 256
# None of them makes Markup of other text, which would go round the format, and none is random.
_FILTERS = (
    "abs batch capitalize d default dictsort first float format indent int items join last length list lower map "
    "max min reject rejectattr replace reverse round select selectattr slice sort string sum title trim truncate "
    "unique upper"
)
_GLOBALS = frozenset({"cycler", "dict", "joiner", "namespace", "range"})
_TELLING = {UndefinedError: "undefined", SecurityError: "not allowed", TemplateNotFound: "no such template"}


class Templates:
    """The templates of one rendering. `texts` has every name that was looked up, None where there is none."""

    def __init__(self, look_up: Callable[[str], str | None]) -> None:
        self._look_up = look_up
        self.texts: dict[str, str | None] = {}

    def text(self, name: str) -> str | None:
        if name not in self.texts:
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
        environment = _ENVIRONMENTS[format_name].overlay(loader=_Loader(format_name, self))
        try:
            return environment.get_template(name).render(values)
        except CannotHold:
            raise
        except TemplateSyntaxError as problem:
            raise BadTemplate(f"{problem.name} line {problem.lineno}: {problem.message}") from None
        except Exception as problem:  # a template is foreign code: it may raise whatever Python can
            raise BadTemplate(f"{self.place(problem, name)}: {self._telling(problem)}") from None

    def place(self, problem: Exception, name: str) -> str:
        """Return the template and the line that an exception came from: `dect.tpl line 3`; else just `name`."""
        lines = [
            f"{frame.f_code.co_filename} line {line}"
            for frame, line in walk_tb(problem.__traceback__)
            if frame.f_code.co_filename in self.texts
        ]
        return lines[-1] if lines else name

    def _telling(self, problem: Exception) -> str:
        """Say what is wrong without any value: names are repeated only where a template itself spells them."""
        if type(problem) not in _TELLING:
            return type(problem).__name__
        spelt = "\n".join(text for text in self.texts.values() if text)
        names = [name for name in re.findall("'([^']+)'", str(problem)) if name in spelt]
        return f"{_TELLING[type(problem)]}: {', '.join(names) or 'a computed name'}"


class _Loader(BaseLoader):
    """How Jinja gets at the templates of one rendering."""

    def __init__(self, format_name: str, templates: Templates) -> None:
        self._format_name = format_name
        self._templates = templates

    def load(self, environment: Environment, name: str, globals: Any = None) -> Template:  # noqa: A002
        text = self._templates.text(name)
        if text is None:
            raise TemplateNotFound(name, f"there is no '{name}'")
        return Template.from_code(environment, _compiled(self._format_name, name, text), globals)


class _Code(CodeGenerator):
    """Writes `{{ }}` as the format's own function alone. Jinja would make Markup of its result and escape that,
    which takes longer than all the rest."""

    def _output_child_pre(self, _node: Expr, _frame: Frame, finalize: Any) -> None:
        self.write(finalize.src)

    def _output_child_post(self, _node: Expr, _frame: Frame, _finalize: Any) -> None:
        self.write(")")


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja for one format. `autoescape` makes Markup of what macros and blocks give, so that it is told from
    values."""

    code_generator_class = _Code

    def __init__(self, file_format: Format) -> None:
        @pass_eval_context  # without it Jinja would escape constants itself, while it compiles
        def finalize(_context: EvalContext, value: object) -> str:
            return value if isinstance(value, Markup) else file_format.value(value)

        super().__init__(
            undefined=StrictUndefined,
            autoescape=True,
            finalize=finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.filters = {name: self.filters[name] for name in _FILTERS.split()}
        self.globals = {name: self.globals[name] for name in _GLOBALS}


_ENVIRONMENTS = {name: _Environment(row) for name, row in FORMATS.items()}


@lru_cache(_MOST_COMPILED)
def _compiled(format_name: str, name: str, text: str) -> CodeType:
    return _ENVIRONMENTS[format_name].compile(text, name, filename=name)
