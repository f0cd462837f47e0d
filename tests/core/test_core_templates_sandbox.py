"""sandbox: what an administrator's template can do, and how it is found out that one is the administrator's."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.templates import Templates, check
from provserver.errors import BadTemplate
from provserver.model import FileRule
from tests.core.rendering import RULE, Desk, Plugin

XML = FileRule("device", "a.cfg", "a.tpl", format="xml")


class SandboxCase(SynchronousTestCase):
    def text(self, template: str, rule: FileRule = RULE, **parts: str) -> str:
        """Return what an administrator's template makes."""
        desk = Desk(a="<{% block one %}one{% endblock %}>{{ name }}\n")
        desk.plugin = Plugin(said={"pairs": (("a", 1), ("b", "x&y"), ("c", 3.5)), "nothing": None})
        for name, text in {"a": template, **parts}.items():
            desk.files.override("acme-1", f"{name}.tpl", text)
        return desk.text(rule)


class LanguageTests(SandboxCase):
    def test_what_templates_are_made_of(self) -> None:
        """A reader of Jinja's manual finds what it says."""
        for template, wanted in (
            (
                "{% for k, v in pairs %}{{ loop.index }}/{{ loop.length }} {{ k }}={{ v }};{% endfor %}",
                "1/3 a=1;2/3 b=x&y;3/3 c=3.5;",
            ),
            (
                "{% for k, v in pairs if k != 'b' %}{{ k }}{{ ',' if not loop.last }}{% else %}no{% endfor %}",
                "a,c",
            ),
            ("{% for x in [] %}{% else %}no{% endfor %}", "no"),
            ("{% for x in [1, [2, 3]] recursive %}{{ loop(x) if x is iterable else x }}{% endfor %}", "123"),
            (
                "{% for x in pairs %}{{ loop.cycle('o', 'e') }}{{ loop.changed(x[0]) }}{% endfor %}",
                "oTrueeTrueoTrue",
            ),
            ("{% for x in range(3) | map('string') %}{{ loop.revindex }}{{ x }}{% endfor %}", "302112"),
            (
                "{% macro m(x, y=2) %}{{ x }}{{ y }}{{ varargs | length }}{{ kwargs.k }}{% endmacro %}"
                "{{ m(1, 2, 3, k=4) }}",
                "1214",
            ),
            ("{% macro m() %}[{{ caller(1) }}]{% endmacro %}{% call(x) m() %}{{ x }}{% endcall %}", "[1]"),
            (
                "{% set ns = namespace(n=0) %}{% for x in pairs %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
                "3",
            ),
            ("{% set x, y = 1, 2 %}{{ x }}{{ y }}{% set z %}{{ x }}!{% endset %}{{ z }}", "121!"),
            ("{% with a = 1 %}{{ a }}{% endwith %}{{ a is defined }}", "1False"),
            (
                "{{ 1 + 2 }} {{ 5 - 7 }} {{ 2 * 3 }} {{ 7 / 2 }} {{ 7 // 2 }} {{ 7 % 4 }} {{ 2 ** 5 }} {{ -3 }}",
                "3 -2 6 3.5 3 3 32 -3",
            ),
            (
                "{{ 'a' * 3 }}{{ 2 * 'b' }}{{ 'c' + 'd' }}{{ 'e' ~ 5 }}{{ ([1] + [2]) * 2 }}",
                "aaabbcde5[1, 2, 1, 2]",
            ),
            (
                "{{ '%03d|%-4s|%.1f|%%' % (7, 'ab', 1.25) }} {{ '%(a)s' % {'a': 1} }} {{ '%s!' | format(2) }}",
                "007|ab  |1.2|% 1 2!",
            ),
            (
                "{{ 1 < 2 <= 2 }} {{ 'a' in 'abc' }} {{ 'x' not in ['a'] }} {{ 'locale' in settings.values }}",
                "True True True True",
            ),
            (
                "{{ 'a b'.split() | join(',') }} {{ ' a '.strip() }} "
                "{{ 'abc'.replace('b', 'x') }} {{ '-'.join(['a', 'b']) }}",
                "a,b a axc a-b",
            ),
            (
                "{{ 'aXb'.lower().index('x') }}{{ 'abc'[1:] }}"
                "{{ 'abc'[-1] }}{{ [1, 2, 3][::2] }}{{ (1, 2).count(1) }}",
                "1bcc[1, 3]1",
            ),
            (
                "{{ settings.values.get('no', 'none') }}"
                "{{ settings.values.items() | list | length }}{{ {'a': 1}.a }}",
                "none31",
            ),
            (
                "{{ dict(a=1).items() | list }}{{ {'b': 2, 'a': 1} | dictsort }}",
                "[('a', 1)][('a', 1), ('b', 2)]",
            ),
            (
                "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}"
                "{% set j = joiner(',') %}{{ j() }}1{{ j() }}2",
                "aba1,2",
            ),
            (
                "{{ [3, 1, 2] | sort | join }}{{ [1, 2] | sum }}"
                "{{ [1, 2] | sum(start=5) }}{{ [1, 1] | unique | list }}",
                "12338[1]",
            ),
            (
                "{{ [1, 2, 3] | batch(2, 0) | list }}{{ range(4) | slice(2) | list }}",
                "[[1, 2], [3, 0]][[0, 1], [2, 3]]",
            ),
            ("{{ pairs | map(attribute=1) | join('|') }} {{ pairs | join(',', 0) }}", "1|x&y|3.5 a,b,c"),
            ("{{ pairs | selectattr(0, 'in', ['a', 'c']) | map('last') | sum }}", "4.5"),
            (
                "{{ none_such | default('d') }}{{ nothing | default('d', true) }}"
                "{{ ' x ' | trim }}{{ 'abcdefghijkl' | truncate(4, true) }}",
                "ddxa...",
            ),
            (
                "{{ 3.14159 | round(2) }} {{ '7' | int + 1 }} {{ 'x' | int(5) }} {{ 'ab' | reverse }}",
                "3.14 8 5 ba",
            ),
            (
                "{{ range(2, 8, 3) | list }}{{ (range(3) | list)[1] }}{{ 'x' is string }}{{ 4 is divisibleby 2 }}",
                "[2, 5]1TrueTrue",
            ),
            (
                "{% if nothing is none and device.model == 'A60' or false %}{{ device.id }}{% elif 1 %}{% endif %}",
                "d1",
            ),
            ("{{ ['a', 'A', 'b'] | unique | join }} {{ ['a', 'A'] | unique(true) | join }}", "ab aA"),
            (
                "{{ pairs | unique(attribute=0) | list | length }} {{ namespace(x=1) }} {{ pairs | map('first') }}",
                "3 <namespace> ['a', 'b', 'c']",
            ),
            ("{% raw %}{{ }}{% endraw %}{# none #}", "{{ }}"),
        ):
            self.assertEqual(self.text(template), wanted, template)

    def test_the_plugins_own_is_included_and_extended(self) -> None:
        """So that a small change is a small file."""
        self.assertEqual(self.text("{% include 'plugin/a.tpl' %}more\n"), "<one>Anna & Co\nmore\n")
        extended = (
            "{% extends 'plugin/a.tpl' %}{% block one %}{{ super() }} and {{ device.model }}{% endblock %}"
        )
        self.assertEqual(self.text(extended), "<one and A60>Anna & Co\n")
        self.assertEqual(self.text("{% set name = '<' %}{% include 'plugin/a.tpl' %}", XML), "<one>&lt;\n")

    def test_parts_of_ones_own(self) -> None:
        """Included, imported, one of several, one that may not be there."""
        part = "{% macro m(x) %}<{{ x }}>{% endmacro %}part {{ name }}"
        for template, wanted in (
            ("{% include 'part.tpl' %}", "part Anna & Co"),
            ("{% include 'part.tpl' without context %}", ""),
            ("{% include ['none.tpl', 'part.tpl'] %}", "part Anna & Co"),
            ("{% include 'none.tpl' ignore missing %}", ""),
            ("{% include 'pa' ~ 'rt.tpl' %}", "part Anna & Co"),
            ("{% from 'part.tpl' import m with context %}{{ m(1) }}", "<1>"),
            ("{% import 'part.tpl' as p with context %}{{ p.m('&') }}", "<&>"),
        ):
            if "without" in template:
                self.assertRaises(BadTemplate, self.text, template, part=part)
            else:
                self.assertEqual(self.text(template, part=part), wanted, template)

    def test_mistakes_are_told_with_template_and_line(self) -> None:
        """As they are in vendors' templates."""
        for template, message in (
            ("1\n{{ lable }}", "a.tpl line 2: undefined: lable"),
            ("1\n{% include 'part.tpl' %}", "part.tpl line 2: undefined: gone"),
            ("1\n\n{{ 'a'.zfill(9) }}", "a.tpl line 3: not allowed: zfill"),
            ("{% macro m() %}\n\n{{ 1 / 0 }}{% endmacro %}\n{{ m() }}", "a.tpl line 3: ZeroDivisionError"),
            ("{% for x in 5 %}{% endfor %}", "a.tpl line 1: TypeError"),
            ("{{ 5 | join }}", "a.tpl line 1: TypeError"),
            ("{{ 'a'.replace() }}", "a.tpl line 1: TypeError"),
            ("{{ 'a'.join() }}", "a.tpl line 1: TypeError"),
            ("{{ 'a' | replace('b') }}", "a.tpl line 1: TypeError"),
            ("{{ 'a' - 1 }}", "a.tpl line 1: - is for numbers"),
            ("{{ settings.lines() }}", "a.tpl line 1: this cannot be called"),
            ("{% call cycler() %}{% endcall %}", "a.tpl line 1: a call block is for macros"),
            (
                "\n{% block x scoped %}{% endblock %}",
                "a.tpl line 2: a block cannot be scoped in an administrator's template",
            ),
        ):
            with self.assertRaises(BadTemplate, msg=template) as caught:
                self.text(template, part="\n{{ gone }}")
            self.assertEqual(str(caught.exception), message)


