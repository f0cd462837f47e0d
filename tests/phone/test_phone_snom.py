"""How Snom's phones and bases boot, step by step, and what they show."""

from collections.abc import Mapping

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.phone.profiles import PROFILES
from provserver.phone.profiles.snom.models import MODELS
from provserver.phone.values import Account, Booted, Fetch, Fetched, Key, Memory, Phone
from tests.phone.scripted import BASE, names, ok, play
from tests.phone.snom_files import NO_SNOM_FILE, container, languages, phone_settings

D785 = Phone("snom", "D785", "00:04:13:92:2d:24", "10.1.215.13")
D712 = evolve(D785, model="D712", version="10.1.184.15")
M900 = Phone("snom", "M900", "00:04:13:b6:06:80", "07.40.0104")
ASKED_FIRST = ["snomD785.htm", "snomD785-000413922D24.htm"]
OWN = "000413922D24.xml"

USER_AGENTS = {  # as seen on the wire
    D785: "snomD785-SIP 10.1.215.13 2010.12-00004-g9ba52f5 000413922D24 SXM:0 UXM:0",
    evolve(D785, model="715"): "snom715-SIP 10.1.215.13 2010.12-00004-g9ba52f5 000413922D24 SXM:0 UXM:0",
    M900: "Snom M900 07.40.0104 000413b60680",
}
ALICE = """<user_active idx="1" perm="R">on</user_active><user_idle_text idx="1">Alice</user_idle_text>
<user_realname idx="1">Alice A.</user_realname><user_name idx="1">u1001</user_name><user_pass idx="1">pw</user_pass>
<user_host idx="1">example.com</user_host><user_outbound idx="1">192.0.2.10:5061;transport=tls</user_outbound>"""


def boot(
    answers: Mapping[str, bytes | Fetched], phone: Phone = D785, memory: Memory | None = None
) -> tuple[Booted, list[Fetch]]:
    table = {name: ok(body) if isinstance(body, bytes) else body for name, body in answers.items()}
    return play(PROFILES["snom"].boot(phone, BASE, memory or Memory()), table)


def set_up(text: str, keys: str = "", phone: Phone = D785, memory: Memory | None = None) -> Booted:
    """Boot with these settings in the phone's own file."""
    digits = phone.mac.replace(":", "").upper()
    own = {
        f"snom{phone.model}-{digits}.htm": container(f"{BASE}{digits}.xml"),
        f"{digits}.xml": phone_settings(text, keys),
    }
    return boot(own, phone, memory)[0]


