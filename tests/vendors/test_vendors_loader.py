"""loader: vendor folders from anywhere on the disk; a broken one is told of in one line, and harms no other."""

import os
import sys
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from zlib import crc32

from twisted.trial.unittest import SynchronousTestCase

from provserver.vendors import loader
from provserver.vendors.loader import Broken, Loaded, bundled, load

INIT = """\
from tests.fakes.vendors import Acme, AcmePlugin
from .identify import FINGERPRINTS
from .models import MODELS

vendor = Acme("{id}", "", FINGERPRINTS, (AcmePlugin("{id}-1", MODELS),))
"""
IDENTIFY = """\
from provserver.model import Fingerprint

FINGERPRINTS = (Fingerprint("user-agent", "acme", r"acme (?P<model>[A-Z]\\w+)", {"vendor": "Acme"}),)
"""


class Shelf:
    """A folder of vendor folders."""

    def __init__(self, test: SynchronousTestCase) -> None:
        above = Path(mkdtemp())
        test.addCleanup(rmtree, above)
        self.folder = above / "plugins"
        self.loaded: Loaded | None = None

    def put(self, name: str, **files: str) -> Path:
        """Write a vendor folder; `files` are its modules, where they differ from those of a sound one."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        sound = {
            "__init__": INIT.replace("{id}", name),
            "identify": IDENTIFY,
            "models": 'MODELS = ("A20",)\n',
        }
        for module, text in {**sound, **files}.items():
            path = folder / f"{module}.py"
            path.write_text(text)
            os.utime(
                path, (0, crc32(text.encode()))
            )  # each text has its time: old bytecode never looks fresh
        return folder

    def load(self, *more: Path) -> Loaded:
        self.loaded = load([self.folder, *more], self.loaded)
        return self.loaded

    def told(self, **files: str) -> str:
        """Return what is told of vendor `acme` with these modules; a sound vendor beside it must be loaded."""
        self.put("acme", **files)
        self.put("sound")
        loaded = load([self.folder], None)
        (broken,) = loaded.broken
        assert (broken.folder, ids(loaded)) == ("acme", ["sound"]), loaded
        return broken.text


def ids(loaded: Loaded) -> list[str]:
    return [vendor.id for vendor in loaded.vendors]


def models(loaded: Loaded, plugin_id: str = "acme-1") -> object:
    return getattr(loaded.plugins[plugin_id], "models", None)


def row(arguments: str) -> str:
    return f"from provserver.model import Fingerprint\nFINGERPRINTS = (Fingerprint({arguments}),)\n"


class ShelfTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.shelf = Shelf(self)
        self.addCleanup(self.forget)

    def forget(self) -> None:
        for name in [name for name in sys.modules if name.startswith("provd_vendor_")]:
            del sys.modules[name]


class LoadTests(ShelfTestCase):
    def test_folders_become_vendors_in_order(self) -> None:
        """Each with its plugins; whatever else lies there is passed over."""
        self.shelf.put("zeta")
        self.shelf.put("acme")
        self.shelf.put(".hidden")
        (self.shelf.folder / "notes").mkdir()
        (self.shelf.folder / "helpers").mkdir()
        (self.shelf.folder / "helpers/__init__.py").write_text("1 / 0")
        (self.shelf.folder / "README.md").write_text("")
        loaded = self.shelf.load(self.shelf.folder / "nowhere")
        self.assertEqual((ids(loaded), loaded.broken), (["acme", "zeta"], ()))
        self.assertEqual(list(loaded.plugins), ["acme-1", "zeta-1"])
        self.assertIs(loaded.plugins["acme-1"], loaded.vendors[0].plugins[0])

    def test_two_folders_have_modules_of_their_own(self) -> None:
        """Each has a `models`; a shared name would give one vendor the other's."""
        self.shelf.put("acme")
        self.shelf.put("zeta", models='MODELS = ("Z1",)')
        loaded = self.shelf.load()
        self.assertEqual((models(loaded), models(loaded, "zeta-1")), (("A20",), ("Z1",)))

    def test_a_later_folder_replaces_an_earlier_one(self) -> None:
        """An administrator's vendor of the same name is taken instead of the bundled one."""
        self.shelf.put("acme")
        mine = Shelf(self)
        mine.put("acme", models='MODELS = ("mine",)')
        self.assertEqual(models(self.shelf.load(mine.folder)), ("mine",))

    def test_a_changed_folder_gives_its_new_code(self) -> None:
        """An upgrade needs no restart; what was loaded before stays as it is for whoever still uses it."""
        self.shelf.put("acme")
        old = self.shelf.load()
        self.shelf.put("acme", models='MODELS = ("A60",)')
        new = self.shelf.load()
        self.assertEqual((models(old), models(new)), (("A20",), ("A60",)))

    def test_code_that_is_out_of_use_is_forgotten(self) -> None:
        """A server that is upgraded for years must not keep every version; what is in use is importable."""
        self.shelf.put("acme")
        self.shelf.put("zeta")
        first = self.shelf.load()
        self.shelf.put("zeta", models="1 / 0")
        for path in (self.shelf.folder / "acme").glob("*.py"):
            path.unlink()
        second = self.shelf.load()
        self.assertEqual(set(second.modules), {"zeta"})
        kept = {name.partition(".")[0] for name in sys.modules if name.startswith("provd_vendor_")}
        self.assertIn(first.modules["zeta"], kept)
        self.assertNotIn(first.modules["acme"], kept)
        self.assertEqual([name for name in kept if name.endswith("_zeta")], [first.modules["zeta"]])

    def test_a_vendor_that_is_gone_is_gone(self) -> None:
        """Its folder was removed: it is not broken."""
        folder = self.shelf.put("acme")
        self.shelf.load()
        (folder / "identify.py").unlink()
        loaded = self.shelf.load()
        self.assertEqual((ids(loaded), dict(loaded.plugins), loaded.broken), ([], {}, ()))

    def test_the_bundled_vendors_keep_the_contract(self) -> None:
        """What we ship loads; in a checkout that is `plugins/`, in a wheel the folder of the loader itself."""
        loaded = self.shelf.load(bundled())
        self.assertEqual(loaded.broken, ())
        self.assertIn("yealink", ids(loaded))
        self.patch(loader, "__file__", str(self.shelf.folder / "site-packages/provserver/vendors/loader.py"))
        self.assertEqual(bundled(), self.shelf.folder / "site-packages/provserver/vendors")


