"""sources: who guesses is slowed down and refused; who has known phones never is; nothing lasts, nothing grows."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core import sources
from provserver.core.sources import Bounds, Noted, Source, Sources, source_of
from provserver.model import Protocol

IP = "203.0.113.9"


def mac(number: int, oui: str = "") -> str:
    """Return a MAC; without an OUI each has one of its own."""
    head = oui or f"02:{number // 256 % 256:02x}:{number % 256:02x}"
    return f"{head}:{number // 65536 % 256:02x}:{number // 256 % 256:02x}:{number % 256:02x}"


class SourcesCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.sources = Sources(
            local=Bounds(50, 60), elsewhere=Bounds(slowed=5, refused=8), window_s=600, refused_s=300
        )

    def ask(
        self,
        count: int,
        at: float = 0.0,
        ip: str = IP,
        first: int = 0,
        protocol: Protocol = "http",
        oui: str = "",
        local: bool = False,
    ) -> list[Noted]:
        """Ask for so many phones, one a request."""
        numbers = range(first, first + count)
        return [self.sources.asked(ip, protocol, (mac(number, oui),), local, at) for number in numbers]

    def states(self, noted: list[Noted]) -> str:
        """Return the first letters of the states."""
        return "".join(one.state[0] for one in noted)

    def listed(self, at: float = 0.0) -> list[tuple[str, str, int]]:
        return [(one.address, one.state, one.phones) for one in self.sources.listed(at)]


class GuessingTests(SourcesCase):
    def test_it_is_slowed_then_refused(self) -> None:
        """Each turn is told once, so that the log can be."""
        noted = self.ask(10)
        self.assertEqual(self.states(noted), "wwwwsssrrr")
        self.assertEqual([at for at, one in enumerate(noted) if one.turned], [4, 7])
        self.assertTrue(self.sources.refuses(IP, "http", 1.0))
        self.assertTrue(self.sources.slows(IP, "http", 1.0))

    def test_requests_do_not_count(self) -> None:
        """A phone with a wrong key asks for ever, and an office of them too: they are as many as they are."""
        for at in range(100):
            noted = self.ask(4, at=at)
            self.assertEqual(self.states(noted), "wwww")
            self.assertEqual([one.fresh for one in noted], [at == 0] * 4)
        self.assertEqual(self.listed(99.0), [(IP, "watched", 4)])
        self.assertFalse(self.sources.refuses(IP, "http", 99.0))

    def test_a_run_in_one_oui_counts_double(self) -> None:
        """Who goes through a maker's numbers is found in about half as many."""
        self.assertEqual(self.states(self.ask(29, local=True, oui="00:15:65")), "w" * 29)
        self.assertEqual(self.states(self.ask(7, first=29, local=True, oui="00:15:65")), "sssssrr")
        (source,) = self.sources.listed(0.0)
        self.assertEqual((source.oui, source.phones), ("00:15:65", 35))

    def test_several_names_of_one_request_count_each(self) -> None:
        """A wrong key with a MAC is two things guessed."""
        noted = [self.sources.asked(IP, "http", (mac(at), f"key {at}"), False, 0.0) for at in range(4)]
        self.assertEqual(self.states(noted), "wwsr")

    def test_networks_have_bounds_of_their_own(self) -> None:
        """In the office there are many new phones."""
        self.assertEqual(self.states(self.ask(49, local=True)), "w" * 49)

    def test_bounds_the_wrong_way_round_still_refuse(self) -> None:
        """A mistake in the settings must not open the door."""
        self.sources = Sources(elsewhere=Bounds(slowed=100, refused=3))
        self.assertEqual(self.states(self.ask(4)), "wwrr")


