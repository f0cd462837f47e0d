"""Template exhaustion: whatever an administrator's template does, it ends after a bounded amount of work.

No test here looks at a clock: a bomb that is not counted never ends, or takes all memory.
"""

import tracemalloc

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.templates import MOST_CHARACTERS, meter
from provserver.core.templates.meter import MOST_TURNS, TURN
from provserver.errors import BadTemplate
from tests.core.rendering import Desk

MUCH = f"more than {MOST_TURNS:,} turns, or as much work"
DEEP = "calls nested more than 20 deep"
LISTED = "a list nested more than 20 deep"
NESTED = "nested too deep"
SCOPED = "a block cannot be scoped in an administrator's template"
KEYS = "texts and numbers only are keys"
SIZE = "a number above 10000"
WIDTH = "a width above 1000 in a format"


def grown(start: str, step: str, use: str = "") -> str:
    """Return a template that does `step` to `ns.x` again and again."""
    return f"{{% set ns = namespace(x={start}) %}}{for_ever(f'{{% set ns.x = {step} %}}')}{use}"


def for_ever(body: str, before: str = "") -> str:
    return f"{before}{{% for i in range(99999) %}}{body}{{% endfor %}}"


LONG = "{% set a = 'a' * 10000 %}"
LOOPS = {
    "{{ range(10 ** 9) }}": "OverflowError",
    "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}": MUCH,
    "{% for a in range(99999) if false %}{% endfor %}" * 2: MUCH,
    "{% for a in range(99999) recursive %}{% endfor %}" * 2: MUCH,
    "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}": DEEP,
    "{% for x in [1, 1] recursive %}{% if loop.depth < 19 %}{{ loop([1, 1]) }}{% endif %}{% endfor %}": MUCH,
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}": DEEP,
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(18) }}": MUCH,
    "{% macro n() %}{% call m() %}{{ n() }}{% endcall %}{% endmacro %}"
    "{% macro m() %}{{ caller() }}{% endmacro %}{{ n() }}": DEEP,
    "{% block x %}{{ self.x() }}{% endblock %}": DEEP,
    for_ever("{% include 'c.tpl' %}"): MUCH,
    for_ever("{% import 'c.tpl' as c %}"): MUCH,
    for_ever("{% include ['no.tpl', 'c.tpl'] %}"): MUCH,
    for_ever("{% include 'x' ~ i ignore missing %}"): "more than 50 templates for one file",
    for_ever("{% if name %}{% endif %}" * 1000): MUCH,
    for_ever("{% set b = i %}" * 1000): MUCH,
    for_ever("{{ m() }}", "{% macro m() %}" + "{% if name %}{% endif %}" * 1000 + "{% endmacro %}"): MUCH,
    for_ever("{{ self.b() }}", "{% block b %}" + "{% if name %}{% endif %}" * 1000 + "{% endblock %}"): MUCH,
    for_ever("{% include 'c.tpl' %}", "".join(f"{{% set a{n} = 1 %}}" for n in range(1000))): MUCH,
    "{% for i in range(99999) if not (" + "name and " * 90 + "name) %}{% endfor %}": MUCH,
    "{% for i in [1] %}{% block x scoped %}{% endblock %}{% endfor %}": SCOPED,
    "{% for x in range(99999) | map('string') | map('upper') | map('lower') %}{% endfor %}": MUCH,
    "{% for x in [1] | slice(10001) %}{% endfor %}": SIZE,
    "{{ cycler(1).next() }}" * 0 + for_ever("{{ c.next() }}", "{% set c = cycler(*range(9000)) %}"): MUCH,
}
TEXTS = {
    "{{ 'a' * 10 ** 9 }}": MUCH,
    "{{ 10 ** 9 * 'a' }}": MUCH,
    "{{ ['a' * 9999] * 9999 }}": MUCH,
    grown("'a'", "ns.x ~ ns.x"): MUCH,
    grown("'a'", "ns.x + ns.x"): MUCH,
    grown("'a'", "[ns.x, ns.x] | join"): MUCH,
    grown("'a'", "'%s%s' % (ns.x, ns.x)"): MUCH,
    grown("'aa'", "ns.x | replace('a', 'aa')"): MUCH,
    grown("'aa'", "ns.x.replace('a', 'aa')"): MUCH,
    grown("'a'", "ns.x.join([ns.x] * 3)"): MUCH,
    "{% set ns = namespace(x='a') %}"
    + for_ever("{% set b %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = b %}"): MUCH,
    "{% macro m() %}{{ caller() }}{{ caller() }}{% endmacro %}"
    + "{% call m() %}" * 9
    + "x" * 9999
    + "{% endcall %}" * 9: MUCH,
    for_ever("x" * 9999): MUCH,
    "{% set b %}" + for_ever("x" * 9999) + "{% endset %}": MUCH,
    "{% macro m() %}" + for_ever("x" * 9999) + "{% endmacro %}{{ m() }}": MUCH,
    LONG + for_ever("{{ a }}"): MUCH,
    LONG + for_ever("{% set b = a[1:] %}"): MUCH,
    LONG + for_ever("{% if a == a ~ '' %}{% endif %}"): MUCH,
    LONG + for_ever("{% if 'b' in a %}{% endif %}"): MUCH,
    LONG + for_ever("{% if a is lower %}{% endif %}"): MUCH,
    LONG + for_ever("{{ a | length }}"): MUCH,
    LONG + for_ever("{{ a.count('b') }}"): MUCH,
    LONG + "{{ a | replace('a', a) }}": MUCH,
    LONG + "{{ a | replace('', a) }}": MUCH,
    LONG + "{{ a.replace('', a) }}": MUCH,
    LONG + "{{ range(99999) | join(a) }}": MUCH,
    LONG + "{{ a.join(a) }}": MUCH,
    LONG + "{{ a | trim('b' * 101) }}": "more than 100 characters to look for",
    LONG + "{{ a.strip('b' * 101) }}": "more than 100 characters to look for",
    LONG + "{{ a.rfind('b' * 101) }}": "more than 100 characters to look for",
    LONG + "{{ a.rsplit('b' * 101) }}": "more than 100 characters to look for",
    "{{ 'a'.ljust(10 ** 9) }}": "not allowed: ljust",
    "{{ 'a'.rjust(10 ** 9) }}": "not allowed: rjust",
    "{{ 'a'.center(10 ** 9) }}": "not allowed: center",
    "{{ '1'.zfill(10 ** 9) }}": "not allowed: zfill",
    "{{ '\t'.expandtabs(10 ** 9) }}": "not allowed: expandtabs",
    "{{ '{:1000000000}'.format(1) }}": "not allowed: format",
    "{{ 'a' | center(10 ** 9) }}": "No filter named 'center'.",
    "{{ 'a' | indent(10 ** 9) }}": "No filter named 'indent'.",
    "{{ 'a a' | wordwrap(1, wrapstring='a' * 99999) }}": "No filter named 'wordwrap'.",
    "{{ 'a' | tojson(10 ** 9) }}": "No filter named 'tojson'.",
    "{{ 'a' | truncate(10 ** 9, end='a') }}": SIZE,
    "{{ '%1000000000d' % 1 }}": WIDTH,
    "{{ '%1001d' % 1 }}": WIDTH,
    "{{ '%-+1000000000d' % 1 }}": WIDTH,
    "{{ '%.1000000000f' % 1 }}": WIDTH,
    "{{ '%*d' % (10 ** 9, 1) }}": WIDTH,
    "{{ '%.*f' % (10 ** 9, 1) }}": WIDTH,
    "{{ '%(a)1000000000d' % {'a': 1} }}": WIDTH,
    "{{ '%%(a%1000000000d)d' % 1 }}": WIDTH,
    "{{ '%((a))1000000000d' % {'(a)': 1} }}": "a name with brackets in a format",
    "{{ '%1000000000d' | format(1) }}": WIDTH,
    "{{ ('%1000d' * 9999) % ((1,) * 9999) }}": MUCH,
    for_ever("{{ '%1000d' % 1 }}"): MUCH,
}
LISTS = {
    "{{ [1] * 10 ** 9 }}": MUCH,
    "{{ 10 ** 9 * (1,) }}": MUCH,
    grown("[1]", "ns.x + ns.x"): MUCH,
    grown("[1]", "[ns.x, ns.x]"): MUCH,
    grown("(1,)", "(ns.x, ns.x)"): MUCH,
    grown("[1]", "ns.x | map('string')"): MUCH,
    "{{ {(-1, -2): 1, (-2, -1): 1} }}": KEYS,
    "{{ {[]: 1} }}": KEYS,
    "{{ dict([[(-1, -2), 1]]) }}": KEYS,
    "{{ [(-1, -2), (-2, -1)] | unique | list }}": KEYS,
    "{{ [[(-1, -2)]] | unique(attribute=0) | list }}": KEYS,
    grown("{}", "{'a': ns.x, 'b': ns.x}"): MUCH,
    grown("{}", "dict(a=ns.x, b=ns.x)"): MUCH,
    grown("{}", "dict(a=ns.x, b=ns.x).items()"): MUCH,
    grown("[1]", "[ns.x]"): LISTED,
    grown("[1]", "ns.x | batch(1) | list"): LISTED,
    grown("[1]", "[ns.x, ns.x] | batch(1) | list"): LISTED,
    grown("[1]", "[ns.x, ns.x] | map('list') | list"): MUCH,
    "{{ [1] | batch(10 ** 9, 0) | list }}": SIZE,
    "{{ [1] | slice(10 ** 9) | list }}": SIZE,
    "{{ [[1] * 99] * 999 | sum(start=[]) }}": "sum adds numbers",
    "{{ [[1] * 99] | sum('x', []) }}": "sum adds numbers",
    "{{ ([1] * 9999) | sort(attribute='" + "0," * 9999 + "0') }}": MUCH,
    "{{ range(99999) | list | length }}" * 20: MUCH,
    for_ever("{{ l | length }}", "{% set l = range(9000) | list %}"): MUCH,
    for_ever("{{ l | max }}", "{% set l = range(9000) | list %}"): MUCH,
    for_ever("{{ l.count(-1) }}", "{% set l = range(9000) | list %}"): MUCH,
    for_ever("{% if -1 in l %}{% endif %}", "{% set l = range(9000) | list %}"): MUCH,
    for_ever("{% if l == l + [] %}{% endif %}", "{% set l = range(9000) | list %}"): MUCH,
    for_ever("{% if l is sequence %}{% endif %}", "{% set l = range(9000) | list %}"): MUCH,
    for_ever("{% set m = l[:] %}", "{% set l = range(9000) | list %}"): MUCH,
    "{% set l = range(9000) | list %}{{ l | select('in', l) | list }}": MUCH,
    for_ever("{{ d.keys() - d.keys() }}", "{% set d = settings.values %}"): "- is for numbers",
    for_ever("{{ d | items | list }}", "{% set d = settings.values %}"): MUCH,
    "{{ [1] | groupby('x') }}": "No filter named 'groupby'.",
}
NUMBERS = {
    "{{ 9 ** (9 ** 9) }}": "an exponent above 64",
    "{{ 9 ** -(10 ** 9) }}": "an exponent above 64",
    "{{ 9 ** 64 }}": "a number of more than 64 bits",
    "{{ 'a' ** 2 }}": "** is for numbers",
    grown("3", "ns.x * ns.x"): "a number of more than 64 bits",
    grown("3", "ns.x + ns.x"): "a number of more than 64 bits",
    "{{ 5 | round(-1000000000) }}": SIZE,
    "{{ 5 | round(1000000000, 'ceil') }}": SIZE,
    "{{ '9' | int(0, 10 ** 9) }}": SIZE,
    "{{ 1 // 0 }}": "ZeroDivisionError",
}
SYNTAX = {
    "{{ " + "(" * 9000: NESTED,
    "{{ " + "[" * 900 + "]" * 900 + " }}": NESTED,
    "{{ " + "-" * 9000 + "1 }}": NESTED,
    "{{ " + "not " * 5000 + "1 }}": NESTED,
    "{{ 1" + "|d" * 5000 + " }}": NESTED,
    "{{ name" + ".a" * 5000 + " }}": NESTED,
    "{{ name" + "()" * 5000 + " }}": NESTED,
    "{{ " + "1 if 0 else " * 2000 + "1 }}": NESTED,
    "{{ " + "1 + " * 5000 + "1 }}": NESTED,
    "{% if 1 %}" * 1000 + "{% endif %}" * 1000: NESTED,
    "{% for i in [1] %}" * 30 + "{% endfor %}" * 30: "SyntaxError",
    "{{" * 9000: NESTED,
    "{{ 0x" + "f" * 9000 + " }}": "ValueError",
    "{{ " + "9" * 9000 + " }}": "ValueError",
    "x" * (MOST_CHARACTERS + 1): "more than 32,768 characters",
    "{{ [" + "1," * 12000 + "1] }}": "a template of more than 10,000 parts",
}


