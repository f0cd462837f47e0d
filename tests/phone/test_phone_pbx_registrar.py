"""Who is registered at the test PBX: what Asterisk would answer (pbx-facts section 2)."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.pbx.registrar import Registrar
from provserver.phone.sip.messages import request

ONE, TWO = ("198.51.100.7", 41_234), ("198.51.100.7", 41_235)


class RegistrarTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.registrar = Registrar()

    def register(
        self,
        contact: str,
        source: tuple[str, int] = ONE,
        expires: str = "60",
        most: int = 1_000,
        now: float = 0.0,
    ) -> list[str]:
        """Return the contacts that the answer lists."""
        made = request("REGISTER", "sip:x", "a", "b", "c", 1, ("Contact", contact), ("Expires", expires))
        return [value for _, value in self.registrar.register("autoprov", made, source, most, now)]

    def users(self, now: float = 0.0) -> list[str]:
        return [str(each.contact) for each in self.registrar.bindings("autoprov", now)]

    def test_a_contact_is_where_its_packets_come_from(self) -> None:
        """Its parameters stay, and what it wrote itself is kept aside; without NAT there is nothing to keep."""
        self.assertEqual(
            self.register("<sip:autoprov@192.168.7.31:5060;line=1>"),
            ["<sip:autoprov@198.51.100.7:41234;line=1;x-ast-orig-host=192.168.7.31:5060>;expires=60"],
        )
        self.assertEqual(
            self.register("<sip:autoprov@198.51.100.7:41234>"),
            [self.listed(2), "<sip:autoprov@198.51.100.7:41234>;expires=60"],
        )

    def listed(self, _: int) -> str:
        return "<sip:autoprov@198.51.100.7:41234;line=1;x-ast-orig-host=192.168.7.31:5060>;expires=60"

    def test_the_answer_lists_everybody(self) -> None:
        """And `Contact: *` takes everybody off: the trouble with one account for all."""
        self.register("<sip:autoprov@192.168.7.31>")
        self.assertEqual(len(self.register("<sip:autoprov@192.168.7.32>", TWO)), 2)
        self.assertEqual(self.register("*", TWO, expires="0"), [])
        self.assertEqual(self.users(), [])

    def test_a_phone_that_comes_again_takes_its_own_place(self) -> None:
        """A refresh, and another account of the same phone at the same port."""
        self.register("<sip:a@192.168.7.31;line=1>")
        self.register("<sip:a@192.168.7.31;line=1>")
        self.register("<sip:a@192.168.7.31;line=2>")
        self.assertEqual(len(self.users()), 2)

    def test_a_slot_has_one_phone(self) -> None:
        """A reboot behind a new NAT port must not be refused: the newest stays."""
        self.register("<sip:a@192.168.7.31>", most=1)
        self.assertEqual(len(self.register("<sip:a@192.168.7.31>", TWO, most=1)), 1)
        self.assertEqual(self.users(), ["sip:a@198.51.100.7:41235;x-ast-orig-host=192.168.7.31:5060"])

    def test_times(self) -> None:
        """The contact's own, the header's, at most 300 s; 0 takes it off, and the end comes by itself."""
        for contact, expires, seconds in (
            ("<sip:a@x>;expires=20", "60", 20),
            ("<sip:a@x>", "60", 60),
            ("<sip:a@x>", "3600", 300),
            ("<sip:a@x>", "", 300),
        ):
            (listed,) = self.register(contact, expires=expires)
            self.assertTrue(listed.endswith(f"expires={seconds}"), listed)
        self.assertEqual(len(self.users(299)), 1)
        self.assertEqual(self.users(300), [])
        self.assertEqual(self.register("<sip:a@x>;expires=0"), [])

    def test_a_question_changes_nothing(self) -> None:
        """A REGISTER without a contact asks who is there."""
        self.register("<sip:a@x>")
        made = request("REGISTER", "sip:x", "a", "b", "c", 1)
        self.assertEqual(len(self.registrar.register("autoprov", made, TWO, 1, 1.0)), 1)

    def test_an_address_of_ipv6(self) -> None:
        """It stands in brackets."""
        (listed,) = self.register("<sip:a@[2001:db8::7]:5060>", ("2001:db8::7", 5060))
        self.assertTrue(listed.startswith("<sip:a@[2001:db8::7]:5060>"))

    def test_contacts_that_are_none(self) -> None:
        """Nothing changes."""
        self.register("<sip:a@x>")
        for contact, expires in (
            ("*", "60"),
            ("*", ""),
            ("<tel:1>", "60"),
            ("<sip:a@x", "60"),
            ("<sip:a@x>, *", "60"),
        ):
            self.assertRaises(Invalid, self.register, contact, TWO, expires)
        self.assertEqual(len(self.users()), 1)
