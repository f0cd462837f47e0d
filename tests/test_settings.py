"""settings: the file and the command line, and what an administrator is told who made a mistake."""

import re
import tomllib
from pathlib import Path
from typing import Any

from attrs import fields_dict
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.settings import SECTIONS, Auth, InvalidSettings, Limits, ServerSettings, read_settings

DOCS = Path(__file__).resolve().parent.parent / "docs"
# A file with one mistake, and what its problem must hold.
WRONG: tuple[tuple[str, ...], ...] = (
    ("listen.http_port = 65536", "listen.http_port: ", "from 0 to 65535", "65536"),
    ("listen.http_port = -1", "listen.http_port: ", "-1"),
    ('listen.http_port = "8667"', "listen.http_port: ", "'8667'"),
    ("listen.http_port = true", "listen.http_port: ", "True"),
    ("listen.rest_port = 1.5", "listen.rest_port: ", "1.5"),
    ("listen.tftp_port = []", "listen.tftp_port: ", "[]"),
    ('listen.bind = "eth0"', "listen.bind: ", "IP address", "'eth0'"),
    ("listen.bind = 5", "listen.bind: ", "5"),
    ("listen.bind = 0", "listen.bind: ", "0"),
    ('listen.rest_bind = "localhost"', "listen.rest_bind: ", "'localhost'"),
    ('listen.agi = "127.0.0.1"', "listen.agi: ", "127.0.0.1:4573", "got '127.0.0.1'"),
    ('listen.agi = "host:4573"', "listen.agi: ", "'host:4573'"),
    ('listen.agi = "127.0.0.1:65536"', "listen.agi: ", "'127.0.0.1:65536'"),
    ("listen.agi = 4573", "listen.agi: ", "4573"),
    ('phones.url = "provd.example.org"', "phones.url: ", "http://provd.example.org:8667"),
    ('phones.url = "ftp://provd.example.org"', "phones.url: ", "'ftp://provd.example.org'"),
    ('phones.url = "http://"', "phones.url: ", "'http://'"),
    ('phones.url = "http://host:0"', "phones.url: ", "'http://host:0'"),
    ('phones.url = "http://host:99999"', "phones.url: ", "'http://host:99999'"),
    ('phones.url = "http://[::1"', "phones.url: ", "'http://[::1'"),
    ('phones.url = "http://ho st"', "phones.url: ", "'http://ho st'"),
    ('phones.url = "http://höst"', "phones.url: ", "'http://höst'"),
    ('phones.url = "http://host\\n"', "phones.url: ", "'http://host\\n'"),
    ('phones.url = "http://host/?a=1"', "phones.url: ", "query"),
    ('phones.url = "http://host/#a"', "phones.url: ", "fragment"),
    ("phones.url = 1", "phones.url: ", "got 1"),
    ('phones.trusted_proxies = "127.0.0.1"', "phones.trusted_proxies: ", "a list of networks"),
    ('network.allowed = ["10.0.0.0/33"]', "network.allowed: ", "'10.0.0.0/33'"),
    ("network.nat = [1]", "network.nat: ", "[1]"),
    ("limits.http_idle_s = 0", "limits.http_idle_s: ", "from 1", "got 0"),
    ("limits.waiting_devices = -1", "limits.waiting_devices: ", "got -1"),
    ('dhcp.users = [""]', "dhcp.users: ", "['']"),
    ("listen = 5", "listen: ", "[listen]", "int"),
    ("auth = 5", "auth: ", "[auth]"),
    ("raw_config = []", "raw_config: ", "[raw_config]"),
    ("listen.http_prot = 1", "listen.http_prot: ", "did you mean listen.http_port?"),
    ("http_port = 1", "http_port: ", "did you mean listen.http_port?"),
    ("[lisen]", "lisen: ", "did you mean listen?"),
    ("[zzz]", "zzz: no such setting"),
    ('auth.url = "x"', "auth.url: ", "a URL like"),
    ('auth.url = "http://auth"', "auth.key_file: ", "service_id", "auth.url"),
    ('auth.key_file = ""', "auth.key_file: ", "the name of a file"),
    ("auth.ca_file = 1", "auth.ca_file: ", "got 1"),
    ("auth.cache_s = 301", "auth.cache_s: ", "from 0 to 300"),
    ("auth.timeout_s = 0", "auth.timeout_s: ", "from 1 to 60"),
    ("store.fsync = true", "store.fsync: ", "no such setting"),
    ('pbx.main = {kind = "sip"}', "pbx.main.host: ", "missing, expected a host name"),
    ('[pbx.main]\nkind = "sip"\nhost = "h"\nusr = "x"', "pbx.main.usr: ", "did you mean user?"),
    ('claims.reset_pin = "12"', "claims.reset_pin: ", "a text of 4 to 12 digits"),
    ("claims.reset_pin = 9486", "claims.reset_pin: ", "a text of 4 to 12 digits"),
    ("raw_config.vlan_id = 5000", "raw_config.vlan_id: ", "from 0 to 4094", "5000"),
    ("raw_config.sip_lines.1.proxy_port = 0", "raw_config.sip_lines.1.proxy_port: ", "got 0"),
    ("raw_config.proxy = 1", "raw_config.proxy: ", "no such setting"),
)


