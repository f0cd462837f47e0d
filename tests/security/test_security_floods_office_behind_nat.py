"""An office behind NAT: its phones reboot together and ask again and again. It must never be locked out."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.pending import PendingDevices
from provserver.core.reception import Reception
from provserver.core.sources import Sources
from provserver.model import Device, Tenant
from tests.fakes.office import KEY, Office, own_config

NAT = "203.0.113.9"
PHONES = 500


def mac(number: int) -> str:
    return f"00:ac:ed:00:{number // 256:02x}:{number % 256:02x}"


def path_of(number: int) -> str:
    return f"{mac(number).replace(':', '')}.cfg"


class OfficeBehindNatTests(SynchronousTestCase):
    """With the bounds that are the defaults."""

    def setUp(self) -> None:
        self.reception = Reception(Sources(), PendingDevices())
        self.office = Office(burst=5_000, reception=self.reception)
        self.office.put(Tenant("master", name="master", key=KEY), own_config("c1"))
        for number in range(PHONES):
            self.office.put(
                Device(
                    f"d{number}", mac=mac(number), vendor="Acme", model="A60", plugin="acme-2", config="c1"
                )
            )

    def boot(self, number: int, prefix: str = "", ip: str = NAT) -> str:
        """Return the outcome; it must come at once."""
        path, user_agent = prefix + path_of(number), f"acme A60 2.1 {mac(number)}"
        return self.office.answer(path=path, ip=ip, user_agent=user_agent).outcome

    def states(self) -> list[str]:
        return [source.state for source in self.reception.sources.listed(self.office.clock.seconds())]

    def test_500_phones_reboot_and_ask_again(self) -> None:
        """After a power cut, three times each, all from one address."""
        for _ in range(3):
            outcomes = {self.boot(number, f"{KEY}/") for number in range(PHONES)}
            self.assertEqual(outcomes, {"file"})
        self.assertEqual(self.states(), [])

    def test_one_that_guesses_among_them_costs_them_nothing(self) -> None:
        """Its guesses are in vain, but the office is served, at once."""
        self.boot(0, f"{KEY}/")
        for number in range(10_000, 10_500):
            self.assertEqual(self.boot(number), "nothing")
        self.assertEqual({self.boot(number, f"{KEY}/") for number in range(PHONES)}, {"file"})
        self.assertEqual(self.states(), ["watched"])

    def test_phones_that_ask_without_the_key_first_are_no_attack(self) -> None:
        """Their first request goes to the bare URL of the redirection service, their second has the key."""
        for number in range(PHONES):
            asked = self.office.asked(path=path_of(number), ip=NAT, user_agent="")
            self.office.clock.advance(0.01)
            self.assertEqual(self.boot(number, f"{KEY}/"), "file")
            self.assertEqual(self.successResultOf(asked).outcome, "nothing")
        self.assertEqual(self.states(), ["watched"])

    def test_an_office_with_an_old_key_is_back_once_it_is_mended(self) -> None:
        """An administrator forgives it, or ten minutes do."""
        for forgiven in (True, False):
            for number in range(PHONES):
                user_agent = f"acme A60 2.1 {mac(number)}"
                self.office.asked(path=f"old-key/{path_of(number)}", ip=NAT, user_agent=user_agent)
            self.office.clock.advance(2)
            self.assertEqual(self.states(), ["refused"])
            if forgiven:
                self.reception.sources.forgive(NAT)
            else:
                self.office.clock.advance(600)
            self.assertEqual({self.boot(number, f"{KEY}/") for number in range(PHONES)}, {"file"})
            self.reception.sources.forgive()
            self.reception.sources._live.clear()
        self.assertEqual(self.states(), [])

    def test_a_new_office_is_set_up_at_once(self) -> None:
        """Plug and play: 900 new phones from one address of the LAN, each three times."""
        for _ in range(3):
            outcomes = {self.boot(number, ip="10.0.0.7") for number in range(1_000, 1_900)}
            self.assertEqual(outcomes, {"file"})
        self.assertEqual(self.states(), [])
