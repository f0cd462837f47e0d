"""`python -m tests.vendors.supported` writes docs/supported-devices.md, from the tables and the golden files."""

import json
from collections.abc import Iterator
from importlib import import_module

from provserver.interfaces import IVendor, IVendorPlugin
from tests.vendors.confusion import lines
from tests.vendors.making import ROOT, vendors

PAGE = ROOT / "docs/supported-devices.md"
_HEAD = """# Supported devices

Made by `python -m tests.vendors.supported` from the tables that provd itself uses; a test says when it is stale.

Each model of each plugin is rendered with every setting, and what comes is read back by a reader written from the
vendor's manual (`make test`: a sample in which all pairs of settings meet; `make test-long`: everything). Of those in
**bold** there is a file that somebody has looked at, in `tests/plugins/`. A model that is not here is served by its
vendor's nearest plugin, as far as the two have something in common. What has not been verified on a phone is said in
the vendor's README.md.

"""
_CONFUSION = """
## Who is taken for whom

Every example in the vendors' `identify.py` (what phones say, as seen on the wire or derived from it), shown to every
folder alone. The two folders of Cisco share a vendor: what their phones ask for by TFTP is known by rows of
`cisco-sccp`.

"""


def page() -> str:
    rows = [row for vendor in vendors() for row in _rows(vendor)]
    models = {
        (vendor.id, model) for vendor in vendors() for plugin in vendor.plugins for model in _models(plugin)
    }
    pairs = sum(len(_models(plugin)) for vendor in vendors() for plugin in vendor.plugins)
    plugins = sum(len(vendor.plugins) for vendor in vendors())
    golden = sum(len(_golden(vendor)) for vendor in vendors())
    total = (
        f"In all {len(vendors())} vendor folders, {plugins} plugins, {len(models)} models, {pairs} pairs of "
        f"model and firmware, {golden} of them with a golden file.\n\n"
    )
    head = "| vendor | plugin | firmware | models |  |\n| --- | --- | --- | --- | --- |\n"
    confusion = _CONFUSION + "\n".join(lines()) + "\n"
    return _HEAD + total + head + "".join(rows) + confusion


def _rows(vendor: IVendor) -> Iterator[str]:
    golden = _golden(vendor)
    for plugin in vendor.plugins:
        models = _models(plugin)
        shown = " ".join(f"**{model}**" if (plugin.id, model) in golden else model for model in models)
        versions = sorted(set(models.values()))
        firmware = versions[0] if len(versions) == 1 else f"{len(versions)} versions"
        yield f"| {vendor.id} | `{plugin.id}` | {firmware} | {shown} | {len(models)} |\n"


def _models(plugin: IVendorPlugin) -> dict[str, str]:
    keys = (key.split(", ") for key in json.loads(plugin.info)["capabilities"])
    return {model: version for _, model, version in keys}


def _golden(vendor: IVendor) -> set[tuple[str, str]]:
    """Return plugin and model of the golden files. A case that names no plugin is of the newest."""
    cases = import_module(f"tests.plugins.{vendor.id.replace('-', '_')}.golden_cases").CASES
    newest = vendor.plugins[-1]
    found: set[tuple[str, str]] = set()
    for case in cases.values():
        texts = {part for part in case if isinstance(part, str)}
        named = {*texts, *(f"{vendor.id}-{text}" for text in texts)}
        plugin = next((each for each in vendor.plugins if each.id in named), newest)
        found.update((plugin.id, model) for model in texts & _models(plugin).keys())
    return found


if __name__ == "__main__":
    PAGE.write_text(page())