class ForeverTests(SourcesCase):
    def test_phones_count_for_a_while(self) -> None:
        """Five typing errors a year are no attack."""
        self.sources.asked(IP, "http", ("key of old",), False, -500.0)
        for at in range(0, 6000, 200):
            self.assertEqual(self.states(self.ask(1, at=at, first=at)), "w")
        self.assertEqual(self.listed(5999.0), [(IP, "watched", 3)])
        self.assertEqual(self.listed(9999.0), [])

    def test_doubling_ends_with_the_run(self) -> None:
        """What counted double is taken off double."""
        self.ask(12, oui="00:15:65", local=True)
        self.ask(12, oui="00:15:65", local=True, at=300.0, first=12)
        noted = self.ask(36, at=601.0, first=1000, local=True)
        self.assertEqual(self.states(noted), "w" * 35 + "s")

    def test_a_refusal_ends_and_all_begins_anew(self) -> None:
        """Addresses are given to others."""
        self.ask(8)
        self.assertEqual(self.states(self.ask(3, at=299.0)), "rrr")
        self.assertTrue(self.sources.refuses(IP, "http", 299.0))
        self.assertFalse(self.sources.refuses(IP, "http", 300.0))
        self.assertEqual(self.listed(300.0), [])
        self.assertEqual(self.states(self.ask(1, at=300.0)), "w")

    def test_asking_on_does_not_prolong_it(self) -> None:
        """Otherwise one that goes on guessing would keep the office behind its NAT out for ever."""
        for at in range(0, 3000, 10):
            self.ask(1, at=at, first=at)
        refused = [at for at in range(3000, 3600) if self.sources.refuses(IP, "http", at)]
        self.assertLess(len(refused), 301)

    def test_a_clock_that_is_set_back_refuses_nobody_for_longer(self) -> None:
        """NTP steps the clock at boot."""
        self.ask(8, at=1e9)
        self.assertFalse(self.sources.refuses(IP, "http", 1e6))
        self.assertEqual(self.states(self.ask(4, at=1e6)), "wwww")
        self.ask(4, at=1e9, ip="198.51.100.1")
        self.assertEqual(self.states(self.ask(4, at=1e6, first=50, ip="198.51.100.1")), "wwww")

    def test_an_administrator_forgives(self) -> None:
        """One source, or all."""
        self.ask(8)
        self.ask(8, protocol="tftp")
        self.ask(2, ip="198.51.100.1")
        self.assertFalse(self.sources.forgive("192.0.2.1"))
        self.assertTrue(self.sources.forgive(IP))
        self.assertFalse(self.sources.refuses(IP, "http", 1.0))
        self.assertEqual(self.listed(), [("198.51.100.1", "watched", 2)])
        self.assertTrue(self.sources.forgive())
        self.assertEqual(self.listed(), [])
        self.assertFalse(self.sources.forgive())


class LiveTests(SourcesCase):
    def test_a_source_with_a_known_phone_is_only_watched(self) -> None:
        """One that guesses behind the NAT must not cost an office its phones."""
        self.sources.served(IP, 0.0)
        self.assertEqual(self.states(self.ask(100)), "w" * 100)
        self.assertFalse(self.sources.refuses(IP, "http", 0.0))
        self.assertEqual(self.listed(), [(IP, "watched", 8)])

    def test_a_phone_speaks_for_a_day(self) -> None:
        """Not for ever: the address may be somebody else's by then."""
        self.sources.served(IP, 0.0)
        self.assertEqual(self.states(self.ask(9, at=86_401.0)), "wwwwsssrr")

    def test_a_known_phone_ends_a_refusal(self) -> None:
        """It was served all the same, because its proof cannot be guessed."""
        self.ask(8)
        self.ask(8, protocol="tftp")
        self.sources.served(IP, 1.0)
        self.assertFalse(self.sources.refuses(IP, "http", 1.0))
        self.assertFalse(self.sources.refuses(IP, "tftp", 1.0))

    def test_a_slowed_source_is_no_longer_slowed(self) -> None:
        """As soon as a known phone was served from there."""
        self.ask(5)
        self.assertTrue(self.sources.slows(IP, "http", 1.0))
        self.sources.served(IP, 1.0)
        self.ask(1, at=1.0)
        self.assertFalse(self.sources.slows(IP, "http", 1.0))


