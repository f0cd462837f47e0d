"""
Vendors: `python -m bench.vendors.bench` measures, prints a table and writes it into bench/RESULTS.md.

All times are CPU time of this process, the best of several rounds: how busy the machine is otherwise does not count.
"""

import json
import platform
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import mean

from attrs import evolve, frozen

from bench.results import write
from provserver.core.identify import Dispatcher
from provserver.core.render import Renderer
from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import Device, Facts, Settings, Sighting
from provserver.raw_config import to_settings
from provserver.vendors.loader import load

ROOT = Path(__file__).resolve().parents[2]
BASE = "http://192.0.2.1:8667"
TODAY = date(2026, 6, 1)
MAC = "00:1b:44:11:3a:b7"
ROUNDS = 7
LINE = {
    "username": "u1001",
    "password": "pw",
    "display_name": "Alice",
    "number": "1001",
    "proxy_ip": "192.0.2.10",
}
OFFICE: dict[str, object] = {
    "locale": "fr_FR", "timezone": "Europe/Paris", "ntp_enabled": True, "ntp_ip": "192.0.2.1",
    "exten_voicemail": "*98", "exten_pickup_call": "*8", "sip_subscribe_mwi": True,
    "X_xivo_phonebook_ip": "192.0.2.20", "X_xivo_user_uuid": "7a3f", "admin_password": "Adm1n",
}  # fmt: skip


def _user(lines: int, keys: int) -> Settings:
    """Return the settings of a user with so many lines and keys."""
    raw = {
        **OFFICE,
        "sip_lines": {str(at): {**LINE, "username": f"u{at}"} for at in range(1, lines + 1)},
        "funckeys": {
            str(at): {"type": "blf", "value": f"2{at:03}", "label": f"Anna {at}", "line": 1}
            for at in range(1, keys + 1)
        },
    }
    return to_settings(raw, BASE)


AVERAGE, LARGEST = _user(1, 10), _user(16, 60)


@frozen
class Row:
    what: str
    unit: str
    value: float
    target: float | None = None

    def __str__(self) -> str:
        verdict = "" if self.target is None else "met" if self.value <= self.target else "missed"
        target = "" if self.target is None else f"≤ {self.target:g}"
        return f"| {self.what} | {self.unit} | {self.value:.3g} | {target} | {verdict} |"


def cpu_s(run: Callable[[], object], times: int = 1) -> float:
    """Return the CPU time of one run, the best of all rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(times):
            run()
        best = min(best, (time.process_time() - began) / times)
    return best


# --- identification --------------------------------------------------------------------------------------------


def sightings(vendors: tuple[IVendor, ...]) -> Iterator[Sighting]:
    """Yield what phones send: every example of every fingerprint that an HTTP request or a lease can hold."""
    seen = Sighting("http", 0.0, "10.0.0.7", BASE)
    for vendor in vendors:
        for row in vendor.fingerprints:
            for text, _ in row.examples:
                if row.where == "user-agent":
                    yield evolve(seen, user_agent=text, path="001b44113ab7.cfg")
                elif row.where == "path":
                    yield evolve(seen, path=text)
                elif row.where == "option-60":
                    yield evolve(seen, options={60: text.encode()}, mac=MAC)
    yield evolve(seen, user_agent="yealink polycom snom cisco fanvil " * 28, path="x/" * 200)


def identification(vendors: tuple[IVendor, ...]) -> Iterator[Row]:
    all_seen = [*sightings(vendors)]
    known = next(seen for seen in all_seen if "yealink" in seen.user_agent.lower())
    dispatcher = Dispatcher(vendors)
    dispatcher.identify(known)
    yield Row("a User-Agent that is known", "us", cpu_s(lambda: dispatcher.identify(known), 2000) * 1e6, 5)
    firsts = {number: float("inf") for number in range(len(all_seen))}
    for _ in range(5 * ROUNDS):
        fresh = Dispatcher(vendors)
        fresh.identify(Sighting("http", 0.0, "10.0.0.7", BASE))
        for number, seen in enumerate(all_seen):
            began = time.thread_time()
            fresh.identify(seen)
            firsts[number] = min(firsts[number], time.thread_time() - began)
    yield Row(f"{len(all_seen)} texts for the first time, on average", "us", mean(firsts.values()) * 1e6)
    own = [took for number, took in firsts.items() if number < len(all_seen) - 1]
    yield Row("the slowest text of a phone, for the first time", "us", max(own) * 1e6, 30)
    yield Row("a hostile one of 950 characters", "us", firsts[len(all_seen) - 1] * 1e6)


# --- rendering -------------------------------------------------------------------------------------------------


def templates_of(vendor: IVendor) -> Callable[[str, str], str | None]:
    texts = {
        path.relative_to(vendor.templates).as_posix(): path.read_text()
        for path in Path(vendor.templates).rglob("*.tpl")
    }
    return lambda _plugin_id, name: texts.get(name)


def own_paths(plugin: IVendorPlugin, vendor: IVendor, model: str) -> Iterator[str]:
    """Yield the path of the file with the accounts: of the vendor's rows the one that proves the config."""
    digits = MAC.replace(":", "")
    for path in (
        f"{digits}.cfg",
        f"{digits.upper()}.xml",
        f"SEP{digits.upper()}.cnf.xml",
        f"{digits}-user.cfg",
        f"{digits}.xml",
        f"linphone/{digits}.xml",
    ):
        rule = plugin.file_for(path, "GET", Facts(), Device("d", mac=MAC, vendor=vendor.id, model=model))
        if rule and rule.proves_config:
            yield path