class SnomBootTests(SynchronousTestCase):
    def test_it_asks_for_two_containers(self) -> None:
        """Of the model and of its own; without either there is nothing to ask for."""
        booted, asked = boot({})
        self.assertEqual(names(asked), ASKED_FIRST)
        self.assertEqual((booted.provisioned, booted.problems), (False, ()))

    def test_it_says_who_it_is(self) -> None:
        """provd knows a phone by this text: it is written as real phones were seen to write it."""
        for phone, text in USER_AGENTS.items():
            self.assertEqual(PROFILES["snom"].user_agent(phone), f"Mozilla/4.0 (compatible; {text})")
            self.assertEqual(PROFILES["snom"].vendor_class(phone), f"snom{phone.model}")

    def test_a_later_file_has_the_last_word(self) -> None:
        """So the own container is read second, and its file last."""
        booted, asked = boot(
            {
                "snomD785.htm": container(f"{BASE}snom-general.xml", f"{BASE}snomD785.xml"),
                "snomD785-000413922D24.htm": container(f"{BASE}{OWN}"),
                "snom-general.xml": phone_settings("<language>English</language><timezone>USA-5</timezone>"),
                "snomD785.xml": phone_settings("<language>Deutsch</language>"),
                OWN: phone_settings("<language>Espanol</language>"),
            }
        )
        self.assertEqual(names(asked), [*ASKED_FIRST, "snom-general.xml", "snomD785.xml", OWN])
        self.assertEqual((booted.display.language, booted.display.time_zone), ("Espanol", "USA-5"))
        self.assertTrue(booted.provisioned)

    def test_common_files_alone_do_not_provision(self) -> None:
        """They are the same for every phone: whoever gets only those has no account."""
        booted, _ = boot(
            {
                "snomD785.htm": container(f"{BASE}snom-general.xml"),
                "snom-general.xml": phone_settings("<language>English</language>"),
            }
        )
        self.assertFalse(booted.provisioned)

    def test_what_is_named_and_not_there_is_told(self) -> None:
        """A chain that breaks is the server's mistake."""
        booted, _ = boot({ASKED_FIRST[1]: container(f"{BASE}{OWN}", "ftp://h/x")})
        self.assertFalse(booted.provisioned)
        self.assertEqual(booted.problems[0], f"{OWN}: named by a container, and not there")
        self.assertIn("not an http:// or tftp:// URL", booted.problems[1])

    def test_what_it_cannot_read_it_does_not_take(self) -> None:
        """It shows what it had before."""
        memory = set_up(ALICE).memory
        for body, problem in NO_SNOM_FILE.items():
            with self.subTest(body=body[:40]):
                booted, _ = boot({ASKED_FIRST[1]: container(f"{BASE}{OWN}"), OWN: body}, memory=memory)
                self.assertFalse(booted.provisioned)
                self.assertIn(f"{OWN}: {problem}", booted.problems[0])
                self.assertEqual(booted.display.accounts[0].label, "Alice")

    def test_a_container_that_is_something_else_leads_nowhere(self) -> None:
        """An error page with status 200 must not end the boot."""
        booted, asked = boot(
            {"snomD785.htm": b"<html/>", ASKED_FIRST[1]: phone_settings("<language>x</language>")}
        )
        self.assertEqual(names(asked), ASKED_FIRST)
        self.assertFalse(booted.provisioned)

    def test_it_fills_in_its_mac_address(self) -> None:
        """`{mac}` in any address is the phone's to replace, and no server's."""
        _, asked = boot({ASKED_FIRST[0]: container(f"{BASE}x/{{mac}}.xml?mac={{mac}}")})
        self.assertEqual(names(asked)[-1], "x/000413922D24.xml?mac=000413922D24")

    def test_every_model_boots(self) -> None:
        """All models of the list can be played; a base has handsets, and servers with numbers."""
        for model, version in PROFILES["snom"].models.items():
            with self.subTest(model=model):
                booted = set_up(ALICE, phone=evolve(D785, model=model, version=version))
                self.assertEqual([account.display_name for account in booted.display.accounts], ["Alice A."])

    def test_it_asks_whether_its_files_have_changed(self) -> None:
        """A phone that restarts costs a 304, not a file, and shows what it showed before."""
        answer = Fetched(200, {"etag": '"e1"'}, phone_settings(ALICE))
        chain = {ASKED_FIRST[1]: container(f"{BASE}{OWN}")}
        memory = boot({**chain, OWN: answer})[0].memory
        booted, asked = boot({**chain, OWN: Fetched(304)}, memory=memory)
        self.assertEqual(asked[-1].headers["If-None-Match"], '"e1"')
        self.assertTrue(booted.provisioned)
        self.assertEqual(booted.display.accounts[0].label, "Alice")


