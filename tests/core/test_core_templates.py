"""templates: every value through the format, nothing out of the sandbox, and mistakes told by template and line."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import BadTemplate, ProvdError
from provserver.model import FileRule
from tests.core.rendering import RULE, Desk, Plugin


class TemplateTests(SynchronousTestCase):
    def test_values_and_constants_stand_as_the_format_writes_them(self) -> None:
        """Escaping is the format's, so no template can forget it."""
        desk = Desk(a="<a>{{ name }}{{ 'x<y' }}{{ 5 }}</a>\n")
        self.assertEqual(desk.text(evolve(RULE, format="xml")), "<a>Anna &amp; Cox&lt;y5</a>\n")
        self.assertEqual(desk.text(evolve(RULE, format="key-value")), "<a>Anna & Cox<y5</a>\n")

    def test_what_macros_and_blocks_give_is_not_escaped_again(self) -> None:
        """Nor refused for its line breaks: the values in it have been through the format."""
        desk = Desk(
            a="{% extends 'base.tpl' %}"
            "{% block lines %}{{ super() }}{{ self.other() }}{% endblock %}"
            "{% block other %}{{ caught }}{% endblock %}",
            base="{% macro line(text) %}<l>{{ text }}</l>\n{% endmacro %}"
            "{% macro box(text) %}<b>{{ text }}{{ caller() }}</b>\n{% endmacro %}"
            "{% block lines %}{{ line(name) }}{% call box('<') %}{{ '>' }}\n{% endcall %}{% endblock %}",
        )
        desk.plugin = Plugin(said={"caught": "&"})
        self.assertEqual(
            desk.text(evolve(RULE, format="xml")),
            "<l>Anna &amp; Co</l>\n<b>&lt;&gt;\n</b>\n&amp;",
        )

    def test_a_caught_block_is_not_escaped_again(self) -> None:
        """`{% set %}` with a body is how a template says a thing twice."""
        text = "{% set both %}{{ name }}\n{% endset %}{{ both }}{{ both }}"
        self.assertEqual(Desk(a=text).text(evolve(RULE, format="xml")), "Anna &amp; Co\n" * 2)

    def test_a_line_of_a_block_alone_leaves_no_line(self) -> None:
        """Blank lines would be in every golden file, and some phones stumble over them."""
        text = "first\n  {% for line in (1, 2) %}\nline {{ line }}\n  {% endfor %}\nlast\n"
        self.assertEqual(Desk(a=text).text(), "first\nline 1\nline 2\nlast\n")

    def test_an_include_is_looked_up_as_any_template(self) -> None:
        """An administrator may replace one part of a vendor's template."""
        desk = Desk(a="{% include 'part.tpl' %}", part="vendor's {{ name }}")
        desk.files.override("acme-1", "part.tpl", "mine {{ name }}")
        self.assertEqual(desk.text(), "mine Anna & Co")


