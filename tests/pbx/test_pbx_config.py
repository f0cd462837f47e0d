"""What `provd-pbx` prints: complete, quoted, and the same secrets every time."""

import io
import json
import re
import stat
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.pbx.command import main
from provserver.pbx.config.plan import read_pool
from provserver.pbx.settings import read_pbx
from provserver.settings import read_settings

HOSTS = ("--provd", "192.0.2.10", "--pbx", "192.0.2.20")


class PbxCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.keep = str(self.folder / "slots.json")

    def printed(self, kind: str, *options: str, status: int = 0) -> str:
        out, error = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(error):
            self.assertEqual(main([kind, *HOSTS, *options]), status, error.getvalue())
        return error.getvalue() if status else out.getvalue()

    def files(self, kind: str, *options: str) -> dict[str, str]:
        self.printed(kind, "--out", str(self.folder / kind), *options)
        root = self.folder / kind
        return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


class SlotsTests(PbxCase):
    def slots(self, *options: str) -> dict[str, str]:
        document = json.loads(self.printed("asterisk", "--json", *options))
        return {slot["username"]: slot["password"] for slot in document["slots"]}

    def test_each_has_a_secret_of_its_own(self) -> None:
        """One phone's must not open another's."""
        slots = self.slots("--slots", "50")
        self.assertEqual((min(slots), max(slots), len(set(slots.values()))), ("ap0000", "ap0049", 50))
        for secret in slots.values():
            self.assertRegex(secret, "^[0-9A-Za-z]{20}$")

    def test_kept_secrets_stay_and_new_ones_go_in(self) -> None:
        """Phones that wait must not lose their account because the pool grows."""
        before = self.slots("--slots", "3", "--keep", self.keep)
        after = self.slots("--slots", "5", "--keep", self.keep)
        self.assertEqual({user: after[user] for user in before}, before)
        self.assertEqual(len(after), 5)
        self.assertEqual(self.slots("--slots", "5", "--keep", self.keep), after)
        self.assertEqual(stat.S_IMODE(Path(self.keep).stat().st_mode), 0o600)

    def test_the_list_says_where(self) -> None:
        """What provd needs to make an autoprov file."""
        document = json.loads(self.printed("kamailio", "--json", "--sip-port", "5070", "--slots", "1"))
        self.assertEqual(
            {name: document[name] for name in ("registrar", "port", "shared")},
            {"registrar": "192.0.2.20", "port": 5070, "shared": False},
        )

    def test_many(self) -> None:
        """Five digits where four are too few."""
        self.assertIn("ap10000", self.slots("--slots", "10001"))

    def test_a_list_that_is_none(self) -> None:
        """It is not overwritten, and nothing in it gets into a configuration."""
        good = '{"manager_secret": "aaaaaaaaaaaa", "slots": [{"username": "%s", "password": "%s"}]}'
        for text in (
            "",
            "[]",
            "{}",
            '{"slots": 1, "manager_secret": "aaaaaaaaaaaa"}',
            '{"slots": [], "manager_secret": "aaaaaaaaaaaa"}',
            good % ("ap0000", "a b"),
            good % ("ap0000", "short"),
            good % ("ap0000]\\n", "aaaaaaaaaaaa"),
            "[" * 100_000,
        ):
            Path(self.keep).write_text(text)
            self.assertIn("provd-pbx: ", self.printed("asterisk", "--keep", self.keep, status=1))
            self.assertEqual(Path(self.keep).read_text(), text)
        self.assertRaises(Invalid, read_pool, good % ("AP", "aaaaaaaaaaaa"))


class OptionsTests(PbxCase):
    def test_bad_input(self) -> None:
        """One line that names the option; nothing is printed that means something else in a configuration."""
        for option, value in (
            ("--slots", "0"),
            ("--slots", "20001"),
            ("--prefix", "AP"),
            ("--prefix", "a-b"),
            ("--provd", "a b"),
            ("--provd", 'x";include "/etc/passwd'),
            ("--pbx", "x\n[general]"),
            ("--pbx", ""),
            ("--sip-port", "0"),
            ("--agi-port", "65536"),
            ("--rest", "http://x/?y"),
            ("--rest", 'http://x/"'),
            ("--reset-code", "123456"),
            ("--reset-code", "*4;n"),
            ("--folder", "etc"),
            ("--folder", '/etc/"x'),
        ):
            said = self.printed("asterisk", option, value, status=1)
            self.assertTrue(said.startswith(f"provd-pbx: {option}: "), said)

    def test_a_folder_that_cannot_be_written(self) -> None:
        """The system's words, and status 1."""
        Path(self.folder / "file").write_text("")
        self.assertIn("provd-pbx: ", self.printed("asterisk", "--out", str(self.folder / "file"), status=1))

    def test_files_are_private(self) -> None:
        """They hold passwords."""
        self.files("asterisk", "--slots", "1")
        for path in (self.folder / "asterisk").iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)