class SnomFirmwareTests(SynchronousTestCase):
    def asked(self, phone: Phone, status: bytes, listed: str) -> list[str]:
        """Return what is asked for behind the list of images."""
        end = "htm" if phone is M900 else "xml"
        files = {
            f"snom{phone.model}.htm": container(f"{BASE}snom{phone.model}.xml"),
            f"snom{phone.model}.xml": status,
            f"list.{end}": f"<firmware-settings>{listed}</firmware-settings>".encode(),
        }
        found = names(boot(files, phone)[1])
        self.assertIn(f"list.{end}", found)
        return found[found.index(f"list.{end}") + 1 :]

    def test_a_phone_asks_for_what_it_does_not_run(self) -> None:
        """By the address that it is told; what it runs already it does not load again."""
        status = phone_settings(f"<firmware_status>{BASE}list.xml</firmware_status>")
        for name, asked in (
            ("fw/snomD785-10.1.215.13-SIP-r.bin?mac={mac}", []),
            (
                "fw/snomD785-10.1.216.0-SIP-r.bin?mac={mac}",
                ["fw/snomD785-10.1.216.0-SIP-r.bin?mac=000413922D24"],
            ),
        ):
            self.assertEqual(self.asked(D785, status, f"<firmware>{BASE}{name}</firmware>"), asked)
        self.assertEqual(self.asked(D785, status, ""), [])

    def test_a_base_puts_the_name_together(self) -> None:
        """It is told the numbers of a version, and where the folders of all models are."""
        status = f"<firmware-settings><firmware-status>{BASE}list.htm</firmware-status></firmware-settings>".encode()
        for sw, branch, asked in (
            (740, 104, []),
            (750, 2, ["M900/M900_v0750_b0002.fwu"]),
            (0, 0, []),
        ):
            listed = (
                f"<firmware>{BASE.rstrip('/')}</firmware><fp_fwu_sw_version>{sw}</fp_fwu_sw_version>"
                f"<fp_fwu_branch_version>{branch}</fp_fwu_branch_version>"
                '<pp_fwu_sw_version type="M65">750</pp_fwu_sw_version>'
            )
            self.assertEqual(self.asked(M900, status, listed), asked)

    def test_it_asks_for_the_pack_of_its_language(self) -> None:
        """By the name that was chosen; one that no list has is built in, or there is none."""
        lists = {
            "snomD785.htm": container(f"{BASE}gui_lang.xml", f"{BASE}web_lang.xml", f"{BASE}general.xml"),
            "gui_lang.xml": languages("gui", f"{BASE}g_FR.xml", "Français"),
            "web_lang.xml": languages("web", f"{BASE}w_DE.xml", "Deutsch"),
        }
        for language, packs in (("Français", ["g_FR.xml"]), ("Deutsch", ["w_DE.xml"]), ("English", [])):
            chosen = phone_settings(f"<language>{language}</language><web_language>{language}</web_language>")
            asked = names(boot({**lists, "general.xml": chosen})[1])
            self.assertEqual(asked[asked.index("general.xml") + 1 :], packs, language)


