"""Template escape: an administrator's template is data. It reaches no Python, changes nothing, and writes no value
that has not been through the format."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.templates.counting import COUNTERS
from provserver.errors import BadTemplate, Unfit
from provserver.model import FileRule
from tests.core.rendering import RULE, SETTINGS, Desk, Plugin, named

KEY_VALUE = FileRule("device", "a.cfg", "a.tpl", format="key-value")
XML = FileRule("device", "a.cfg", "a.tpl", format="xml")
EVIL = "x\nadmin_password = 1"
# The ways into Python that are known of Jinja, expression by expression.
TO_PYTHON = (
    "().__class__.__mro__",
    "().__class__.__base__.__subclasses__()",
    "''['__class__']",
    "name['__cl' ~ 'ass__']",
    "settings.__init__.__globals__",
    "settings.lines.get.__self__",
    "settings.values.__class_getitem__",
    "self.__dict__",
    "self.__init__.__globals__.__builtins__",
    "self._TemplateReference__context",
    "self._TemplateReference__context.environment",
    "'{0.__class__}'.format(name)",
    "'{0.__class__.__init__.__globals__}'.format_map({'0': name})",
    "'%s'.format",
    "name | attr('__class__')",
    "[name] | map(attribute='__class__') | join",
    "[name] | map('attr', '__class__') | list",
    "[name] | map(attribute='upper') | map('string') | list ~ ''.__doc__",
    "cycler.__init__.__globals__.os.popen('id').read()",
    "cycler(1).next.__func__.__globals__",
    "joiner.__init__.__globals__",
    "joiner().__call__.__globals__",
    "namespace.__init__.__globals__",
    "namespace(x=1)._Namespace__attrs",
    "namespace.__getattribute__",
    "lipsum.__globals__",
    "range.__globals__",
    "range.__wrapped__",
    "dict.mro()",
    "dict.fromkeys([1])",
    "dict.__globals__",
    "namespace.mro",
    "name.join.__self__.__class__",
    "''.upper.__func__",
    "(name | map('upper')).gi_frame",
    "(name | map('upper')).gi_code",
    "(name | map('upper')).gi_frame.f_globals",
    "settings.lines.items().__iter__.__self__",
    "(5).to_bytes(9, 'big')",
    "(5).real.__class__",
    "1.5.hex()",
    "name.encode()",
    "name.translate({97: 'b'})",
    "name.maketrans('a', 'b')",
    "environment",
    "context",
    "request.application.__globals__",
    "config.items()",
    "get_flashed_messages.__globals__",
    "url_for.__globals__",
    "caller.__globals__",
    "super()",
    "loop",
    "[1] | random",
    "[1] | groupby('__class__') | list",
    "name | tojson",
    "name | pprint",
    "name | xmlattr",
    "name | urlize",
    "name()",
    "settings()",
    "settings.values()",
    "table.clear()",
)
TO_PYTHON_BY_STATEMENT = (
    "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._environment }}",
    "{% import 'b.tpl' as b %}{{ b.__class__ }}",
    "{% import 'b.tpl' as b %}{{ b._body_stream }}",
    "{% import 'b.tpl' as b %}{{ b.__loader__ }}",
    "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
    "{% for x in [1] %}{{ loop._iterable }}{% endfor %}",
    "{% for x in [1] %}{{ loop.changed.__func__ }}{% endfor %}",
    "{% block x %}{{ self.x.__class__ }}{% endblock %}",
    "{% block x %}{{ self.x._context }}{% endblock %}",
    "{% include '/etc/passwd' %}",
    "{% include '../../../etc/passwd' %}",
    "{% include 'plugin/../../../etc/passwd' %}",
    "{% import 'os' as os %}{{ os.system }}",
    "{% extends self %}",
    "{% from 'b.tpl' import __loader__ %}{{ __loader__.x }}",
    "{% call dict() %}{% endcall %}",
    "{% call cycler('a').next() %}{% endcall %}",
    "{% do 1 %}",
    "{% debug %}",
    "{% trans %}{% endtrans %}",
    "{% autoescape false %}{{ name }}{% endautoescape %}",
    "{% filter upper %}{{ name }}{% endfilter %}",
    "{% set x | upper %}{{ name }}{% endset %}",
)
CHANGES = (
    "{{ settings.lines.update({1: {}}) }}",
    "{{ settings.lines[1].update(password='') }}",
    "{{ settings.values.pop('locale') }}",
    "{{ settings.values.clear() }}",
    "{{ settings.values.setdefault('x', 1) }}",
    "{{ settings.values.X_tags.append('c') }}",
    "{{ settings.values.X_tags.sort(reverse=true) }}",
    "{{ settings.values.X_tags.__setitem__(0, 'c') }}",
    "{{ device.update(id='d2') }}",
    "{% set settings.values = {} %}",
    "{% set device.id = 'd2' %}",
    "{% set settings['values'] = {} %}",
    "{% set add = settings.values.X_tags.append %}{{ add('c') }}",
    "{% set add = settings.values.X_tags['append'] %}{{ add('c') }}",
    "{{ settings.values.X_tags | map('append', 'c') | list }}",
)
# Each would put a text into the file that the format has not written.
ROUND_THE_FORMAT = (
    "{{ evil }}",
    "{{ evil | safe }}",
    "{{ evil | e }}",
    "{{ evil | forceescape }}",
    "{{ evil ~ '' }}",
    "{% macro m() %}a{% endmacro %}{{ m() ~ evil }}",
    "{% macro m() %}a{% endmacro %}{{ m() + evil }}",
    "{% macro m() %}a{% endmacro %}{{ evil + m() }}",
    "{% macro m() %}a{% endmacro %}{{ [m(), evil] | join }}",
    "{% macro m() %}a{% endmacro %}{{ ['b', 'c'] | join(evil) }}",
    "{% macro m() %}a{% endmacro %}{{ [m(), 'b'] | join(evil) }}",
    "{% macro m() %}a{% endmacro %}{{ m().join(['', evil, '']) }}",
    "{% macro m() %}a{% endmacro %}{{ m() | replace('a', evil) }}",
    "{% macro m() %}a{% endmacro %}{{ evil | replace(m(), m()) }}",
    "{% macro m() %}a{% endmacro %}{{ m().replace('a', evil) }}",
    "{% macro m() %}%s{% endmacro %}{{ m() % evil }}",
    "{% macro m() %}%s{% endmacro %}{{ m() | format(evil) }}",
    "{% macro m() %}%(x)s{% endmacro %}{{ m() | format(x=evil) }}",
    "{% macro m() %}{% endmacro %}{{ m() | default(evil, true) }}",
    "{% macro m() %}a{% endmacro %}{{ m() | truncate(0, true, evil) }}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ evil }}{% endcall %}",
    "{% set x %}{{ evil }}{% endset %}{{ x }}",
    "{% set x %}a{% endset %}{{ x.format(evil) }}",
    "{% block x %}{{ evil }}{% endblock %}",
    "{% for x in [evil] %}{{ x }}{% endfor %}",
    "{% for x in [evil] recursive %}{{ x }}{% endfor %}",
    "{% with x = evil %}{{ x }}{% endwith %}",
    "{% include 'b.tpl' %}",
    "{% import 'b.tpl' as b with context %}{{ b }}",
    "{{ namespace(x=evil).x }}",
    "{{ cycler(evil).next() }}",
    "{{ {'x': evil}.x }}",
)


class TemplateEscapeTests(SynchronousTestCase):
    def desk(self, text: str) -> Desk:
        desk = Desk(most_bytes=0, a="own")
        desk.plugin = Plugin(said={"evil": EVIL})
        desk.files.override("acme-1", "a.tpl", text)
        desk.files.override(
            "acme-1", "b.tpl", "{{ evil }}" if "b.tpl' %}" in text or "context" in text else "b"
        )
        return desk

    def test_nothing_leads_to_python(self) -> None:
        """What is reached through one attribute too many is the whole server."""
        for expression in TO_PYTHON:
            with self.assertRaises(BadTemplate, msg=expression):
                self.desk(f"{{{{ {expression} }}}}").file()
            with self.assertRaises(BadTemplate, msg=expression):
                self.desk(f"{{% if ({expression}) ~ '' %}}{{% endif %}}").file()

    def test_no_statement_leads_to_python(self) -> None:
        """Nor out of the folders of templates."""
        for text in TO_PYTHON_BY_STATEMENT:
            with self.assertRaises(BadTemplate, msg=text):
                self.desk(text).file()

    def test_nothing_is_changed(self) -> None:
        """Settings are shared by all phones of a config, and kept between their requests."""
        for text in CHANGES:
            before = repr((SETTINGS.values, SETTINGS.lines, SETTINGS.keys))
            with self.assertRaises(BadTemplate, msg=text):
                self.desk(text).file()
            self.assertEqual(repr((SETTINGS.values, SETTINGS.lines, SETTINGS.keys)), before, text)

    def test_nothing_goes_round_the_format(self) -> None:
        """A display name with a line break would write any setting it likes."""
        for text in ROUND_THE_FORMAT:
            with self.assertRaises((Unfit, BadTemplate), msg=text):
                self.desk(text).text(KEY_VALUE)

    def test_what_the_format_has_written_is_cut_to_a_value_again(self) -> None:
        """Half an escape would be another text: each cut is written anew."""
        for text, wanted in (
            ("{% set x %}{{ name }}{% endset %}{{ x }}", "Anna &amp; Co"),
            ("{% set x %}{{ name }}{% endset %}{{ x[:6] }}", "Anna &amp;"),
            ("{% set x %}{{ name }}{% endset %}{{ x | upper }}", "ANNA &amp;AMP; CO"),
            ("{% set x %}{{ name }}{% endset %}{{ x | last }}", "o"),
            ("{% set x %}{{ name }}{% endset %}{{ x ~ '<' ~ x }}", "Anna &amp; Co&lt;Anna &amp; Co"),
            ("{% set x %}{{ name }}{% endset %}{{ [x, '<'] | join('>') }}", "Anna &amp; Co&gt;&lt;"),
            ("{% set x %}{{ name }}{% endset %}{{ x * 2 }}", "Anna &amp; CoAnna &amp; Co"),
            ("{% set x %}{{ name }}{% endset %}{{ x | default('') }}", "Anna &amp; Co"),
        ):
            self.assertEqual(self.desk(text).text(XML), wanted, text)

    def test_a_mistake_tells_no_secret(self) -> None:
        """What a template looks up by a password must not come out in a log, a step or an answer."""
        for text in (
            "{{ table[password] }}",
            "{{ settings[password] }}",
            "{% include password %}",
            "{{ [password] | map(password) | list }}",
            "{{ password() }}",
            "{{ password + 1 }}",
            "{{ password | int + password }}",
            "{{ {password: 1}[password ~ 'x'] }}",
            "{{ password.index('q') }}",
            "{{ password * password }}",
            "{{ (password ~ '%') % 1 }}",
            "{% import password as p %}",
        ):
            with self.assertRaises(BadTemplate, msg=text) as caught:
                self.desk(text).file(settings=named("Anna"))
            self.assertNotIn("hush", str(caught.exception))

    def test_what_counts_cannot_be_called(self) -> None:
        """It would give back what was paid, or look away."""
        for name in COUNTERS:
            for expression in (
                f"[[1]] | map({name!r}) | list",
                f"[[1]] | map({name!r}, -1000000000) | list",
                f"[1] | map({name!r}, nodes=-1000000000) | list",
                f"[[1]] | map('map', {name!r}, -1000000000) | list",
                f"[1] | select({name!r}) | list",
            ):
                with self.assertRaises(BadTemplate, msg=expression) as caught:
                    self.desk(f"{{{{ {expression} }}}}").file()
                self.assertRegex(str(caught.exception), "no such filter$|TemplateRuntimeError$")

    def test_the_vendors_part_is_counted_as_well(self) -> None:
        """Included by an administrator's template it may be given anything."""
        desk = Desk(most_bytes=0, a="{% for x in many %}{% endfor %}")
        desk.files.override(
            "acme-1",
            "A60.tpl",
            "{% set many = range(90000) %}{% include 'plugin/a.tpl' %}{% include 'plugin/a.tpl' %}",
        )
        self.assertRaises(BadTemplate, desk.file, RULE)
        desk = Desk(most_bytes=0, a="{% include 'part.tpl' if name %}", part="x")
        desk.files.override(
            "acme-1", "part.tpl", "{% for x in range(90000) %}{% for x in range(9) %}{% endfor %}{% endfor %}"
        )
        self.assertRaises(BadTemplate, desk.file, RULE)
        desk = Desk(most_bytes=0, a="{% include ['none.tpl', 'part' ~ '.tpl'] %}", part="x")
        desk.files.override("acme-1", "part.tpl", "{{ 'a'.zfill(9) }}")
        self.assertRaises(BadTemplate, desk.file, RULE)