def refusal(toml: str, **options: object) -> InvalidSettings:
    try:
        read_settings(toml, options)
    except InvalidSettings as problem:
        return problem
    raise AssertionError(f"accepted: {toml!r} {options}")


class ReadSettingsTests(SynchronousTestCase):
    def test_nothing_must_be_configured(self) -> None:
        """Plug and play: an empty file is a whole configuration, for phones on private networks."""
        found = read_settings("", {})
        self.assertEqual(repr(found), repr(ServerSettings()))
        listen = found.listen
        self.assertEqual((listen.http_port, listen.rest_bind, listen.rest_port), (8667, "127.0.0.1", 8666))
        for ip in (
            "10.1.2.3",
            "192.168.0.9",
            "172.31.0.1",
            "127.0.0.1",
            "::1",
            "fd00::7",
            "fe80::1",
            "169.254.1.1",
        ):
            self.assertIn(ip, found.network.allowed)
        for ip in ("172.32.0.1", "8.8.8.8", "2001:db8::1"):
            self.assertNotIn(ip, found.network.allowed)

    def test_what_the_file_says_holds(self) -> None:
        """Each kind of value, in the one form that the rest of the program sees."""
        found = read_settings(
            """
            [listen]
            bind = "::"
            rest_bind = "fe80::1%eth0"
            http_port = 0
            tftp_port = 6969
            agi = "[::1]:4573"
            [phones]
            url = "https://provd.example.org:8443/phones/"
            trusted_proxies = ["127.0.0.1"]
            [network]
            allowed = []
            nat = ["192.0.2.0/24"]
            [limits]
            waiting_devices = 0
            [dhcp]
            users = ["kea"]
            [raw_config]
            locale = "fr_FR"
            sip_lines.1.proxy_ip = "10.0.0.1"
            [auth]
            url = "https://auth.example.org/api/auth/"
            key_file = "/etc/provd/key"
            [store]
            [pbx]
            """,
            {},
        )
        self.assertEqual((found.listen.bind, found.listen.rest_bind), ("::", "fe80::1%eth0"))
        self.assertEqual((found.listen.http_port, found.listen.tftp_port), (0, 6969))
        self.assertEqual(found.listen.agi, "[::1]:4573")
        self.assertEqual(found.phones.url, "https://provd.example.org:8443/phones")
        self.assertIn("127.0.0.1", found.phones.trusted_proxies)
        self.assertNotIn("10.0.0.1", found.network.allowed)
        self.assertIn("192.0.2.7", found.network.nat)
        self.assertEqual(found.limits, Limits(waiting_devices=0))
        self.assertEqual(found.dhcp.users, ("kea",))
        self.assertEqual(found.auth, Auth("https://auth.example.org/api/auth", "/etc/provd/key"))
        self.assertEqual(found.raw_config, {"locale": "fr_FR", "sip_lines": {"1": {"proxy_ip": "10.0.0.1"}}})

    def test_a_wrong_value_is_named_with_what_was_expected(self) -> None:
        """The line that provd prints must be enough to mend the file."""
        for toml, start, *parts in WRONG:
            problem = refusal(toml)
            self.assertEqual(len(problem.problems), 1, toml)
            self.assertTrue(str(problem).startswith(start), str(problem))
            for part in parts:
                self.assertIn(part, str(problem))

    def test_all_problems_are_told_at_once(self) -> None:
        """Who has made three mistakes must not start three times; the command line counts too."""
        problem = refusal(
            "a = 1\n[listen]\nbind = 1\n[raw_config]\nlocale = 1\nfoo = 1", http_port="x", bind="y"
        )
        self.assertEqual(
            [text.partition(":")[0] for text in problem.problems],
            ["a", "raw_config.locale", "raw_config.foo", "listen.bind", "--bind", "--http-port"],
        )
        self.assertEqual(str(problem).splitlines(), list(problem.problems))

    def test_what_is_no_toml_is_told_with_its_line(self) -> None:
        """Numbers and brackets that would make the reader fall over, too."""
        self.assertIn("line 2", str(refusal("[listen]\nhttp_port =\n")))
        self.assertIn("Cannot declare", str(refusal("[listen]\n[listen]\n")))
        for toml in ("a = " + "[" * 100_000, "a = " + "9" * 5000, "\0"):
            self.assertTrue(str(refusal(toml)).startswith("not TOML: "))

    def test_no_password_stands_in_a_problem(self) -> None:
        """Problems are printed, and land in the log of whatever starts provd."""
        for toml in (
            'phones.url = "http://anna:hunter2@host"',
            'phones.url = "http://anna:/hunter2@host"',
            'auth = "hunter2"',
            'raw_config.admin_password = ["hunter2"]',
            'raw_config.sip_lines = ["hunter2"]',
            'auth.password = "hunter2"',
            'claims.reset_pin = "hunter2"',
            "claims.reset_pin = ['hunter2']",
        ):
            self.assertNotIn("hunter2", str(refusal(toml)))
        self.assertNotIn("hunter2", repr(read_settings('raw_config.admin_password = "hunter2"', {})))

    def test_the_command_line_wins(self) -> None:
        """Ports come as text; what is not given is None; other options are not ours."""
        found = read_settings(
            '[listen]\nhttp_port = 1\nrest_port = 2\nbind = "10.0.0.1"',
            {"http_port": "80", "rest_port": None, "tftp_port": 0, "bind": "127.0.0.1", "state": "var"},
        ).listen
        self.assertEqual(
            (found.bind, found.http_port, found.rest_port, found.tftp_port), ("127.0.0.1", 80, 2, 0)
        )

    def test_a_wrong_option_is_named_as_it_was_typed(self) -> None:
        """`--http-port`, not the setting that it stands for."""
        for name, value, called in (
            ("http_port", "many", "--http-port: "),
            ("rest_port", "65536", "--rest-port: "),
            ("tftp_port", -1, "--tftp-port: "),
            ("tftp_port", "", "--tftp-port: "),
            ("bind", "localhost", "--bind: "),
        ):
            problem = str(refusal("", **{name: value}))
            self.assertTrue(problem.startswith(called), problem)
            self.assertIn(str(value), problem)

    @settings(derandomize=True, max_examples=200, deadline=None)
    @given(
        st.sampled_from([f"{name}.{key}" for name in SECTIONS for key in fields_dict(SECTIONS[name])]),
        st.data(),
    )
    def test_any_value_is_taken_or_clearly_refused(self, name: str, data: st.DataObject) -> None:
        """A wrong value never ends in a traceback."""
        text = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="'"), max_size=9)
        literal = data.draw(
            st.sampled_from(["nan", "inf", "{}", "1979-05-27", "true", "[[]]", "['::/0', 1]"])
            | st.integers().map(str)
            | text.map("'{}'".format)
            | text.map("'http://{}'".format)
            | text.map("['{}']".format)
        )
        try:
            read_settings(f"{name} = {literal}", {})
        except InvalidSettings as problem:
            needed = ("auth.key_file: ",) if name == "auth.url" else ()
            self.assertTrue(str(problem).startswith((f"{name}: ", *needed)), str(problem))


