"""How Yealink phones boot, step by step, and what they show."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.phone.profiles import PROFILES
from provserver.phone.profiles.yealink.models import MODELS
from provserver.phone.profiles.yealink.summer_time import describe
from provserver.phone.values import Account, Fetched, Key, Memory, Phone
from tests.phone.scripted import BASE, T46S, boot_yealink, config, names, ok

OWN = "0015654aa937.cfg"
NO_FILE_FOUND = ["0015654aa937.boot", "y000000000000.boot", "y000000000066.cfg", OWN]
ALICE = (
    "account.1.enable = 1",
    "account.1.label = Alice",
    "account.1.display_name = Alice A.",
    "account.1.user_name = u1001",
    "account.1.password = pw-one",
    "account.1.sip_server.1.address = 192.0.2.10",
    "account.1.sip_server.1.port = 5061",
    "account.1.sip_server.1.transport_type = 2",
)

USER_AGENTS = {  # as seen on the wire, but for the versions of line 86
    ("T46S", "66.86.0.15"): "Yealink SIP-T46S 66.86.0.15 00:15:65:4a:a9:37",
    ("T31G", "124.85.257.55"): "Yealink SIP-T31G 124.85.257.55 00:15:65:4a:a9:37",
    ("T34W", "124.86.0.75"): "Yealink SIP-T34W 124.86.0.75 00:15:65:4a:a9:37",
    ("T58A", "58.83.0.15"): "Yealink SIP-T58A 58.83.0.15 00:15:65:4a:a9:37",
    ("CP920", "78.85.0.5"): "Yealink SIP-CP920 78.85.0.5 00:15:65:4a:a9:37",
    ("AX83H", "180.86.0.5"): "Yealink AX83H 180.86.0.5 00:15:65:4a:a9:37",
}

COMMON_FILES = {"T41S": "068", "T48S": "065", "T27G": "069", "CP925": "148", "T54W": "096", "T58W": "150"}

TIME_ZONES = {
    (): "",
    ("summer_time = 1",): "",
    ("time_zone = -6", "summer_time = 0"): "UTC-6",
    ("time_zone = +5:30",): "UTC+5:30",
    ("time_zone = +1", "summer_time = 2"): "UTC+1, summer time automatic",
    (
        *("time_zone = +2", "summer_time = 1", "dst_time_type = 1"),
        *("start_time = 3/5/7/3", "end_time = 10/5/7/4", "offset_time = 60"),
    ): "UTC+2, summer time from the last Sunday of March, 3:00 to the last Sunday of October, 4:00",
    (
        *("time_zone = +10:30", "summer_time = 1", "dst_time_type = 0"),
        *("start_time = 10/05/02", "end_time = 04/06/02", "offset_time = 30"),
    ): "UTC+10:30, summer time of 30 min from 5 October, 2:00 to 6 April, 2:00",
    (
        *("time_zone = +1", "summer_time = 1", "dst_time_type = 1"),
        *("start_time = 13/5/7/2", "end_time = 10/0/7/3"),
    ): "UTC+1, summer time from an unreadable '13/5/7/2' to an unreadable '10/0/7/3'",
    ("time_zone = +1", "summer_time = 1"): "UTC+1, summer time from an unreadable '' to an unreadable ''",
    (
        *("time_zone = +1", "summer_time = 1", "dst_time_type = 1"),
        *("start_time = a/b/c/d", "end_time = 3/5/7"),
    ): "UTC+1, summer time from an unreadable 'a/b/c/d' to an unreadable '3/5/7'",
}


class BootTests(SynchronousTestCase):
    def test_it_asks_in_yealinks_order(self) -> None:
        """Boot file of its own, the common boot file, the platform's file, its own: provd sees all of them."""
        booted, asked = boot_yealink({})
        self.assertEqual(names(asked), NO_FILE_FOUND)
        self.assertEqual(asked[0].url, f"{BASE}0015654aa937.boot")
        self.assertFalse(booted.provisioned)

    def test_it_says_who_it_is(self) -> None:
        """provd knows a phone by this text: it is written as real phones were seen to write it."""
        for (model, version), text in USER_AGENTS.items():
            with self.subTest(model=model):
                _, asked = boot_yealink({}, evolve(T46S, model=model, version=version))
                self.assertEqual([fetch.headers["User-Agent"] for fetch in asked], [text] * 4)

    def test_each_model_asks_for_its_platforms_file(self) -> None:
        """The number in the common file's name tells the platform where there is no User-Agent."""
        for model, number in COMMON_FILES.items():
            with self.subTest(model=model):
                _, asked = boot_yealink({}, evolve(T46S, model=model))
                self.assertEqual(asked[2].name, f"y000000000{number}.cfg")

    def test_every_model_boots(self) -> None:
        """All models of the list can be played."""
        for model in PROFILES["yealink"].models:
            with self.subTest(model=model):
                booted, _ = boot_yealink({OWN: ok(config(*ALICE))}, evolve(T46S, model=model))
                self.assertEqual([account.label for account in booted.display.accounts], ["Alice"])

    def test_the_later_file_wins(self) -> None:
        """What the phone's own file says overrules the platform's."""
        common = ok(config("lang.gui = English", "local_time.time_zone = +1"))
        booted, _ = boot_yealink({"y000000000066.cfg": common, OWN: ok(config("lang.gui = French"))})
        self.assertEqual((booted.display.language, booted.display.time_zone), ("French", "UTC+1"))

    def test_a_common_file_alone_does_not_provision(self) -> None:
        """It is the same for every phone of a platform: whoever gets only that has no account."""
        booted, _ = boot_yealink({"y000000000066.cfg": ok(config("lang.gui = English"))})
        self.assertFalse(booted.provisioned)

    def test_a_boot_file_replaces_the_sequence(self) -> None:
        """With one the phone asks for what it names, and for nothing else; an empty value may then reset."""
        boot_file = ok(config("overwrite_mode = 1", "include:config a.cfg", f"include:config {BASE}b.cfg"))
        answers = {
            "y000000000000.boot": boot_file,
            "a.cfg": ok(config(*ALICE)),
            "b.cfg": ok(config("account.1.label =")),
        }
        booted, asked = boot_yealink(answers)
        self.assertEqual(names(asked), ["0015654aa937.boot", "y000000000000.boot", "a.cfg", "b.cfg"])
        self.assertEqual(booted.display.accounts[0].label, "")
        self.assertTrue(booted.provisioned)

    def test_a_boot_file_that_cannot_be_read_counts_as_missing(self) -> None:
        """A phone with a broken boot file goes on as if there were none, and says so."""
        booted, asked = boot_yealink({"0015654aa937.boot": ok(b"<html>")})
        self.assertEqual(names(asked), NO_FILE_FOUND)
        self.assertIn("0015654aa937.boot: the first line is '<html>'", booted.problems[0])

    def test_it_fetches_what_the_configuration_names(self) -> None:
        """The soft keys and the language come at boot; the phonebook only when somebody opens it, and the
        server's own address changes nothing now."""
        own = config(
            f"static.auto_provision.server.url = {BASE}elsewhere/",
            f"static.directory_setting.url = {BASE}directory_setting.xml",
            f"gui_lang.url = {BASE}lang/T46S-T54W/004.GUI.French.lang",
            f"remote_phonebook.data.1.url = {BASE}phonebook?term=#SEARCH",
        )
        _, asked = boot_yealink({OWN: ok(own)})
        self.assertEqual(
            names(asked), [*NO_FILE_FOUND, "directory_setting.xml", "lang/T46S-T54W/004.GUI.French.lang"]
        )

    def test_a_named_file_that_is_no_url_is_noted(self) -> None:
        """A base URL that was forgotten in a template is seen on the display, and the boot goes on."""
        booted, asked = boot_yealink({OWN: ok(config("gui_lang.url = ftp://h/x", "lang.gui = French"))})
        self.assertEqual(names(asked), NO_FILE_FOUND)
        self.assertEqual(
            booted.problems, ("not an http:// or tftp:// URL that a phone can ask for: 'ftp://h/x'",)
        )

    def test_garbage_is_not_a_configuration(self) -> None:
        """A 200 is not enough: the phone must be able to read what came."""
        booted, _ = boot_yealink({OWN: ok(b"\x00\x01\xff")})
        self.assertFalse(booted.provisioned)
        self.assertEqual(booted.problems, (f"{OWN}: not UTF-8 at byte 2",))

    def test_lines_it_skipped_are_noted(self) -> None:
        """The rest of the file is used all the same."""
        booted, _ = boot_yealink({OWN: ok(config("lang.gui = French", "nonsense"))})
        self.assertTrue(booted.provisioned)
        self.assertEqual(booted.problems, (f"{OWN}: 1 lines are not `key = value`, the first is line 3",))


