"""How Polycom phones boot, step by step, and what they show."""

from collections.abc import Mapping

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.phone.profiles import PROFILES
from provserver.phone.profiles.polycom.time_zone import describe
from provserver.phone.values import Account, Booted, Fetch, Fetched, Key, Memory, Phone
from tests.phone.scripted import BASE, names, ok, play

VVX410 = Phone("polycom", "VVX410", "64:16:7f:a1:b2:c3", "5.9.2")
SPIP335 = Phone("polycom", "SPIP335", "00:04:f2:aa:bb:cc", "3.2.1.0078")
MASTER = "64167fa1b2c3.cfg"
OWN = "64167fa1b2c3-user.cfg"
FOR_ALL = "000000000000.cfg"
FIRMWARE = ["3111-46162-001.sip.ld", "sip.ld"]
OTHERS = [
    *("64167fa1b2c3-phone.cfg", "64167fa1b2c3-web.cfg", "64167fa1b2c3-license.cfg"),
    *("000000000000-license.cfg", "64167fa1b2c3-directory.xml", "000000000000-directory.xml"),
]
CHAIN = b'<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="[PHONE_MAC_ADDRESS]-user.cfg, common.cfg"/>'
ALICE = {
    "reg.1.server.1.address": "192.0.2.10",
    "reg.1.server.1.transport": "TLS",
    "reg.1.label": "Alice",
    "reg.1.displayName": "Alice A.",
    "reg.1.address": "u1001",
    "reg.1.auth.password": "pw-one",
}

USER_AGENTS = {  # as seen on the wire: the application's and the updater's
    ("SPIP335", "3.2.1.0078"): ("PolycomSoundPointIP-SPIP_335-UA/3.2.1.0078", "SPIP_335-UA/4.2.3.0003"),
    ("SSIP6000", "4.0.4.2906"): (
        "PolycomSoundStationIP-SSIP_6000-UA/4.0.4.2906 Type/Application",
        "SSIP_6000-UA/5.0.8 Type/Updater",
    ),
    ("VVX101", "5.4.3.1014"): (
        "PolycomVVX-VVX_101-UA/5.4.3.1014 Type/Application",
        "VVX_101-UA/5.4.3.1014 Type/Updater",
    ),
}
TIME_ZONES: tuple[tuple[dict[str, str], str], ...] = (  # what stands below tcpIpApp.sntp
    ({}, ""),
    ({"gmtOffset": "3600"}, ""),
    ({"gmtOffset.overrideDHCP": "1"}, "UTC+0"),
    ({"gmtOffset.overrideDHCP": "1", "gmtOffset": "-12600"}, "UTC-3:30"),
    ({"gmtOffset.overrideDHCP": "1", "gmtOffset": "one"}, "an unreadable 'one'"),
    ({"gmtOffset.overrideDHCP": "1", "gmtOffset": "7200", "daylightSavings.enable": "0"}, "UTC+2"),
    (
        {
            "gmtOffset.overrideDHCP": "1",
            "gmtOffset": "-18000",
            "daylightSavings.enable": "1",
            "daylightSavings.start.month": "3",
            "daylightSavings.start.time": "2",
            "daylightSavings.start.dayOfWeek": "1",
            "daylightSavings.start.date": "8",
            "daylightSavings.stop.month": "10",
            "daylightSavings.stop.time": "3",
            "daylightSavings.stop.dayOfWeek": "1",
            "daylightSavings.stop.dayOfWeek.lastInMonth": "1",
        },
        "UTC-5, summer time from the second Sunday of March, 2:00 to the last Sunday of October, 3:00",
    ),
    (
        {
            "gmtOffset.overrideDHCP": "1",
            "gmtOffset": "7200",
            "daylightSavings.enable": "1",
            "daylightSavings.fixedDayEnable": "1",
            "daylightSavings.start.month": "3",
            "daylightSavings.start.time": "2",
            "daylightSavings.start.date": "27",
            "daylightSavings.stop.month": "13",
        },
        "UTC+2, summer time from 27 March, 2:00 to an unreadable day",
    ),
    (
        {
            "gmtOffset.overrideDHCP": "1",
            "daylightSavings.enable": "1",
            "daylightSavings.start.month": "3",
            "daylightSavings.start.date": "9" * 5000,
            "daylightSavings.stop.month": "3",
            "daylightSavings.stop.dayOfWeek": "8",
            "daylightSavings.stop.date": "1",
        },
        "UTC+0, summer time from an unreadable day to an unreadable day",
    ),
)