class BadTemplateTests(SynchronousTestCase):
    def refusal(self, rule: FileRule = RULE, **templates: str) -> str:
        with self.assertRaises(BadTemplate) as caught:
            Desk(most_bytes=0, **templates).file(rule)
        self.assertNotIn("hush", str(caught.exception))
        return str(caught.exception)

    def test_template_and_line_are_named(self) -> None:
        """The administrator must find the place; a traceback would show values, and among them passwords."""
        for text, message in (
            ("1\n2\n{{ name }\n", "a.tpl line 3: unexpected '}'"),
            ("1\n{% endif %}", "a.tpl line 2: Encountered unknown tag 'endif'."),
            ("{% frobnicate %}", "a.tpl line 1: Encountered unknown tag 'frobnicate'."),
            ("1\n2\n\n{{ lable }}", "a.tpl line 4: undefined: lable"),
            ("{{ table.lable }}", "a.tpl line 1: undefined: lable"),
            ("1\n{% if lable %}{% endif %}", "a.tpl line 2: undefined: lable"),
            ("{{ 1 / 0 }}", "a.tpl line 1: ZeroDivisionError"),
            ("{{ name() }}", "a.tpl line 1: TypeError"),
            ("{% include 'gone.tpl' %}", "a.tpl line 1: no such template: gone.tpl"),
            ("{% include '../../etc/passwd' %}", "a.tpl line 1: no such template: ../../etc/passwd"),
            ("{{ password | int + password }}", "a.tpl line 1: TypeError"),
        ):
            self.assertEqual(self.refusal(a=text), message, text)

    def test_a_mistake_in_an_included_template_is_found_there(self) -> None:
        """Not where it is included."""
        self.assertEqual(
            self.refusal(a="\n{% include 'b.tpl' %}", b="1\n{{ lable }}"), "b.tpl line 2: undefined: lable"
        )
        self.assertEqual(
            self.refusal(a="\n{% include 'b.tpl' %}", b="1\n{{"), "b.tpl line 2: unexpected 'end of template'"
        )

    def test_a_name_that_is_a_value_is_not_told(self) -> None:
        """What a template looks up by a password must not come out in a log."""
        for text, message in (
            ("{{ table[password] }}", "a.tpl line 1: undefined: a computed name"),
            ("{% include password %}", "a.tpl line 1: no such template: a computed name"),
            ("{{ '%d' | format(password) }}", "a.tpl line 1: TypeError"),
        ):
            self.assertEqual(self.refusal(a=text), message)

    def test_nothing_leads_out_of_the_sandbox(self) -> None:
        """An administrator's template is data: it must not reach Python."""
        for text, message in (
            ("{{ ().__class__.__mro__ }}", "a.tpl line 1: not allowed: __class__"),
            ("{{ ''['__class__'] }}", "a.tpl line 1: not allowed: __class__"),
            ("{{ settings.__init__.__globals__ }}", "a.tpl line 1: not allowed: __init__"),
            ("{{ self.__dict__ }}", "a.tpl line 1: not allowed: __dict__"),
            ("{{ '{0.__class__}'.format(name) }}", "a.tpl line 1: not allowed: __class__"),
            ("{{ settings.values.update(x=1) }}", "a.tpl line 1: not allowed: update"),
            ("{{ [].append(1) }}", "a.tpl line 1: not allowed: append"),
            ("{{ [name] | map(attribute='__class__') | join }}", "a.tpl line 1: not allowed: __class__"),
            ("{{ lipsum.__globals__ }}", "a.tpl line 1: undefined: lipsum"),
        ):
            self.assertEqual(self.refusal(a=text), message)

    def test_nothing_goes_round_the_format(self) -> None:
        """Each of these would make text that passes for escaped."""
        for name in ("safe", "escape", "e", "forceescape", "tojson", "urlize", "xmlattr"):
            self.assertEqual(
                self.refusal(a=f"{{{{ name | {name} }}}}"), f"a.tpl line 1: No filter named '{name}'."
            )

    def test_the_same_template_gives_the_same_bytes(self) -> None:
        """What is random would give a new ETag each time."""
        self.assertEqual(self.refusal(a="{{ [1, 2] | random }}"), "a.tpl line 1: No filter named 'random'.")

    def test_a_template_that_includes_itself_ends(self) -> None:
        """It must cost one answer, not the server."""
        self.assertEqual(self.refusal(a="{% include 'a.tpl' %}"), "a.tpl line 1: nested too deep")

    def test_a_template_that_cannot_be_compiled_ends(self) -> None:
        """Nested deeper than Python's parser follows."""
        self.assertEqual(self.refusal(a="{{" + "(" * 5000), "a.tpl: nested too deep")

    def test_an_unknown_format_is_told(self) -> None:
        """A mistake in a vendor's table."""
        self.assertEqual(self.refusal(evolve(RULE, format="ini"), a=""), "a.cfg: there is no format 'ini'")

    def test_a_broken_template_harms_no_other(self) -> None:
        """Nor does it stay broken."""
        desk = Desk(a="{{ lable }}")
        self.assertRaises(ProvdError, desk.file)
        desk.files.templates["a.tpl"] = "good"
        self.assertEqual(desk.text(), "good")