class SecondBootTests(SynchronousTestCase):
    def first(self, *lines: str) -> Memory:
        answer = ok(config(*lines), **{"etag": '"e1"', "last-modified": "Sat, 01 Aug 2026 10:00:00 GMT"})
        return boot_yealink({OWN: answer})[0].memory

    def test_it_asks_whether_its_files_have_changed(self) -> None:
        """A phone that restarts costs a 304, not a file; what it does not have it asks for as before."""
        _, asked = boot_yealink({}, memory=self.first(*ALICE))
        self.assertEqual(asked[3].headers["If-None-Match"], '"e1"')
        self.assertEqual(asked[3].headers["If-Modified-Since"], "Sat, 01 Aug 2026 10:00:00 GMT")
        self.assertNotIn("If-None-Match", asked[2].headers)

    def test_not_modified_is_as_good_as_the_file(self) -> None:
        """The phone shows what it showed before."""
        booted, _ = boot_yealink({OWN: Fetched(304)}, memory=self.first(*ALICE))
        self.assertTrue(booted.provisioned)
        self.assertEqual(booted.display.accounts[0].label, "Alice")

    def test_not_modified_without_a_file_is_nothing(self) -> None:
        """A server that says so to a phone that has nothing has not provisioned it."""
        booted, _ = boot_yealink({OWN: Fetched(304)})
        self.assertFalse(booted.provisioned)

    def test_old_settings_stay_until_they_are_reset(self) -> None:
        """What vanishes from a file stays on the phone: a stale account is the server's mistake, and is seen."""
        memory = self.first(*ALICE)
        stale, _ = boot_yealink({OWN: ok(config("lang.gui = French"))}, memory=memory)
        self.assertEqual([account.label for account in stale.display.accounts], ["Alice"])
        reset = config("account.1.enable = 0", "account.1.user_name = %NULL%")
        self.assertEqual(boot_yealink({OWN: ok(reset)}, memory=memory)[0].display.accounts, ())

    def test_a_phone_that_gets_nothing_shows_what_it_had(self) -> None:
        """It is not provisioned in this boot, but its account is still there."""
        booted, _ = boot_yealink({}, memory=self.first(*ALICE))
        self.assertFalse(booted.provisioned)
        self.assertEqual([account.label for account in booted.display.accounts], ["Alice"])