def config(parameters: Mapping[str, str], root: str = "polycomConfig") -> bytes:
    attributes = (f'{name}="{value}"' for name, value in parameters.items())
    return f"<{root} {' '.join(attributes)}/>".encode()


def boot(
    answers: Mapping[str, bytes], phone: Phone = VVX410, memory: Memory | None = None
) -> tuple[Booted, list[Fetch]]:
    table = {name: ok(body) for name, body in answers.items()}
    return play(PROFILES["polycom"].boot(phone, BASE, memory or Memory()), table)


def set_up(parameters: Mapping[str, str], phone: Phone = VVX410, memory: Memory | None = None) -> Booted:
    return boot({FOR_ALL: CHAIN, OWN: config(parameters)}, phone, memory)[0]


class PolycomBootTests(SynchronousTestCase):
    def test_it_asks_in_polycoms_order(self) -> None:
        """The updater with the master file and the firmware, then the application with the master file again, the
        files that it names, and what its user and others may have put there."""
        booted, asked = boot({FOR_ALL: CHAIN, OWN: config(ALICE)})
        self.assertEqual(
            names(asked), [MASTER, FOR_ALL, *FIRMWARE, MASTER, FOR_ALL, OWN, "common.cfg", *OTHERS]
        )
        self.assertEqual((booted.provisioned, booted.problems), (True, ()))

    def test_each_half_writes_its_log(self) -> None:
        """As itself, and whatever it is answered the phone goes on; by TFTP it would be another story."""
        for answer in (Fetched(404), Fetched(204), Fetched(413), Fetched(507)):
            logs = {f"PUT 64167fa1b2c3-{kind}.log": answer for kind in ("boot", "app")}
            booted, asked = play(
                PROFILES["polycom"].boot(VVX410, BASE, Memory()),
                {**logs, FOR_ALL: ok(CHAIN), OWN: ok(config(ALICE))},
            )
            self.assertEqual((booted.provisioned, booted.problems), (True, ()))
            written = [fetch for fetch in asked if fetch.method == "PUT"]
            self.assertEqual([fetch.url.removeprefix(BASE) for fetch in written], [name[4:] for name in logs])
            self.assertIn(b"VVX-VVX_410, Version 5.9.2\n", written[1].body)
            self.assertTrue(written[0].headers["User-Agent"].endswith("Type/Updater"))
        _, asked = play(PROFILES["polycom"].boot(VVX410, "tftp://10.0.0.1/", Memory()), {})
        self.assertEqual([fetch for fetch in asked if fetch.method], [])

    def test_its_own_master_file_comes_before_the_one_for_all(self) -> None:
        """A server that has it is asked once."""
        _, asked = boot({MASTER: CHAIN})
        self.assertNotIn(FOR_ALL, names(asked))

    def test_without_a_master_file_it_asks_for_little(self) -> None:
        """It knows no name of a configuration: it keeps what it had."""
        booted, asked = boot({})
        self.assertEqual(names(asked), [MASTER, FOR_ALL, MASTER, FOR_ALL, *OTHERS])
        self.assertFalse(booted.provisioned)

    def test_it_says_who_it_is(self) -> None:
        """provd knows a phone by these texts; the updater's version is none of the firmware."""
        for (model, version), (application, updater) in USER_AGENTS.items():
            with self.subTest(model=model):
                phone = evolve(VVX410, model=model, version=version)
                _, asked = boot({FOR_ALL: CHAIN}, phone)
                told = [fetch.headers["User-Agent"] for fetch in asked]
                self.assertTrue(told[0].endswith(updater), told[0])
                self.assertEqual(told[-1], f"FileTransport {application}")
                self.assertEqual(PROFILES["polycom"].user_agent(phone), told[-1])

    def test_firmware_3_asks_for_more(self) -> None:
        """A BootROM of its own, and the vendor's defaults in files with roots of their own."""
        chain = CHAIN.replace(b"common.cfg", b"common.cfg, phone1.cfg, sip.cfg")
        answers = {
            FOR_ALL: chain,
            "0004f2aabbcc-user.cfg": config({**ALICE, "lcl.ml.lang": "French_France"}, "config"),
            "phone1.cfg": config({"reg.1.label": "default"}, "phone1"),
            "sip.cfg": b'<sip><a x.y="1"><b x.y="2" x.z="3"/></a></sip>',
        }
        booted, asked = boot(answers, SPIP335)
        self.assertEqual(names(asked)[2:5], ["2345-12375-001.bootrom.ld", "2345-12375-001.sip.ld", "sip.ld"])
        self.assertEqual(
            names(asked)[-1], "SoundPointIPLocalization/French_France/SoundPointIP-dictionary.xml"
        )
        self.assertEqual((booted.display.accounts[0].label, booted.problems), ("Alice", ()))
        self.assertEqual((booted.memory.settings["x.y"], booted.memory.settings["x.z"]), ("1", "3"))

    def test_each_firmware_reads_its_own_root(self) -> None:
        """A file of the other generation is no configuration."""
        booted = set_up(ALICE, evolve(VVX410, version="3.2.4.0267"))
        self.assertFalse(booted.provisioned)
        self.assertIn("the root is <polycomConfig>, expected <config>", booted.problems[0])
        booted, _ = boot({FOR_ALL: CHAIN, OWN: config(ALICE, "config")})
        self.assertIn("the root is <config>, expected <polycomConfig>", booted.problems[0])

    def test_the_first_file_counts_most(self) -> None:
        """What the phone's own file says overrules the common one."""
        common = config({"reg.1.label": "common", "lcl.ml.lang": "French_France"})
        booted, asked = boot({FOR_ALL: CHAIN, OWN: config(ALICE), "common.cfg": common})
        self.assertEqual(
            (booted.display.accounts[0].label, booted.display.language), ("Alice", "French_France")
        )
        self.assertEqual(names(asked)[-1], "VVXLocalization/French_France/VVX-dictionary.xml")

    def test_common_files_alone_do_not_provision(self) -> None:
        """They are the same for every phone: whoever gets only those has no account."""
        booted, _ = boot({FOR_ALL: CHAIN, "common.cfg": config(ALICE)})
        self.assertFalse(booted.provisioned)

    def test_a_model_may_have_files_of_its_own(self) -> None:
        """Named below the master file's element."""
        chain = CHAIN.replace(
            b"/>",
            b'><APPLICATION_VVX1500 BOOTBLOCK_FILE_PATH_VVX1500="bootblock.ld" CONFIG_FILES_VVX1500="x.cfg,"/>'
            b"</APPLICATION>",
        )
        _, asked = boot({FOR_ALL: chain}, evolve(VVX410, model="VVX1500"))
        self.assertEqual(names(asked)[4:8], ["bootblock.ld", MASTER, FOR_ALL, "x.cfg"])
        _, asked = boot({FOR_ALL: chain})
        self.assertNotIn("bootblock.ld", names(asked))

    def test_firmware_of_its_part_number_is_enough(self) -> None:
        """Then nobody is asked for the file that is for all models."""
        _, asked = boot({FOR_ALL: CHAIN, FIRMWARE[0]: b"firmware"})
        self.assertNotIn("sip.ld", names(asked))

    def test_contacts_of_its_own_are_enough(self) -> None:
        """Those for all are for a phone that has none."""
        _, asked = boot({FOR_ALL: CHAIN, "64167fa1b2c3-directory.xml": b"<directory/>"})
        self.assertEqual(names(asked)[-1], "64167fa1b2c3-directory.xml")

    def test_a_master_file_may_leave_the_firmware_alone(self) -> None:
        """Then no file of firmware is asked for."""
        chain = CHAIN.replace(b'APP_FILE_PATH="sip.ld"', b"")
        _, asked = boot({FOR_ALL: chain})
        self.assertFalse([name for name in names(asked) if name.endswith(".ld")])

    def test_what_it_cannot_read_it_does_not_take(self) -> None:
        """A 200 is not enough; each problem is told once, although it asks twice."""
        booted, _ = boot({MASTER: b"<html/>", FOR_ALL: CHAIN, OWN: b"<polycomConfig a='1' a='2'/>"})
        self.assertFalse(booted.provisioned)
        self.assertEqual(
            booted.problems,
            (
                f"{MASTER}: the root is <html>, expected <APPLICATION>",
                f"{OWN}: not XML: duplicate attribute: line 1, column 21",
            ),
        )

    def test_every_model_has_its_sizes(self) -> None:
        """All models of the list can be played."""
        for model, version in PROFILES["polycom"].models.items():
            with self.subTest(model=model):
                phone = evolve(VVX410, model=model, version=version)
                root = "config" if version.startswith("3") else "polycomConfig"
                booted, _ = boot({FOR_ALL: CHAIN, OWN: config(ALICE, root)}, phone)
                self.assertEqual([account.label for account in booted.display.accounts], ["Alice"])

    def test_option_60_is_binary(self) -> None:
        """Enterprise 13885, then company, part name, part number, application, BootROM (RFC 3925's layout)."""
        told = PROFILES["polycom"].vendor_class(SPIP335).encode("latin-1")
        self.assertEqual(told[:4], b"\0\0\x36\x3d")
        self.assertEqual(told[4], len(told[5:]))
        self.assertEqual(told[5:35], b"\x01\x07Polycom\x02\x15SoundPointIP-SPIP_335"[:30])
        self.assertTrue(told.endswith(b"\x04\x0eSIP/3.2.1.0078\x05\x0dBR/4.2.3.0003\xff"))