class WhoseTests(SynchronousTestCase):
    def turns(self, administrators: tuple[str, ...], **texts: str) -> int:
        """Return what making `a` took; 0 where nothing was counted."""
        templates = Templates({f"{name}.tpl": text for name, text in texts.items()}.get, administrators)
        templates.render("a.tpl", "text", {"n": 1})
        return templates.turns

    def test_vendors_templates_are_not_counted(self) -> None:
        """They are part of provd; all phones would wait for it."""
        self.assertEqual(self.turns((), a="{% include 'b.tpl' %}", b="x"), 0)
        self.assertEqual(self.turns(("c.tpl",), a="{% include 'b.tpl' %}", b="x", c="x"), 0)

    def test_one_that_may_need_an_administrators_is(self) -> None:
        """However it names it; also where it does not come to it this time."""
        for text in (
            "{% include 'b.tpl' %}",
            "{% include 'c.tpl' %}",
            "{% if 0 %}{% include 'b.tpl' %}{% endif %}",
            "{% include 'b.tpl' if 0 else 'd.tpl' %}",
            "{% include 'd.tpl' if n else 'b.tpl' %}",
            "{% include ['d.tpl', 'b.tpl'] %}",
            "{% include ['d.tpl', 5 | string] %}",
            "{% import 'b.tpl' as b %}",
            "{% from 'b.tpl' import m %}",
            "{% extends 'b.tpl' %}",
            "{% include 'd' ~ '.tpl' %}",
        ):
            turns = self.turns(("b.tpl",), a=text, b="x", c="{% include 'b.tpl' %}", d="x")
            self.assertGreater(turns, 0, text)

    def test_a_circle_of_templates_ends(self) -> None:
        """Looking through them does."""
        self.assertRaises(BadTemplate, self.turns, (), a="{% include 'b.tpl' %}", b="{% include 'a.tpl' %}")

    def test_check_is_what_rendering_finds(self) -> None:
        """Nothing is refused later that could have been refused at once."""
        check("a.tpl", "{{ x }}")
        for text in ("{{ x }", "{{ 1 | nonsense }}", "{% for x in 1 %}", "x" * 99_999):
            with self.assertRaises(BadTemplate) as at_once:
                check("a.tpl", text)
            with self.assertRaises(BadTemplate) as later:
                self.turns(("a.tpl",), a=text)
            self.assertEqual(str(at_once.exception), str(later.exception))