class AddressTests(SourcesCase):
    def test_ipv6_counts_by_64(self) -> None:
        """One customer has 18 million million million addresses."""
        noted = [
            self.sources.asked(f"2001:db8:0:1::{at:x}", "http", (mac(at),), False, 0.0) for at in range(10)
        ]
        self.assertEqual(self.states(noted), "wwwwsssrrr")
        self.assertTrue(self.sources.refuses("2001:db8:0:1:ffff::1", "http", 1.0))
        self.assertFalse(self.sources.refuses("2001:db8:0:2::1", "http", 1.0))
        self.assertEqual(source_of("fe80::1%eth0"), "fe80::")

    def test_forged_udp_harms_nobody_over_tcp(self) -> None:
        """Whoever sends TFTP may write any address on the packet."""
        self.ask(8, protocol="tftp")
        self.assertTrue(self.sources.refuses(IP, "tftp", 1.0))
        self.assertTrue(self.sources.refuses(IP, "sip", 1.0))
        self.assertFalse(self.sources.refuses(IP, "http", 1.0))


class CrowdTests(SourcesCase):
    def test_many_sources_together_are_slowed(self) -> None:
        """A phone of each of many addresses is a botnet. Where there are known phones nobody notices."""
        self.sources = Sources(slowed_all=10)
        self.sources.served("192.0.2.3", 0.0)
        for number in range(10):
            self.assertFalse(self.sources.slows(IP, "http", 0.0))
            self.ask(1, ip=f"192.0.2.{number}", first=number)
        self.assertTrue(self.sources.slows(IP, "http", 0.0))
        self.assertFalse(self.sources.slows("192.0.2.3", "http", 0.0))
        self.sources.listed(601.0)
        self.assertFalse(self.sources.slows(IP, "http", 601.0))


class BoundTests(SourcesCase):
    def test_sources_are_bounded(self) -> None:
        """A million forged addresses cost a bounded memory."""
        self.patch(sources, "_MOST_SOURCES", 3)
        for at in range(10):
            self.ask(1, ip=f"192.0.2.{at}", at=at)
        self.assertEqual(
            [address for address, *_ in self.listed(9.0)], ["192.0.2.9", "192.0.2.8", "192.0.2.7"]
        )
        for at in range(10):
            self.ask(8, ip=f"198.51.100.{at}", at=at)
        self.assertEqual(self.sources.tally(9.0)["refused"], 3)

    def test_phones_of_all_are_bounded(self) -> None:
        """Neither many sources nor many phones of each may fill it."""
        self.patch(sources, "_MOST_PHONES", 10)
        for at in range(20):
            self.ask(4, ip=f"192.0.2.{at}", at=at)
        self.assertEqual(self.listed(19.0), [("192.0.2.19", "watched", 4), ("192.0.2.18", "watched", 4)])
        self.sources.forgive()
        self.ask(4)
        self.assertEqual(self.listed(), [(IP, "watched", 4)])

    def test_live_sources_are_bounded(self) -> None:
        """Of a million addresses with phones the last ones are remembered."""
        self.patch(sources, "_MOST_LIVE", 1)
        self.sources.served(IP, 0.0)
        self.sources.served("192.0.2.1", 0.0)
        self.assertEqual(self.states(self.ask(5)), "wwwws")

    def test_one_that_is_refused_costs_no_more(self) -> None:
        """A million MACs of a refused source are a number."""
        self.ask(8)
        self.ask(1000, at=5.0, first=100)
        self.assertEqual(
            self.sources.listed(6.0),
            (Source(IP, "tcp", "refused", 8, self.sources.listed(6.0)[0].oui, 1008, 0.0, 5.0, 300.0),),
        )

    def test_they_are_counted_by_state(self) -> None:
        """For the metrics."""
        self.ask(8)
        self.ask(5, ip="192.0.2.1")
        self.ask(1, ip="192.0.2.2")
        self.assertEqual(self.sources.tally(0.0), {"watched": 1, "slowed": 1, "refused": 1})
        self.assertEqual(self.sources.tally(300.0)["refused"], 0)