class SnomDisplayTests(SynchronousTestCase):
    def test_an_identity(self) -> None:
        """All that a user or an administrator would look for - but of the password only that there is one."""
        booted = set_up(ALICE)
        alice = Account(1, True, "Alice", "Alice A.", "u1001", "192.0.2.10:5061", "tls", password_set=True)
        self.assertEqual((booted.display.accounts, booted.problems), ((alice,), ()))

    def test_where_an_identity_registers(self) -> None:
        """At its domain where nothing else is said, and by UDP; an unknown parameter is not guessed at."""
        for outbound, expected in (
            ("", ("example.com", "udp")),
            ("192.0.2.9", ("192.0.2.9", "udp")),
            ("192.0.2.9;transport=tcp", ("192.0.2.9", "tcp")),
            (":;transport=udp", (":", "udp")),  # the reference's, without a port
            ("192.0.2.9;transport=carrier-pigeon", ("192.0.2.9", "unknown")),
        ):
            account = set_up(ALICE.replace("192.0.2.10:5061;transport=tls", outbound)).display.accounts[0]
            self.assertEqual((account.server, account.transport), expected, outbound)

    def test_an_identity_that_is_off_is_shown_where_somebody_is_in_it(self) -> None:
        """The emptied ones are not."""
        text = """<user_active idx="2">off</user_active><user_active idx="3">off</user_active>
        <user_name idx="3">u</user_name>"""
        accounts = set_up(text).display.accounts
        self.assertEqual([(account.number, account.enabled) for account in accounts], [(3, False)])

    def test_a_handset_and_its_server(self) -> None:
        """By the server's number; an outbound proxy is where it registers."""
        text = """<user_host idx="2">example.com</user_host><user_outbound idx="2">192.0.2.9</user_outbound>
        <srv_sip_transport idx="2">tcp</srv_sip_transport><user_active idx="5">on</user_active>
        <user_name idx="5">u5</user_name><user_realname idx="5">Eve</user_realname>
        <subscr_sip_ua_data_server_id idx="5">2</subscr_sip_ua_data_server_id>"""
        for outbound, server in (("192.0.2.9", "192.0.2.9"), ("", "example.com")):
            booted = set_up(text.replace("192.0.2.9", outbound), phone=M900)
            eve = Account(5, True, "Eve", "Eve", "u5", server, "tcp", password_set=False)
            self.assertEqual(booted.display.accounts, (eve,))

    def test_keys(self) -> None:
        """From 1, as they are printed; a key with a line on it has no function of its own."""
        booted = set_up(
            "",
            """<fkey idx="0" context="active">line</fkey><fkey idx="1" label="Bob" context="2">blf 1010|*8</fkey>
            <fkey idx="2" context="active">orbit 701</fkey><fkey idx="3">none</fkey><fkey idx="4">p2t x</fkey>
            <fkey idx="219" label="Far">speed 12</fkey>""",
        )
        self.assertEqual(
            booted.display.keys,
            (
                Key("key 2", "BLF", "Bob", "1010|*8", 2),
                Key("key 3", "call park", "", "701", None),
                Key("key 5", "type p2t", "", "x", None),
                Key("key 220", "speed dial", "Far", "12", None),
            ),
        )
        self.assertEqual(booted.problems, ())

    def test_a_key_keeps_nothing_of_what_it_was(self) -> None:
        """Its label goes with its function."""
        memory = set_up("", '<fkey idx="1" label="Bob" context="2">blf 1010</fkey>').memory
        booted = set_up("", '<fkey idx="1">speed 5</fkey>', memory=memory)
        self.assertEqual(booted.display.keys, (Key("key 2", "speed dial", "", "5", None),))

    def test_what_the_model_has_no_place_for_is_told(self) -> None:
        """A server that believes in a bigger phone is found out here; resets of such places are harmless."""
        booted = set_up(
            f'<user_active idx="5">on</user_active><user_active idx="6">off</user_active>'
            f'<user_active idx="{"9" * 5000}">on</user_active>',
            '<fkey idx="4">speed 1</fkey><fkey idx="5">speed 1</fkey><fkey idx="6">line</fkey>',
            phone=D712,
        )
        places = ("user_active[5]", "fkey[5]")
        self.assertEqual(booted.problems, tuple(f"{place}: a D712 has no such place" for place in places))

    def test_time_zones(self) -> None:
        """By their code; without one by offset and rule."""
        for code, offset, summer, shown in (
            ("FRA+1", "+0", "", "FRA+1"),
            ("", "+20700", "", "UTC+5:45"),
            ("", "-12600", "3600 03.02.07 02:00:00 11.01.07 02:00:00", None),
            ("", "nonsense", "", ""),
            ("", "", "", ""),
        ):
            text = f"<timezone>{code}</timezone><utc_offset>{offset}</utc_offset><dst>{summer}</dst>"
            shown = f"UTC-3:30, summer time {summer}" if shown is None else shown
            self.assertEqual(set_up(text).display.time_zone, shown)

    def test_only_phones_with_keys_take_modules(self) -> None:
        """A module has to be plugged in somewhere; the table would be wrong."""
        for name, model in MODELS.items():
            self.assertTrue(model.keys or not model.modules, name)