class TemplateExhaustionTests(SynchronousTestCase):
    def refusal(self, text: str) -> str:
        desk = Desk(most_bytes=0, a="own")
        for name, body in (
            ("a.tpl", text),
            ("b.tpl", "{% include 'c.tpl' %}{% include 'b.tpl' %}{% include 'b.tpl' %}"),
            ("c.tpl", ""),
        ):
            desk.files.override("acme-1", name, body)
        with self.assertRaises(BadTemplate, msg=text[:200]) as caught:
            desk.file()
        return str(caught.exception).partition(": ")[2]

    def check(self, table: dict[str, str]) -> None:
        """With a tenth of what is allowed: it ends as surely, and sooner."""
        self.patch(meter, "_MOST", MOST_TURNS * TURN // 10)
        for text, message in table.items():
            self.assertEqual(self.refusal(text), message, text[:200])

    def test_loops_macros_and_includes_end(self) -> None:
        """Each turn is paid, and so is the body that it runs through."""
        self.check(LOOPS)

    def test_no_template_includes_itself_without_end(self) -> None:
        """Nor one that includes it; twice each would be a number that nobody lives to see."""
        for text in (
            "{% include 'a.tpl' %}",
            "{% include 'b.tpl' %}",
            "{% extends 'a.tpl' %}",
            "{% import 'a.tpl' as a %}",
        ):
            self.assertEqual(self.refusal(text), NESTED, text)

    def test_no_text_grows_without_end(self) -> None:
        """What would be huge is refused before it is made."""
        self.check(TEXTS)

    def test_no_list_grows_without_end(self) -> None:
        """Nor does one that holds another twice, and that again, stand for more than it weighs."""
        self.check(LISTS)

    def test_no_number_grows_without_end(self) -> None:
        """Python would calculate it for hours."""
        self.check(NUMBERS)

    def test_no_template_is_read_without_end(self) -> None:
        """It is read before it can be counted: so it may not be long."""
        self.check(SYNTAX)

    def test_memory_is_bounded(self) -> None:
        """The worst that a template can make lives until it is refused."""
        for text in (
            grown("[1]", "[ns.x, ns.x]"),
            grown("'a'", "ns.x ~ ns.x"),
            "{{ [range(99999) | list] * 3 }}" * 5,
        ):
            tracemalloc.start()
            try:
                self.assertEqual(self.refusal(text), MUCH)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            self.assertLess(peak, 100_000_000, text[:100])

    def test_a_template_that_takes_too_much_is_not_run_again_and_again(self) -> None:
        """Its phones ask every few seconds."""
        desk = Desk(a="own")
        desk.files.override("acme-1", "a.tpl", for_ever("{{ 1 / 0 }}"))
        for _ in range(3):
            self.assertRaises(BadTemplate, desk.file)
        self.assertEqual(len(desk.plugin.asked), 1)
        desk.files.override("acme-1", "a.tpl", "good")
        self.assertEqual(desk.text(), "good")

    def test_what_is_sensible_passes(self) -> None:
        """A phonebook of two thousand, searched and sorted."""
        desk = Desk(a="own")
        desk.files.override(
            "acme-1",
            "a.tpl",
            "{% set ns = namespace(all=[]) %}{% for i in range(2000) %}"
            "{% if '%04d' % i not in ('0007', '0009') %}{% set name = ('Name ' ~ i) | upper %}"
            "{{ loop.index }} {{ name | replace('N', 'M') }} = {{ [name, i] | join('-') }}\n{% endif %}"
            "{% endfor %}{% for i in range(500) %}{% set ns.all = ns.all + [i] %}{% endfor %}{{ ns.all | sum }}",
        )
        text = desk.text().splitlines()
        self.assertEqual((len(text), text[0], text[-1]), (1999, "1 MAME 0 = NAME 0-0", "124750"))
