"""
The pass over a template that makes it count: whatever may take time or room gets a function around it, which pays.

The functions are filters, by names that no template can write where a filter stands. Statements that are not known
here are refused.
"""

from jinja2 import nodes
from jinja2.exceptions import TemplateAssertionError
from jinja2.visitor import NodeTransformer

COUNTERS = TURNS, ENTERED, INCLUDED, WEIGHED, LOOKED_IN, JOINED, PLAIN, KEY = tuple(
    f"the {what} of a template"
    for what in ("turns", "steps", "parts", "values", "lists", "texts", "cuts", "keys")
)
_MOST_NODES = 10_000
_STATEMENTS = (
    nodes.Template,
    nodes.Output,
    nodes.For,
    nodes.If,
    nodes.Macro,
    nodes.CallBlock,
    nodes.With,
    nodes.Assign,
    nodes.AssignBlock,
    nodes.Block,
    nodes.Extends,
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
)


def count(template: nodes.Template, name: str) -> nodes.Template:
    """
    Change a template that was parsed.

    Raises:
        TemplateAssertionError: it has something that cannot be counted, or is too large.
    """
    if _size([template]) > _MOST_NODES:
        raise TemplateAssertionError(f"a template of more than {_MOST_NODES:,} parts", 1, name)
    names = {node.name for node in template.find_all(nodes.Name) if node.ctx != "load"}
    counting = _Counting(name, len(names))
    changed = counting.visit(template)
    assert isinstance(changed, nodes.Template)
    return changed


class _Counting(NodeTransformer):
    def __init__(self, name: str, names: int) -> None:
        """`names`: how many variables the template sets."""
        self._name = name
        self._names = names

    def generic_visit(self, node: nodes.Node, *_args: object, **_kwargs: object) -> nodes.Node:
        if isinstance(node, nodes.Stmt) and not isinstance(node, _STATEMENTS):
            self._refuse(node, f"there is no {type(node).__name__} in an administrator's template")
        return super().generic_visit(node)

    def visit_Template(self, node: nodes.Template) -> nodes.Node:
        return self._entered(node)

    def visit_Block(self, node: nodes.Block) -> nodes.Node:
        if node.scoped:  # each time it would copy all variables
            self._refuse(node, "a block cannot be scoped in an administrator's template")
        return self._entered(node)

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:
        return self._entered(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:
        return self._entered(node)

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:
        if node.filter is not None:  # what it gives would pass for what the format has written
            self._refuse(node, "a set block takes no filter in an administrator's template")
        return self.generic_visit(node)

    def visit_For(self, node: nodes.For) -> nodes.Node:
        test = _size([node.test]) if node.test else 0
        self._entered(node)
        node.iter = _paid(TURNS, node.iter, nodes.Const(test))
        return node

    def visit_Include(self, node: nodes.Include) -> nodes.Node:
        return self._included(node)

    def visit_Import(self, node: nodes.Import) -> nodes.Node:
        return self._included(node)

    def visit_FromImport(self, node: nodes.FromImport) -> nodes.Node:
        return self._included(node)

    def _included(self, node: nodes.Include | nodes.Import | nodes.FromImport) -> nodes.Node:
        self.generic_visit(node)
        node.template = _paid(INCLUDED, node.template, nodes.Const(self._names))
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = _paid(WEIGHED, node.expr)
        for operand in node.ops:
            operand.expr = _paid(LOOKED_IN if operand.op in ("in", "notin") else WEIGHED, operand.expr)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _paid(JOINED, nodes.Tuple(node.nodes, "load", lineno=node.lineno))

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        self.generic_visit(node)
        if not isinstance(node.arg, nodes.Slice):
            return node
        node.node = _paid(PLAIN, node.node)
        return _paid(WEIGHED, node)

    def visit_List(self, node: nodes.List) -> nodes.Node:
        return _paid(WEIGHED, self.generic_visit(node))

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        for pair in node.items:
            pair.key = _paid(KEY, pair.key)
        return _paid(WEIGHED, self.generic_visit(node))

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        return _paid(WEIGHED, node) if node.ctx == "load" else node

    def _entered(
        self, node: nodes.Template | nodes.Block | nodes.Macro | nodes.CallBlock | nodes.For
    ) -> nodes.Node:
        """Let each run through a body pay for its size: an `if` alone would cost nothing."""
        size = _size(node.body)
        self.generic_visit(node)
        step = _paid(ENTERED, nodes.Const(None, lineno=node.lineno), nodes.Const(size))
        node.body.insert(0, nodes.ExprStmt(step, lineno=node.lineno))
        return node

    def _refuse(self, node: nodes.Node, text: str) -> None:
        raise TemplateAssertionError(text, node.lineno or 1, self._name)


def _paid(name: str, node: nodes.Node, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno)


def _size(parts: list[nodes.Node]) -> int:
    return sum(1 + sum(1 for _ in part.find_all(nodes.Node)) for part in parts)
