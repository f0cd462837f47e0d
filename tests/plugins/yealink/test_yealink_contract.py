"""Yealink keeps the contract of all vendors, in every generation."""

import json
from collections.abc import Callable, Mapping
from typing import ClassVar

from provserver.interfaces import IVendorPlugin
from tests.contracts import vendor as contract
from tests.contracts.vendor import Read, Stands
from tests.plugins.yealink.reading import read_config, read_pem
from tests.plugins.yealink.stands import ADDRESS, PROXY, STANDS

# What is called otherwise than in V86: generations (both included), the name there (None: no such parameter).
NAMES: Mapping[str, tuple[int, int, str | None]] = {
    "lang.wui": (81, 82, "static.lang.wui"),
    "lang.gui": (81, 82, "static.lang.gui"),
    "static.syslog.enable": (73, 80, "syslog.mode"),
    "static.syslog.level": (73, 80, "syslog.log_level"),
    "static.syslog.server_port": (73, 80, None),
    "account.1.sip_server.1.transport_type": (73, 73, "account.1.transport"),
    "account.1.sip_server.2.transport_type": (73, 73, None),
    "account.1.outbound_proxy.1.address": (73, 73, "account.1.outbound_host"),
    "account.1.outbound_proxy.1.port": (73, 73, "account.1.outbound_port"),
    "account.1.outbound_proxy.2.address": (73, 73, None),
    "account.1.video.h264.enable": (73, 85, None),
    "action_url.dnd_on": (73, 82, None),
    "push_xml.sip_notify": (81, 87, None),
    "linekey.3.pickup_value": (83, 87, None),
}


def generation(plugin: IVendorPlugin) -> int:
    return int(plugin.id.removeprefix("yealink-v"))


def in_generation(key: str, number: int) -> str | None:
    since, until, name = NAMES.get(key, (0, 0, None))
    if since <= number <= until:
        return name
    return key if number >= 81 else key.removeprefix("static.")


class YealinkContractTests(contract.VendorContract):
    vendor_id = "yealink"
    device_path = "{mac}.cfg"
    other_paths: ClassVar[dict[str, Callable[[bytes], Read]]] = {
        "{mac}-ca.pem": lambda body: {"ca.pem": read_pem(body)},
        "{mac}-own.pem": lambda body: {"own.pem": read_pem(body)},
    }
    common_paths = ("y000000000066.cfg", "y000000000108.cfg", "directory_setting.xml")
    stands = STANDS

    def usual(self, plugin: IVendorPlugin) -> str:
        """A file of a few hundred lines, not of two thousand."""
        return {73: "T22P", 85: "T33G", 86: "T33G", 87: "T53W"}.get(generation(plugin), "T40P")

    def stands_in(self, plugin: IVendorPlugin) -> Mapping[str, tuple[Stands, ...]]:
        return {
            name: tuple(
                Stands(place.raw, key, place.value)
                for place in places
                if (key := in_generation(place.key, generation(plugin)))
            )
            for name, places in super().stands_in(plugin).items()
        }

    def obeys_notify_in(self, plugin: IVendorPlugin, model: str) -> Mapping[str, str]:
        number = generation(plugin)
        reboots = int(self.kind(plugin, model) == "dect" and number >= 87)
        trust = "account.1.sip_trust_ctrl" if number == 73 else "sip.trust_ctrl"
        return {trust: "0", "sip.notify_reboot_enable": str(reboots)}

    def at_domain_in(self, plugin: IVendorPlugin, model: str) -> Mapping[str, str]:
        keys = [ADDRESS.format(1), in_generation(PROXY.format(1, "address"), generation(plugin)) or ""]
        if model in ("W75B", "W75DM", "W80B", "W80DM", "W90B", "W90DM") or (model, plugin.id) == (
            "W70B",
            "yealink-v87",
        ):
            keys = [key.replace("account.", "template.") for key in keys]
        return dict(zip(keys, ("example.com", "192.0.2.13"), strict=True))

    def kind(self, plugin: IVendorPlugin, model: str) -> str:
        capabilities = json.loads(plugin.info)["capabilities"]
        return next(str(of["type"]) for key, of in capabilities.items() if key.split(", ")[1] == model)

    def read(self, body: bytes) -> Read:
        return read_config(body)
