"""Security: prefix path check, and percent-encoding bypass of the secret rule. A path is read once, in one way."""

import os
from pathlib import Path

from twisted.internet.defer import maybeDeferred, succeed
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.access.policy import Policy
from provserver.errors import ProvdError
from provserver.model import Proof, Upload
from provserver.uploads import LocalUploads
from provserver.vendors.files import LocalFiles
from provserver.vendors.loader import Loaded
from provserver.vendors.overrides import LocalOverrides
from tests.fakes.vendors import Acme, AcmePlugin
from tests.security.outside import DESK, FILE, SECRET, Outside

STRICT = Policy(Proof.ADDRESS, Proof.KEY)
VISITOR = "10.0.0.66"  # a laptop that stands in the phones' network


class PrefixPathTests(SynchronousTestCase):
    """`/srv/phones-old` begins like `/srv/phones`: a check that compares beginnings lets its files out."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        for path in ("acme/static/one/a.cfg", "acme/static/one-old/a.cfg", "acme/templates/device.tpl"):
            self.write(path)
        self.secret = self.write("acme/static/one-old/secret.cfg")
        self.state = self.folder / "state"
        self.state.mkdir()

    def write(self, path: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"secret")
        os.utime(file, (1.0, 1.0))
        return file

    def served(self) -> LocalFiles:
        plugin = AcmePlugin("one", root=str(self.folder / "acme/static/one"))
        vendor = Acme(templates=str(self.folder / "acme/templates"), plugins=(plugin,))
        files = LocalFiles(self.state, lambda: 1e9)
        files.refresh(Loaded((vendor,), {"one": plugin}, (), {}))
        return files

    def test_a_link_into_a_folder_that_begins_alike_is_not_followed(self) -> None:
        """Neither to a file in it nor to the folder itself."""
        os.symlink(self.secret, self.folder / "acme/static/one/link.cfg")
        os.symlink(self.secret.parent, self.folder / "acme/static/one/more")
        files = self.served()
        self.assertIsNotNone(files.file("one", "a.cfg"))
        names = ("link.cfg", "more/secret.cfg", "../one-old/secret.cfg", str(self.secret), "-old/secret.cfg")
        for name in names:
            self.assertIsNone(files.file("one", name), name)

    def test_an_administrators_template_is_written_beneath_its_plugin(self) -> None:
        """Over REST the plugin and the name are a client's words."""
        overrides = LocalOverrides(self.state / "templates", maybeDeferred, lambda: succeed(None))
        before = {path for path in self.folder.rglob("*") if path.is_file()}
        for plugin, name in (
            ("one", "../one-old/x.tpl"),
            ("one/../one-old", "x.tpl"),
            ("..", "x.tpl"),
            ("../templates-old", "x.tpl"),
            ("one", "/etc/x.tpl"),
            ("one", "a/../../../x.tpl"),
            ("", "x.tpl"),
        ):
            self.failureResultOf(overrides.write(plugin, name, "x", None), ProvdError)
        self.assertEqual({path for path in self.folder.rglob("*") if path.is_file()}, before)

    def test_nor_through_a_link_that_somebody_put_there(self) -> None:
        """A link out of the folder counts for nothing, to read, write and delete."""
        (self.state / "templates/one").mkdir(parents=True)
        (self.state / "templates/one-old").mkdir()
        os.symlink(self.state / "templates/one-old", self.state / "templates/one/sub")
        secret = self.write("state/templates/one-old/x.tpl")
        overrides = LocalOverrides(self.state / "templates", maybeDeferred, lambda: succeed(None))
        self.failureResultOf(overrides.read("one", "sub/x.tpl"), ProvdError)
        self.failureResultOf(overrides.write("one", "sub/x.tpl", "owned", None), ProvdError)
        self.failureResultOf(overrides.delete("one", "sub/x.tpl", None), ProvdError)
        self.assertEqual(secret.read_bytes(), b"secret")

    def test_uploads_of_one_phone_lie_apart_from_those_of_one_that_is_called_alike(self) -> None:
        """`d1` must not find, fill or overwrite what `d1-x` has written."""
        uploads = LocalUploads(self.state / "uploads", 1000, 10**6, maybeDeferred)
        for device in ("d1", "d1-x", "d1/x"):
            incoming = self.successResultOf(uploads.begin(Upload(device, None, "log.txt", 0), None))
            self.successResultOf(incoming.append(device.encode()))
            self.successResultOf(incoming.finish(True))
        written = sorted(path.read_bytes() for path in self.state.rglob("*") if path.is_file())
        self.assertEqual(written, [b"d1", b"d1-x", b"d1/x"])


class PercentEncodingTests(SynchronousTestCase):
    """A rule that looks at the path as it was sent, and a server that decodes it afterwards, see two files."""

    SPELLINGS = (
        FILE,
        FILE.replace(".", "%2e"),
        FILE.replace(".", "%2E"),
        "%30%30" + FILE[2:],
        "".join(f"%{ord(letter):02X}" for letter in FILE),
        f"{FILE}/",
        f"x/../{FILE}",
        f"x/%2e%2e/{FILE}",
        f"x/..%2f{FILE}",
        f"%2f{FILE}",
        f"./{FILE}",
        f"{FILE}?",
        f"{FILE}?x=common.cfg",
        f"{FILE}?/common.cfg",
        f"common.cfg/../{FILE}",
        f"common.cfg%2f..%2f{FILE}",
    )
    OTHERS = (  # no names of this file: decoded twice, another alphabet, cut off, or not decoded at all
        FILE.replace(".", "%252e"),
        f"%252e%252e/{FILE}x",
        FILE.replace(".", "%c0%ae"),
        FILE.replace(".", "\uff0e".encode().decode("latin-1")),
        f"{FILE}%00",
        f"{FILE}%00.txt",
        f"{FILE}%20",
        f"{FILE};x",
        f"{FILE}%3fx",
        f"{FILE}%5c",
        FILE.upper(),
        FILE.replace(".", "%u002e"),
        FILE.replace(".", "%2"),
    )

    def setUp(self) -> None:
        self.office = Outside(STRICT)
        self.office.lease()

    def test_no_spelling_gives_a_secret_to_who_may_not_have_it(self) -> None:
        """A visitor in the office, and anybody elsewhere."""
        for name in (*self.SPELLINGS, *self.OTHERS):
            for ip in (VISITOR, "203.0.113.9"):
                for method in ("GET", "HEAD", "POST"):
                    reply = self.office.http(f"/{name}", ip, method)
                    self.assertIn(reply.status, (404, 400), (name, ip))
                    self.assertNotIn(SECRET, reply.body)

    def test_the_phone_itself_gets_the_same_file_by_each(self) -> None:
        """So the rule above was about this file, and not about names that mean nothing."""
        for name in self.SPELLINGS:
            self.assertIn(SECRET, self.office.http(f"/{name}", DESK).body, name)

    def test_what_is_decoded_twice_or_cut_off_is_no_name_of_it(self) -> None:
        """Otherwise a proxy in front, with a rule of its own, would have seen another name."""
        for name in self.OTHERS:
            self.assertNotIn(SECRET, self.office.http(f"/{name}", DESK).body, name)

    def test_tftp_has_no_percent_signs(self) -> None:
        """There the name is what it is."""
        for name in (FILE.replace(".", "%2e"), "%30%30" + FILE[2:]):
            answer = self.office.answer(protocol="tftp", path=name, ip=DESK, user_agent="")
            self.assertEqual(answer.outcome, "nothing", name)
        self.assertEqual(
            self.office.answer(protocol="tftp", path=FILE, ip=DESK, user_agent="").outcome, "file"
        )