class BrokenTests(ShelfTestCase):
    def test_file_and_line_are_told(self) -> None:
        """Whoever writes a vendor folder reads this, and nothing else."""
        for models, text in (
            ("MODELS = {}\nif MODELS\n", "line 2: SyntaxError: expected ':'"),
            ("\n\n  MODELS = 1\n", "line 3: IndentationError: unexpected indent"),
            ("\nimport gone_for_good", "line 2: ModuleNotFoundError: No module named 'gone_for_good'"),
            ("from .gone import X", "line 1: ModuleNotFoundError: No module named 'acme.gone'"),
            ("def f():\n    return {}['a']\nMODELS = f()", "line 2: KeyError: 'a'"),
            ("import enum\nenum.Enum('A', 3)", "line 2: TypeError: 'int' object is not iterable"),
            ("raise ValueError('one\\ntwo')", "line 1: ValueError: one two"),
            ("import sys\nsys.exit(1)", "line 2: SystemExit: 1"),
            ("def f():\n    f()\nf()", "line 2: RecursionError: maximum recursion depth exceeded"),
        ):
            self.assertEqual(self.shelf.told(models=models), f"plugins/acme/models.py {text}")
        self.assertEqual(
            self.shelf.told(models="OTHER = 1"),
            "plugins/acme/__init__.py line 3: ImportError: cannot import name 'MODELS' from 'acme.models' "
            "(plugins/acme/models.py)",
        )

    def test_a_text_is_cut(self) -> None:
        """One line in the log."""
        text = self.shelf.told(models="raise ValueError('x' * 10_000)")
        self.assertLess(len(text), 400)

    def test_a_wrong_vendor_is_told(self) -> None:
        """It would fail later, in the middle of a phone's boot."""
        make = "from tests.fakes.vendors import Acme, AcmePlugin\n"
        for init, text in (
            ("", "there is no `vendor` in it"),
            (
                f"{make}\nclass Half(AcmePlugin):\n    fingerprints = ()\nvendor = Half('x')",
                "`vendor` is no IVendor: Does not declaratively implement the interface; The IVendor.templates "
                "attribute was not provided; The IVendor.plugins attribute was not provided",
            ),
            (f"{make}vendor = Acme('other')", "the vendor's id is 'other', its folder is 'acme'"),
            (
                f"{make}\nclass Odd(AcmePlugin):\n    support = None\nvendor = Acme(plugins=(Odd('acme-1'),))",
                "a plugin is no IVendorPlugin: The contract of IVendorPlugin.support(facts) is violated because "
                "'None' is not a method.",
            ),
            (f"{make}vendor = Acme(plugins=3)", "TypeError: 'int' object is not iterable"),
        ):
            self.assertEqual(self.shelf.told(__init__=init), f"plugins/acme/__init__.py: {text}")

    def test_a_wrong_plugin_id_is_told(self) -> None:
        """A device names its plugin by id alone, and the id is part of the paths of its files."""
        make = "from tests.fakes.vendors import Acme, AcmePlugin\nvendor = Acme(plugins=({}))"
        for plugins, text in (
            ("AcmePlugin('v1'),", "plugin 'v1' is not named acme-…"),
            ("AcmePlugin('acme-'),", "plugin 'acme-' is not named acme-…"),
            ("AcmePlugin('acme-/../../etc'),", "plugin 'acme-/../../etc' is not named acme-…"),
            ("AcmePlugin('acme-1'), AcmePlugin('acme-1')", "there are two plugins 'acme-1'"),
        ):
            init = make.format(plugins)
            self.assertEqual(self.shelf.told(__init__=init), f"plugins/acme/releases.py: {text}")

    def test_a_plugin_id_of_another_vendor_is_told(self) -> None:
        """A vendor `acme-2` and one `acme` could both have a plugin `acme-2-1`."""
        self.shelf.put("acme", __init__=INIT.replace("{id}-1", "{id}-2-1").replace("{id}", "acme"))
        self.shelf.put("acme-2")
        loaded = self.shelf.load()
        self.assertEqual(ids(loaded), ["acme"])
        text = "plugins/acme-2/releases.py: there are two plugins 'acme-2-1'"
        self.assertEqual(loaded.broken, (Broken("acme-2", text),))

    def test_a_wrong_fingerprint_is_told(self) -> None:
        """A row that never matches, or says something else than it promises, is found before any phone is."""
        for arguments, text in (
            (
                "'agent', 'acme', 'x'",
                "fingerprint agent 'acme': expected one of user-agent, query, path, option-60, oui",
            ),
            ("'path', '', 'x'", "fingerprint path '': the literal must be lower-case text"),
            ("'path', 'Acme', 'x'", "fingerprint path 'Acme': the literal must be lower-case text"),
            (
                "'path', 'acme', '(x'",
                "fingerprint path 'acme': pattern '(x': missing ), unterminated subpattern at position 0",
            ),
            (
                "'path', 'acme', '(?P<colour>x)', {'size': 'L'}",
                "fingerprint path 'acme': colour, size is none of vendor, model, version, mac, serial, uuid",
            ),
            (
                "'path', 'acme', '(?P<model>A\\\\d+)', examples=(('acme A20', {'model': 'A60'}),)",
                "fingerprint path 'acme': example 'acme A20' gives {'model': 'A20'}, expected {'model': 'A60'}",
            ),
            (
                "'path', 'acme', '(?P<model>B\\\\d+)', examples=(('acme A20', {'model': 'A20'}),)",
                "fingerprint path 'acme': example 'acme A20' gives {}, expected {'model': 'A20'}",
            ),
            (
                "'path', 'acne', '(?P<model>A\\\\d+)', examples=(('acme A20', {'model': 'A20'}),)",
                "fingerprint path 'acne': example 'acme A20' gives {}, expected {'model': 'A20'}",
            ),
        ):
            self.assertEqual(self.shelf.told(identify=row(arguments)), f"plugins/acme/identify.py: {text}")

    def test_an_example_is_compared_as_identify_says_it(self) -> None:
        """A MAC in its normal form, and without the groups that took no part."""
        self.shelf.put(
            "acme",
            identify=row(
                "'path', '00aced', r'(?P<mac>00aced\\w{6})(?P<model>-A)?', {'vendor': 'Acme'}, "
                "examples=(('00ACED000001.cfg', {'vendor': 'Acme', 'mac': '00:ac:ed:00:00:01'}),)"
            ),
        )
        self.assertEqual(self.shelf.load().broken, ())

    def test_the_old_vendor_stays_where_the_new_one_is_broken(self) -> None:
        """A bad upgrade must not take the phones' files away; and a good one heals it."""
        self.shelf.put("acme")
        self.shelf.put("zeta")
        first = self.shelf.load()
        self.shelf.put("acme", models="1 / 0")
        for _ in range(2):
            second = self.shelf.load()
            self.assertEqual([broken.folder for broken in second.broken], ["acme"])
            self.assertIs(second.vendors[0], first.vendors[0])
            self.assertIs(second.plugins["acme-1"], first.plugins["acme-1"])
            self.assertIsNot(second.vendors[1], first.vendors[1])
        self.shelf.put("acme", models='MODELS = ("A60",)')
        third = self.shelf.load()
        self.assertEqual((models(third), third.broken), (("A60",), ()))
