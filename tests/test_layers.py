"""The arrows between the layers of docs/words.md's neighbour, the style guide, point down only."""

import ast
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).resolve().parent.parent
WORDS = (
    "provserver.model",
    "provserver.interfaces",
    "provserver.errors",
    "provserver.address",
    "provserver.pbx.interfaces",
)
PURE = (
    "provserver.core",
    "provserver.http.proxies",
    "provserver.http.ranges",
    "provserver.http.subject",
    "provserver.http.messages",
    "provserver.rest.codec",
    "provserver.auth.answers",
    "provserver.dhcp.lease",
    "provserver.dhcp.wire",
    "provserver.dhcp.heard",
    "provserver.dhcp.config",
    "provserver.tftp.errors",
    "provserver.tftp.netascii",
    "provserver.tftp.options",
    "provserver.tftp.pace",
    "provserver.tftp.packet",
    "provserver.tftp.transfer",
    "provserver.tftp.wheel",
    "provserver.sip.message",
    "provserver.sip.digest",
    "provserver.sip.uri",
    "provserver.sip.ua_profile",
    "provserver.sip.transaction",
    "provserver.sip.responder",
    "provserver.sip.stream",
    "provserver.sip.requests",
    "provserver.pbx.agi_calls",
    "provserver.pbx.agi_protocol",
    "provserver.pbx.ami",
    "provserver.pbx.config",
    "provserver.pbx.contacts",
    "provserver.pbx.esl",
    "provserver.pbx.session",
    "provserver.pbx.settings",
    "provserver.pbx.sip_notify",
    "provserver.pbx.targets",
    "provserver.pbx.vendor_calls",
    "provserver.store.query",
    "provserver.vendors.table",
    "provserver.vendors.versions",
    "provserver.vendors.formats",
    "provserver.vendors.zones",
    "provserver.vendors.keys",
    "provserver.vendors.locales",
    "provserver.vendors.services",
    "provserver.settings",
    "provserver.raw_config",
)
APPLICATION = ("provserver.provisioner", "provserver.associating", "provserver.claiming")
SHELLS = (
    "provserver.http",
    "provserver.rest",
    "provserver.auth",
    "provserver.store",
    "provserver.tftp",
    "provserver.dhcp",
    "provserver.sip",
    "provserver.pbx",
    "provserver.vendors.loader",
    "provserver.vendors.files",
    "provserver.vendors.installed",
    "provserver.vendors.overrides",
    "provserver.vendors.catalogue",
    "provserver.ports",
    "provserver.logs",
    "provserver.state",
    "provserver.tftp_backend",
    "provserver.tls",
    "provserver.turnstile",
    "provserver.uploads",
)
COMPOSITION = (
    "provserver.tap",
    "provserver.auth.command",
    "provserver.dhcp.command",
    "provserver.pbx.command",
    "provserver.store.command",
    "provserver.phone.command",
    "provserver.phone.demo",
)
# Protocols of the field, which the server and the simulated phone may both speak; no table of a vendor is in them.
SPOKEN = ("provserver.sip.message", "provserver.sip.digest", "provserver.sip.uri")
PURE_LIBRARIES = {"attrs", "zope", "msgspec", "jinja2", "markupsafe"}
# What touches the world: files, clocks, randomness, threads, logs, sockets.
WORLD = {
    "os",
    "io",
    "time",
    "random",
    "secrets",
    "socket",
    "threading",
    "logging",
    "subprocess",
    "shutil",
    "tempfile",
}


