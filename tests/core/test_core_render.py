"""render: which template is taken, what it sees, what cannot be held, and when bytes are made anew."""

import gc
import weakref
from collections.abc import Mapping
from datetime import date

from attrs import evolve
from hypothesis import given, settings, strategies
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.core import render as render_module
from provserver.errors import BadTemplate, Unfit
from provserver.interfaces import IVendorPlugin
from provserver.model import Device, FileRule, Json, Settings
from provserver.vendors.formats import Format
from tests.core.rendering import DEVICE, RULE, SETTINGS, TODAY, Desk, Plugin, named


class TextTests(SynchronousTestCase):
    def test_the_fake_is_a_plugin(self) -> None:
        """Else these tests would prove nothing about real ones."""
        verifyObject(IVendorPlugin, Plugin())

    def test_a_file_is_described(self) -> None:
        """The shells send these as headers."""
        file = Desk(a="héllo\n").file(evolve(RULE, media_type="text/x"), now=5.0)
        self.assertEqual(
            (file.name, file.media_type, file.size, file.modified, file.body, file.place),
            ("a.cfg", "text/x", 7, 5.0, "héllo\n".encode(), None),
        )
        self.assertRegex(file.etag, r"^[0-9a-f]{32}$")

    def test_device_and_settings_can_be_seen(self) -> None:
        """What an administrator's template may count on, besides the vendor's words."""
        text = (
            "{{ device.id }} {{ device.mac }} {{ device.vendor }} {{ device.model }} "
            "{{ settings.base_url }} {{ settings.values.locale }} {{ settings.lines[2].display_name }} "
            "{{ settings['keys'][3].label }}"
        )
        self.assertEqual(
            Desk(a=text).text(),
            "d1 00:ac:ed:00:00:01 Acme A60 http://10.0.0.1:8667/Key-of-anna fr_FR Bob Carl",
        )

    def test_a_file_of_all_phones_has_no_device(self) -> None:
        """It is made before the phone is known."""
        self.assertEqual(Desk(a="{{ 1 if device is none }}").text(device=None), "1")

    def test_the_revision_cannot_be_seen(self) -> None:
        """A file that showed it would be served stale: a new revision does not make it anew."""
        with self.assertRaisesRegex(BadTemplate, "undefined: rev"):
            Desk(a="{{ device.rev }}").file()

    def test_the_most_special_template_is_taken(self) -> None:
        """Design section 5: for the file, for the model, then the plugin's own; each the administrator's first."""
        desk = Desk(a="own")
        self.assertEqual(desk.text(), "own")
        desk.files.templates["A60.tpl"] = "vendor's for the model"
        self.assertEqual(desk.text(), "vendor's for the model")
        desk.files.override("acme-1", "A60.tpl", "for the model")
        self.assertEqual(desk.text(), "for the model")
        self.assertEqual(desk.text(device=evolve(DEVICE, model="A20")), "own")
        self.assertEqual(desk.text(device=None), "own")
        desk.files.override("acme-1", "a.cfg.tpl", "for the file")
        self.assertEqual(desk.text(), "for the file")

    def test_a_template_that_is_nowhere_is_told(self) -> None:
        """With all names, since the administrator may want to write one of them."""
        with self.assertRaises(BadTemplate) as caught:
            Desk().file()
        self.assertEqual(
            str(caught.exception), "a.cfg: none of its templates is there: a.cfg.tpl, A60.tpl, a.tpl"
        )

    @settings(derandomize=True, max_examples=60)
    @given(strategies.text(max_size=8))
    def test_no_value_makes_a_second_line(self, name: str) -> None:
        """A display name with a line break would write any setting it likes."""
        try:
            text = Desk(a="name = {{ name }}\n").text(evolve(RULE, format="key-value"), settings=named(name))
        except Unfit as problem:
            self.assertEqual(problem.setting, "sip_lines.1.display_name")
        else:
            self.assertEqual(text.splitlines(), [f"name = {name}"])