class PolycomMemoryTests(SynchronousTestCase):
    def test_it_asks_whether_its_files_have_changed(self) -> None:
        """Already the application does what the updater has; after a restart all of them."""
        answer = ok(CHAIN, **{"etag": '"e1"', "last-modified": "Sat, 01 Aug 2026 10:00:00 GMT"})
        _, asked = play(PROFILES["polycom"].boot(VVX410, BASE, Memory()), {FOR_ALL: answer})
        self.assertEqual(asked[6].headers["If-None-Match"], '"e1"')
        self.assertEqual(asked[6].headers["If-Modified-Since"], "Sat, 01 Aug 2026 10:00:00 GMT")

    def test_not_modified_is_as_good_as_the_file(self) -> None:
        """The phone shows what it showed before."""
        memory = set_up(ALICE).memory
        table = {FOR_ALL: Fetched(304), OWN: Fetched(304)}
        booted, _ = play(PROFILES["polycom"].boot(VVX410, BASE, memory), table)
        self.assertTrue(booted.provisioned)
        self.assertEqual(booted.display.accounts[0].label, "Alice")

    def test_only_the_flash_outlives_a_new_file(self) -> None:
        """A parameter that vanishes is gone, but for those in the flash, which somebody must reset."""
        flash = {"device.set": "1", "device.net.vlanId.set": "1", "device.net.vlanId": "100"}
        memory = set_up({**ALICE, **flash}).memory
        booted = set_up({"lcl.ml.lang": "French_France"}, memory=memory)
        self.assertEqual(booted.display.accounts, ())
        self.assertEqual(booted.memory.settings["device.net.vlanId"], "100")
        booted = set_up({**flash, "device.net.vlanId": ""}, memory=memory)
        self.assertEqual(booted.memory.settings["device.net.vlanId"], "")

    def test_the_flash_is_written_only_where_it_is_said_so(self) -> None:
        """Without the parameter's own switch, or the one for all, the value is not taken, and that is told."""
        for parameters in (
            {"device.set": "1", "device.net.vlanId": "100"},
            {"device.net.vlanId.set": "1", "device.net.vlanId": "100"},
            {"device.set": "1", "device.net.vlanId.set": "0", "device.net.vlanId": "100"},
        ):
            booted = set_up(parameters)
            self.assertNotIn("device.net.vlanId", booted.memory.settings)
            self.assertEqual(
                booted.problems,
                ("device.net.vlanId: not taken without device.set and device.net.vlanId.set",),
            )

    def test_a_phone_that_gets_nothing_shows_what_it_had(self) -> None:
        """It is not provisioned in this boot, but its account is still there."""
        booted, _ = boot({}, memory=set_up(ALICE).memory)
        self.assertFalse(booted.provisioned)
        self.assertEqual([account.label for account in booted.display.accounts], ["Alice"])