def modules(*folders: str) -> Iterator[tuple[str, Path]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__"), path


def imports(path: Path, name: str) -> set[str]:
    """Return the full names of all modules that a file imports, relative ones resolved."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return found


def within(name: str, groups: tuple[str, ...]) -> bool:
    return any(name == group or name.startswith(f"{group}.") for group in groups)


def top(name: str) -> str:
    return name.partition(".")[0]


STANDARD = set(__import__("sys").stdlib_module_names)


class LayersTests(SynchronousTestCase):
    def test_words_import_nothing_of_ours(self) -> None:
        """The words are the ground: whoever reads them needs to read nothing else."""
        for name, path in modules("provserver"):
            if within(name, WORDS):
                for used in imports(path, name):
                    self.assertTrue(
                        within(used, WORDS)
                        or used == "twisted.internet.defer.Deferred"
                        or top(used) in STANDARD | {"attrs", "zope"},
                        f"{name} imports {used}",
                    )

    def test_pure_code_sees_no_world(self) -> None:
        """What is pure can be read, tested and trusted without a reactor, a disk or a clock."""
        for name, path in modules("provserver"):
            if within(name, PURE):
                for used in imports(path, name):
                    self.assertTrue(
                        within(used, WORDS)
                        or within(used, PURE)
                        or (top(used) in STANDARD | PURE_LIBRARIES and top(used) not in WORLD),
                        f"{name} imports {used}",
                    )

    def test_the_application_waits_but_does_not_listen(self) -> None:
        """The application is handed everything that touches the world."""
        for name in APPLICATION:
            for used in imports(ROOT / f"{name.replace('.', '/')}.py", name):
                self.assertTrue(
                    within(used, (*WORDS, *PURE))
                    or used.startswith(("twisted.internet.defer.", "twisted.logger."))
                    or (top(used) in STANDARD | PURE_LIBRARIES and top(used) not in WORLD),
                    f"{name} imports {used}",
                )

    def test_shells_do_not_know_each_other(self) -> None:
        """A shell that calls another one, or the Provisioner's class, could not be replaced alone."""
        for name, path in modules("provserver"):
            if within(name, SHELLS) and not within(name, (*PURE, *COMPOSITION)):
                home = (
                    "provserver.tftp" if name == "provserver.tftp_backend" else ".".join(name.split(".")[:2])
                )
                for used in imports(path, name):
                    if top(used) == "provserver":
                        self.assertTrue(
                            within(used, (*WORDS, *PURE, home)) or used == "provserver.__version__",
                            f"{name} imports {used}",
                        )

    def test_only_compositions_name_the_reactor(self) -> None:
        """Everyone else is handed a reactor, so that tests can hand a clock."""
        for name, path in modules("provserver"):
            if not within(name, COMPOSITION):
                self.assertNotIn("twisted.internet.reactor", imports(path, name), name)

    def test_klein_stays_in_rest(self) -> None:
        """Klein is replaceable for as long as only the REST shell knows it."""
        for name, path in modules("provserver"):
            if not within(name, ("provserver.rest",)):
                self.assertFalse(any(top(used) == "klein" for used in imports(path, name)), name)

    def test_vendor_folders_import_only_what_vendors_are_made_of(self) -> None:
        """A vendor folder runs wherever the loader finds it: it may count on the words and the tables alone."""
        allowed = tuple(
            f"provserver.vendors.{part}"
            for part in ("table", "formats", "zones", "keys", "locales", "services")
        )
        for name, path in modules("plugins"):
            own = ".".join(name.split(".")[:2])
            for used in imports(path, name):
                self.assertTrue(
                    within(used, (*WORDS, *allowed, own)) or (top(used) in STANDARD | {"attrs"} - WORLD),
                    f"{name} imports {used}",
                )

    def test_the_simulated_phone_shares_no_table_with_the_server(self) -> None:
        """A phone that read the server's tables would agree with the server's mistakes."""
        for name, path in modules("provserver/phone"):
            for used in imports(path, name):
                if top(used) in ("provserver", "plugins"):
                    self.assertTrue(
                        within(
                            used, ("provserver.phone", "provserver.errors", "provserver.address", *SPOKEN)
                        ),
                        f"{name} imports {used}",
                    )

    def test_what_a_dhcp_server_runs_needs_nothing_installed(self) -> None:
        """The hook starts for every lease: it must not wait for Twisted to be imported, nor break with it."""
        name = "provserver.dhcp.hook"
        for used in imports(ROOT / "provserver/dhcp/hook.py", name):
            self.assertIn(top(used), STANDARD, f"{name} imports {used}")

    def test_tftp_knows_nothing_of_phones(self) -> None:
        """People shall take it out and reuse it."""
        for name, path in modules("provserver/tftp"):
            for used in imports(path, name):
                if top(used) == "provserver":
                    self.assertTrue(within(used, ("provserver.tftp",)), f"{name} imports {used}")

    def test_every_module_belongs_to_a_layer(self) -> None:
        """A new module must say what it is, here."""
        known = (*WORDS, *PURE, *SHELLS, *COMPOSITION, *APPLICATION, "provserver.phone")
        for name, path in modules("provserver"):
            if path.name != "__init__.py":
                self.assertTrue(within(name, known), name)