class DocumentationTests(SynchronousTestCase):
    """What people read must be what provd does."""

    def settings_of(self, section: str) -> dict[str, str]:
        """Return the rows of a section in docs/configuration.md: setting -> default, "" for none."""
        text = (DOCS / "configuration.md").read_text().partition(f"### `[{section}]`")[2].partition("###")[0]
        rows = re.findall(r"^\| `(\w+)` \| (?:`(.*?)`|–) \| .+ \|$", text, re.MULTILINE)
        return dict(rows)

    def test_the_documentation_has_every_setting_with_its_default(self) -> None:
        """In the order of the code; a setting without default has a dash."""
        lines = []
        for section, kind in SECTIONS.items():
            documented = self.settings_of(section)
            self.assertEqual(list(documented), list(fields_dict(kind)))
            self.assertEqual(
                [name for name, default in documented.items() if not default],
                [name for name, field in fields_dict(kind).items() if field.default is None],
            )
            lines += [f"{section}.{name} = {default}" for name, default in documented.items() if default]
        self.assertEqual(repr(read_settings("\n".join(lines), {})), repr(ServerSettings()))

    def test_the_example_file_holds_the_defaults(self) -> None:
        """An administrator who starts from it has changed nothing."""
        toml = (DOCS / "provd.toml").read_text()
        found = read_settings(toml, {})
        self.assertEqual((repr(found), found.raw_config), (repr(ServerSettings()), {}))

    def test_the_example_file_has_every_setting(self) -> None:
        """Those without default commented out, in a form that is right once the `#` is taken away."""
        toml = re.sub(r"^#(?=\w)", "", (DOCS / "provd.toml").read_text(), flags=re.MULTILINE)
        document: dict[str, Any] = tomllib.loads(toml)
        raw_config = document.pop("raw_config")
        self.assertEqual(
            {section: list(settings) for section, settings in document.items()},
            {section: list(fields_dict(kind)) for section, kind in SECTIONS.items()},
        )
        self.assertEqual(read_settings(toml, {}).raw_config, raw_config)

    def test_the_examples_are_right(self) -> None:
        """They are what people copy."""
        part = (DOCS / "configuration.md").read_text().partition("\n## Examples")[2].partition("\n## ")[0]
        offices = part.split("\n### ")[1:]
        self.assertEqual(len(offices), 2)
        for office in offices:
            toml = "\n".join(re.findall(r"^    (.+)$", office, re.MULTILINE))
            found = read_settings(toml, {})
            self.assertTrue(found.raw_config or found.phones.url)