class UnfitTests(SynchronousTestCase):
    def test_the_setting_is_named(self) -> None:
        """Its path is what the administrator searches for; its value may be a password and is not told."""
        bad = "se\ncret"
        for path, settings_ in (
            ("sip_lines.1.display_name", named(bad)),
            ("sip_lines.2.password", evolve(SETTINGS, lines={**SETTINGS.lines, 2: {"password": bad}})),
            ("funckeys.3.label", evolve(SETTINGS, keys={3: {"type": "blf", "label": bad}})),
            ("X_tags.2", evolve(SETTINGS, values={"X_tags": ["good", bad]})),
            ("admin_password", evolve(SETTINGS, values={"locale": "x", "n": 1, "admin_password": bad})),
        ):
            desk = Desk(a="x\n{{ bad }}\n")
            desk.plugin = Plugin(said={"bad": f"Basic {bad}!"})
            with self.assertRaises(Unfit) as caught:
                desk.file(settings=settings_)
            self.assertEqual(caught.exception.setting, path)
            self.assertEqual(str(caught.exception), f"{path}: a value cannot hold a line break")

    def test_without_a_setting_template_and_line_are_named(self) -> None:
        """The value may be the template's own doing."""
        desk = Desk(a="{% include 'part.tpl' %}", part="x\n{{ 'a' ~ '\\n' }}\n")
        with self.assertRaises(Unfit) as caught:
            desk.file()
        self.assertEqual(str(caught.exception), "part.tpl line 2: a value cannot hold a line break")

    def test_a_character_that_the_encoding_lacks_is_refused_with_its_setting(self) -> None:
        """A question mark in its place would be a name that nobody typed."""
        self.patch(render_module, "FORMATS", {"text": Format("text", encoding="iso-8859-1")})
        with self.assertRaises(Unfit) as caught:
            Desk(a="{{ name }}").file(settings=named("Łukasz"))
        self.assertEqual(caught.exception.setting, "sip_lines.1.display_name")
        with self.assertRaises(Unfit) as caught:
            Desk(a="Ł").file()
        self.assertEqual(caught.exception.setting, "a.tpl")

    def test_what_the_plugin_refuses_is_passed_on(self) -> None:
        """It knows settings that no format can judge."""

        class Strict(Plugin):
            def values(
                self, rule: FileRule, device: Device | None, settings: Settings, today: date
            ) -> Mapping[str, object]:
                raise Unfit("sip_lines.17", "this phone has 16 accounts")

        desk = Desk(a="")
        desk.plugin = Strict()
        with self.assertRaisesRegex(Unfit, "^sip_lines.17: this phone"):
            desk.file()


class RememberedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.desk = Desk(a="{% include 'part.tpl' %}", part="{{ name }}")

    def made(self) -> int:
        return len(self.desk.plugin.asked)

    def test_the_same_is_not_made_again(self) -> None:
        """A phone that polls must cost nothing; an equal device or settings is the same."""
        first = self.desk.file(now=1.0)
        again = self.desk.file(RULE, evolve(DEVICE, rev=8), evolve(SETTINGS), date(2026, 1, 1), now=9.0)
        self.assertIs(again, first)
        self.assertEqual((self.made(), again.modified), (1, 1.0))

    def test_whatever_can_be_seen_makes_it_anew(self) -> None:
        """A stale file is a phone that the administrator cannot explain."""
        self.desk.file()
        for device, settings_, rule, today in (
            (evolve(DEVICE, model="A20"), SETTINGS, RULE, TODAY),
            (evolve(DEVICE, options=Json(b'{"switchboard":true}')), SETTINGS, RULE, TODAY),
            (None, SETTINGS, RULE, TODAY),
            (DEVICE, evolve(SETTINGS, base_url="http://10.0.0.9"), RULE, TODAY),
            (DEVICE, evolve(SETTINGS, values={"locale": "de_DE"}), RULE, TODAY),
            (DEVICE, evolve(SETTINGS, keys={}), RULE, TODAY),
            (DEVICE, named("Anna"), RULE, TODAY),
            (DEVICE, SETTINGS, evolve(RULE, name="b.cfg"), TODAY),
            (DEVICE, SETTINGS, RULE, date(2027, 1, 1)),
        ):
            made = self.made()
            self.desk.file(rule, device, settings_, today)
            self.assertEqual(self.made(), made + 1)

    def test_a_plugin_that_was_loaded_again_makes_it_anew(self) -> None:
        """Its tables may have changed under the same id."""
        self.assertEqual(self.desk.text(), "Anna & Co")
        self.desk.plugin = Plugin(said={"name": "new"})
        self.assertEqual(self.desk.text(), "new")

    def test_a_template_that_changes_or_appears_makes_it_anew(self) -> None:
        """Included ones too, and one that would now be taken first."""
        for name, text in (("part.tpl", "2"), ("a.tpl", "3"), ("A60.tpl", "4"), ("a.cfg.tpl", "5")):
            self.desk.files.templates[name] = text
            self.assertEqual(self.desk.text(), text)

    def test_the_same_bytes_keep_their_time(self) -> None:
        """A template that was only tidied up sends no phone a new file."""
        first = self.desk.file(now=1.0)
        self.desk.files.templates["part.tpl"] = "{{ name }}{# tidy #}"
        second = self.desk.file(now=2.0)
        self.assertEqual((second.etag, second.modified), (first.etag, 1.0))
        self.desk.files.templates["part.tpl"] = "other"
        third = self.desk.file(now=3.0)
        self.assertEqual((third.etag == first.etag, third.modified), (False, 3.0))

    def test_the_etag_is_of_the_bytes(self) -> None:
        """Two devices with the same bytes have the same one."""
        self.assertEqual(self.desk.file().etag, self.desk.file(device=evolve(DEVICE, id="d2")).etag)

    def test_explain_leaves_no_trace(self) -> None:
        """Without `keep` nothing is remembered, and nothing becomes more recently used."""
        desk = Desk(most_bytes=2500, a="{{ device.id }}")  # room for two files
        one, two, three = (evolve(DEVICE, id=name) for name in ("1", "2", "3"))
        first, second = desk.file(device=one), desk.file(device=two)
        self.assertIs(desk.file(device=one, keep=False), first)
        self.assertIsNot(desk.file(device=three, keep=False), desk.file(device=three, keep=False))
        desk.file(device=three)
        self.assertIsNot(desk.file(device=one, keep=False), first)
        self.assertIs(desk.file(device=two, keep=False), second)

    def test_the_least_recently_used_goes_first(self) -> None:
        """A phone that boots now asks again in a second, last year's never."""
        desk = Desk(most_bytes=2500, a="{{ device.id }}")
        one, two, three = (evolve(DEVICE, id=name) for name in ("1", "2", "3"))
        first, second = desk.file(device=one), desk.file(device=two)
        desk.file(device=one)
        desk.file(device=three)
        self.assertIs(desk.file(device=one), first)
        self.assertIsNot(desk.file(device=two), second)

    def test_a_file_that_is_too_big_turns_nothing_out(self) -> None:
        """One giant must not cost all other phones their files."""
        desk = Desk(most_bytes=2500, a="{{ name * 1000 if device.id == 'big' else name }}")
        first, big = desk.file(), evolve(DEVICE, id="big")
        self.assertIsNot(desk.file(device=big), desk.file(device=big))
        self.assertIs(desk.file(), first)

    def test_a_file_that_changes_takes_its_room_once(self) -> None:
        """Else its earlier versions would turn the others out."""
        desk = Desk(most_bytes=2500, a="1")
        first = desk.file(device=evolve(DEVICE, model=None))
        for number in range(5):
            desk.files.templates["A60.tpl"] = str(number)
            desk.file()
        self.assertIs(desk.file(device=evolve(DEVICE, model=None)), first)

    def test_settings_are_not_kept_alive(self) -> None:
        """Only their digest is remembered, and that for as long as they live."""
        mine = evolve(SETTINGS)
        self.desk.file(settings=mine)
        gone = weakref.ref(mine)
        del mine
        gc.collect()
        self.assertIsNone(gone())

    def test_settings_in_the_place_of_others_are_not_taken_for_them(self) -> None:
        """Python uses the memory of what is gone again: one phone would get another's password."""
        desk = Desk(a="{{ settings.base_url }}")
        for number in range(50):
            self.assertEqual(desk.text(settings=evolve(SETTINGS, base_url=str(number))), str(number))