class PolycomDisplayTests(SynchronousTestCase):
    def test_an_account(self) -> None:
        """All that a user or an administrator would look for - but of the password only that there is one."""
        alice = Account(1, True, "Alice", "Alice A.", "u1001", "192.0.2.10:5061", "tls", password_set=True)
        self.assertEqual(set_up(ALICE).display.accounts, (alice,))

    def test_incomplete_accounts(self) -> None:
        """One that cannot register is off; the phone names it by its address."""
        for parameters, expected in (
            ({"address": "u1"}, (False, "u1", "", "udp")),
            ({"server.1.address": "h"}, (False, "", "h:5060", "udp")),
            (
                {"address": "u1", "server.1.address": "h", "server.1.port": "5070", "server.1.register": "0"},
                (False, "u1", "h:5070", "udp"),
            ),
            (
                {"address": "u1", "server.1.address": "h", "server.1.transport": "x"},
                (True, "u1", "h:5060", "unknown"),
            ),
        ):
            (account,) = set_up(
                {f"reg.2.{name}": value for name, value in parameters.items()}
            ).display.accounts
            self.assertEqual(
                (account.number, account.enabled, account.label, account.server, account.transport),
                (2, *expected),
            )
            self.assertFalse(account.password_set)

    def test_keys_in_the_phones_order(self) -> None:
        """Each shows somebody's state; to park is another type."""
        prefix = "attendant.resourceList"
        booted = set_up(
            {
                f"{prefix}.132.address": "701",
                f"{prefix}.132.type": "automata",
                f"{prefix}.2.address": "1010",
                f"{prefix}.2.label": "Bob",
                f"{prefix}.3.label": "nobody",
                f"{prefix}.4.address": "1011",
                f"{prefix}.4.type": "x",
            }
        )
        self.assertEqual(
            booted.display.keys,
            (
                Key("key 2 after the lines'", "BLF", "Bob", "1010", None),
                Key("key 4 after the lines'", "type x", "", "1011", None),
                Key("key 132 after the lines'", "park", "", "701", None),
            ),
        )
        self.assertEqual(booted.problems, ())

    def test_what_the_model_has_no_place_for_is_told(self) -> None:
        """A server that believes in a bigger phone is found out here; empty ones are harmless."""
        booted = set_up(
            {
                "reg.2.address": "u2",
                "reg.3.address": "u3",
                "reg.0.address": "u0",
                "reg.4.address": "",
                f"reg.{'9' * 5000}.address": "x",
                "attendant.resourceList.3.address": "1010",
            },
            evolve(VVX410, model="VVX201"),
        )
        self.assertEqual(
            booted.problems,
            tuple(
                f"{name}.address: a VVX201 has no such place"
                for name in ("reg.3", "reg.0", "attendant.resourceList.3")
            ),
        )

    def test_time_zones_in_words(self) -> None:
        """Polycom's week begins on Sunday: in words a weekday that is one off is seen."""
        for parameters, text in TIME_ZONES:
            with self.subTest(text=text):
                settings = {f"tcpIpApp.sntp.{name}": value for name, value in parameters.items()}
                self.assertEqual(describe(settings), text)