class DisplayTests(SynchronousTestCase):
    def display_of(self, *lines: str, phone: Phone = T46S) -> tuple[list[Account], list[Key], list[str]]:
        booted, _ = boot_yealink({OWN: ok(config(*lines))}, phone)
        return list(booted.display.accounts), list(booted.display.keys), list(booted.problems)

    def test_an_account(self) -> None:
        """All that a user or an administrator would look for - but of the password only that there is one."""
        alice = Account(1, True, "Alice", "Alice A.", "u1001", "192.0.2.10:5061", "tls", password_set=True)
        self.assertEqual(self.display_of(*ALICE), ([alice], [], []))

    def test_an_account_that_is_off_is_shown_where_somebody_is_in_it(self) -> None:
        """`enable = 0` with a user name is worth seeing; the blocks for unused accounts are not."""
        accounts, _, _ = self.display_of(
            "account.2.enable = 0", "account.3.enable = 0", "account.3.user_name = u"
        )
        self.assertEqual(accounts, [Account(3, False, "", "", "u", "", "udp", password_set=False)])

    def test_keys_in_the_phones_order(self) -> None:
        """Line keys first, then the modules, each with the type in words; keys of type 0 are empty."""
        _, keys, problems = self.display_of(
            *("expansion_module.2.key.40.type = 11", "expansion_module.2.key.40.value = *3"),
            *("linekey.27.type = 13", "linekey.27.line = 1", "linekey.27.value = 1011"),
            *("linekey.1.type = 16", "linekey.1.label = Bob", "linekey.1.value = 1010", "linekey.1.line = x"),
            *("linekey.2.type = 0", "linekey.2.value = 5", "linekey.3.type = 99"),
        )
        self.assertEqual(
            keys,
            [
                Key("line key 1", "BLF", "Bob", "1010", None),
                Key("line key 3", "type 99", "", "", None),
                Key("line key 27", "speed dial", "", "1011", 1),
                Key("EXP40 2 key 40", "DTMF", "", "*3", None),
            ],
        )
        self.assertEqual(problems, [])

    def test_what_the_model_has_no_place_for_is_told(self) -> None:
        """A server that believes in a bigger phone is found out here; resets of such places are harmless."""
        lines = (
            *("account.3.enable = 1", "account.4.enable = 0", "linekey.3.type = 16", "linekey.4.type = 0"),
            *(
                "memorykey.1.type = 13",
                "expansion_module.1.key.1.type = 15",
                f"account.{'9' * 5000}.enable = 1",
            ),
        )
        _, keys, problems = self.display_of(*lines, phone=evolve(T46S, model="T31G"))
        self.assertEqual(keys, [])
        self.assertEqual(
            problems,
            [
                f"{place}: a T31G has no such place"
                for place in (
                    *("account.3.enable", "linekey.3.type", "memorykey.1.type"),
                    "expansion_module.1.key.1.type",
                )
            ],
        )

    def test_time_zones_in_words(self) -> None:
        """Yealink's numbers are easily one off: in words a wrong weekday is seen."""
        for lines, text in TIME_ZONES.items():
            with self.subTest(lines=lines):
                pairs = (line.split(" = ") for line in lines)
                self.assertEqual(describe({f"local_time.{name}": value for name, value in pairs}), text)

    def test_only_phones_with_keys_take_modules(self) -> None:
        """A module has to be plugged in somewhere; the table would be wrong."""
        for name, model in MODELS.items():
            with self.subTest(model=name):
                self.assertTrue(model.keys or not model.module)
