"""Choose plugin: which firmware generation serves such a phone best?"""

from collections.abc import Iterable

from attrs import frozen

from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import Device, Facts

PROBABLE = 300  # the least that is chosen
EXACT = 600
_NAMES = ((600, "exact"), (500, "complete"), (400, "incomplete"), (300, "probable"), (200, "unknown"))


@frozen
class Support:
    plugin: IVendorPlugin
    score: int

    @property
    def word(self) -> str:
        return next((name for score, name in _NAMES if self.score >= score), "improbable")


def best(vendors: Iterable[IVendor], facts: Facts) -> Support | None:
    """Return the plugin with the highest score, of equals the newer of its vendor; also one below PROBABLE, so
    that the refusal can name what came nearest. None where none supports it at all."""
    found: Support | None = None
    for vendor in vendors:
        for plugin in vendor.plugins:
            score = plugin.support(facts)
            if score > 0 and (found is None or score >= found.score):
                found = Support(plugin, score)
    return found


def is_open(device: Device | None, version: str | None, facts: Facts) -> bool:
    """Say whether a plugin may be chosen: nobody has chosen one, or a sighting did that said less than these facts.
    `version`: the one that was seen before."""
    if device is None or not device.plugin:
        return True
    says_more = (facts.model and not device.model) or (facts.version and not version)
    return device.chosen == "auto" and bool(says_more)


def better(plugins: Iterable[IVendorPlugin], own: IVendorPlugin | None, facts: Facts) -> IVendorPlugin | None:
    """Return the plugin that is made for exactly this phone and firmware, where its own is not."""
    if own and own.support(facts) >= EXACT:
        return None
    return next((plugin for plugin in plugins if plugin.support(facts) >= EXACT), None)


def known(device: Device | None, facts: Facts, version: str | None) -> Facts:
    """Return what is known of a phone in all: what was decided, then what is seen, then what was seen before."""
    if device is None:
        return facts
    return Facts(
        mac=device.mac or facts.mac,
        vendor=device.vendor or facts.vendor,
        model=device.model or facts.model,
        version=facts.version or version,
        serial=device.serial or facts.serial,
        uuid=device.uuid or facts.uuid,
        said_by=facts.said_by,
    )