def render_s(vendor: IVendor, plugin: IVendorPlugin, model: str, settings: Settings, times: int = 1) -> float:
    device = Device("d", mac=MAC, vendor=vendor.id, model=model)
    path = next(own_paths(plugin, vendor, model), None)
    if path is None:
        raise SystemExit(f"{plugin.id}: none of the known paths is the file with the accounts")
    rule = plugin.file_for(path, "GET", Facts(), device)
    assert rule
    renderer = Renderer(templates_of(vendor), most_bytes=0)
    return cpu_s(lambda: renderer.render(plugin, rule, device, settings, TODAY, 0.0, keep=False), times)


def models(plugin: IVendorPlugin) -> dict[str, dict[str, int]]:
    return {key.split(", ")[1]: told for key, told in json.loads(plugin.info)["capabilities"].items()}


def rendering(vendors: tuple[IVendor, ...]) -> Iterator[Row]:
    averages = []
    for vendor in vendors:
        for plugin in vendor.plugins:
            averages += [render_s(vendor, plugin, model, AVERAGE) for model in models(plugin)]
    yield Row(
        f"a user's file, average of {len(averages)} models and firmwares", "ms", mean(averages) * 1e3, 0.7
    )
    for vendor in vendors:
        plugin = vendor.plugins[-1]
        told = models(plugin)
        model = max(
            told, key=lambda of: (told[of]["expansion_modules"], told[of]["lines"], told[of]["function_keys"])
        )
        largest = render_s(vendor, plugin, model, LARGEST, 20)
        yield Row(f"{model} with `{plugin.id}`, 16 lines and 60 keys", "ms", largest * 1e3, 2)


# --- the page --------------------------------------------------------------------------------------------------


def main() -> None:
    loading = cpu_s(lambda: load([ROOT / "plugins"], None))
    vendors = load([ROOT / "plugins"], None).vendors
    plugins = sum(len(vendor.plugins) for vendor in vendors)
    rows = [
        Row(f"loading {len(vendors)} folders with {plugins} plugins", "s", loading, 1),
        *identification(vendors),
        *rendering(vendors),
    ]
    text = "\n".join(
        [
            "## Vendors",
            "",
            f"`make bench-vendors`, {date.today()}, Python {platform.python_version()}, {platform.system()}; "
            f"CPU time, best of {ROUNDS}.",
            "",
            "| what | unit | provd | target | |",
            "| --- | --- | --- | --- | --- |",
            *map(str, rows),
        ]
    )
    print(text)
    write("vendors", text)


if __name__ == "__main__":
    main()
