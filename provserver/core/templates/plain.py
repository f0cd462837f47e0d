"""Jinja for one format, as vendors' templates run in it: they are part of provd, and nothing of them is counted."""

from typing import Any

from jinja2 import StrictUndefined, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import EvalContext, Expr
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from provserver.vendors.formats import Format

# None of them makes Markup of other text, which would go round the format, and none is random.
_FILTERS = (
    "abs batch capitalize d default dictsort first float format indent int items join last length list lower map "
    "max min reject rejectattr replace reverse round select selectattr slice sort string sum title trim truncate "
    "unique upper"
)
_GLOBALS = frozenset({"cycler", "dict", "joiner", "namespace", "range"})
OPTIONS: dict[str, Any] = {
    "undefined": StrictUndefined,
    "autoescape": True,  # makes Markup of what macros and blocks give, so that it is told from values
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}


class FileCode(CodeGenerator):
    """Writes `{{ }}` as the format's own function alone. Jinja would make Markup of its result and escape that,
    which takes longer than all the rest."""

    def _output_child_pre(self, _node: Expr, _frame: Frame, finalize: Any) -> None:
        self.write(finalize.src)

    def _output_child_post(self, _node: Expr, _frame: Frame, _finalize: Any) -> None:
        self.write(")")


class PlainEnvironment(ImmutableSandboxedEnvironment):
    code_generator_class = FileCode

    def __init__(self, file_format: Format) -> None:
        @pass_eval_context  # without it Jinja would escape constants itself, while it compiles
        def finalize(_context: EvalContext, value: object) -> str:
            return value if isinstance(value, Markup) else file_format.value(value)

        super().__init__(finalize=finalize, **OPTIONS)
        self.filters = {name: self.filters[name] for name in _FILTERS.split()}
        self.globals = {name: self.globals[name] for name in _GLOBALS}