class AsteriskTests(PbxCase):
    def test_what_is_printed(self) -> None:
        """Six files, with their names."""
        out = self.printed("asterisk", "--slots", "2")
        self.assertEqual(
            re.findall("(?m)^==> (.*) <==$", out),
            [
                "pjsip.conf",
                "pjsip_slots.conf",
                "extensions.conf",
                "manager.conf",
                "pjsip_notify.conf",
                "provd.toml",
            ],
        )
        self.assertNotIn("@", out)

    def test_a_slot(self) -> None:
        """As in pbx-facts section 2.2: endpoint, password and address of record, tied together."""
        files = self.files("asterisk", "--slots", "2", "--keep", self.keep)
        secret = json.loads(Path(self.keep).read_text())["slots"][1]["password"]
        self.assertIn(
            f"[ap0001](ap-ep)\naors=ap0001\nauth=ap0001\noutbound_auth=ap0001\n"
            f"[ap0001](ap-auth)\nusername=ap0001\npassword={secret}\n[ap0001](ap-aor)\n",
            files["pjsip_slots.conf"],
        )
        pjsip = files["pjsip.conf"]
        for line in (
            "default_outbound_endpoint=provd",
            "max_contacts=1",
            "remove_existing=yes",
            "rewrite_contact=yes",
        ):
            self.assertRegex(pjsip, rf"(?m)^{line}( |$)")
        provd = pjsip.split("[provd]")[1].split("\n[ap-ep]")[0]
        self.assertNotRegex(provd, "(?m)^transport=")

    def test_the_dialplan(self) -> None:
        """It looks at what provd said, never at AGISTATUS, and tells provd when the call is over."""
        dialplan = self.files("asterisk", "--agi-port", "4574")["extensions.conf"]
        for line in (
            "exten => _XXXXXX,1,Answer()",
            " same => n,AGI(agi://192.0.2.10:4574/provision,${EXTEN})",
            ' same => n,Playback(${IF($["${PROVD_OUTCOME}" = "ok"]?auth-thankyou:pbx-invalid)})',
            "exten => *48378,1,Goto(provd-reset-call,s,1)",
            " same => n,AGI(agi://192.0.2.10:4574/autoprov,${FILTER(0-9,${PROVD_PIN})})",
        ):
            self.assertIn(line, dialplan.splitlines())
        self.assertEqual(dialplan.count("exten => h,1,AGI(agi://192.0.2.10:4574/hangup)"), 2)
        self.assertNotIn("AGISTATUS", dialplan)

    def test_pjsip_notify_conf_has_no_general(self) -> None:
        """With one, Asterisk does not load what sends NOTIFYs."""
        self.assertNotRegex(self.files("asterisk")["pjsip_notify.conf"], r"(?m)^\[general")

    def test_the_manager_lets_provd_in_alone(self) -> None:
        """By its address, in IPv4, IPv6, or by name."""
        for provd, permit in (
            ("192.0.2.10", "192.0.2.10/255.255.255.255"),
            ("[2001:db8::10]", "2001:db8::10/128"),
            ("provd.example.org", "provd.example.org"),
        ):
            manager = self.files("asterisk", "--provd", provd)["manager.conf"]
            self.assertIn(f"permit={permit}\n", manager)
            self.assertIn("write=system\n", manager)

    def test_one_account_for_all(self) -> None:
        """The small office: one user, many contacts."""
        files = self.files("asterisk", "--shared")
        self.assertEqual(files["pjsip_slots.conf"].count("](ap-ep)"), 1)
        self.assertIn("max_contacts=1000\n", files["pjsip.conf"])
        self.assertIn('shared = ["autoprov"]', files["provd.toml"])


class ProvdTomlTests(PbxCase):
    def test_provd_reads_what_is_printed_for_it(self) -> None:
        """The section is valid, for each PBX, with and without slots."""
        for kind in ("asterisk", "kamailio", "freeswitch"):
            for options in ((), ("--shared",)):
                toml = tomllib.loads(self.files(kind, *options)["provd.toml"])
                ((name, section),) = cast(dict[str, object], toml["pbx"]).items()
                problems: list[str] = []
                read = read_pbx(name, section, problems)
                self.assertEqual(problems, [])
                assert read
                self.assertEqual((read.host, read.shared), ("192.0.2.20", ("autoprov",) if options else ()))

    def test_it_says_where_the_slots_are(self) -> None:
        """The whole is settings that provd starts with, whatever the file is called."""
        place = self.mktemp() + ' "slots".json'
        text = self.files("kamailio", "--slots", "2", "--keep", place)["provd.toml"]
        self.assertEqual(read_settings(text, {}).slots.file, place)


class FreeSwitchTests(PbxCase):
    def test_it_is_xml(self) -> None:
        """Whatever is in it; the claim is JSON inside an attribute."""
        files = self.files("freeswitch", "--slots", "2")
        trees = {name: ElementTree.fromstring(text) for name, text in files.items() if name.endswith(".xml")}
        self.assertEqual(len(trees), 4)
        users = trees["directory/default/provd_slots.xml"].findall("user")
        self.assertEqual([user.get("id") for user in users], ["ap0000", "ap0001"])
        (curl,) = trees["dialplan/autoprov.xml"].findall(".//action[@application='curl']")
        data = curl.get("data") or ""
        self.assertTrue(data.startswith("http://192.0.2.10:8666/0.2/claims content-type application/json"))
        claim = json.loads(data.partition(" post ")[2])["claim"]
        self.assertEqual(claim["slot"], "${user_name}")

    def test_only_provd_may_command_it(self) -> None:
        """The Event Socket can do anything."""
        files = self.files("freeswitch", "--provd", "[2001:db8::10]")
        self.assertIn('cidr="2001:db8::10/128"', files["autoload_configs/acl-provd.xml"])
        self.assertIn('value="provd"', files["autoload_configs/event_socket.conf.xml"])
