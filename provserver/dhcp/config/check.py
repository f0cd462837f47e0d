"""What a phone with some option 60 would be given, and what provd would take it for."""

from collections.abc import Iterator, Sequence

from provserver.core.explain import sentence
from provserver.core.identify import Dispatcher
from provserver.core.support import PROBABLE, best
from provserver.dhcp.config.rules import Rule, rule_for
from provserver.interfaces import IVendor
from provserver.model import Sighting, Step


def check(vendors: Sequence[IVendor], rules: Sequence[Rule], option_60: bytes, mac: str) -> Iterator[str]:
    """Yield lines for people; `mac` is in its normal form, or ""."""
    facts, steps = Dispatcher(vendors).identify(
        Sighting("dhcp", 0.0, "", "", mac=mac, options={60: option_60} if option_60 else {})
    )
    if facts.vendor:
        yield from map(sentence, steps)
    else:
        yield "no vendor knows this option 60, nor this MAC address"
    support = best(vendors, facts)
    if support and support.score >= PROBABLE:
        yield sentence(Step("choose", "choose.chosen", (support.plugin.id, support.word)))
    else:
        nearest = (support.plugin.id, support.word) if support else ("", "")
        yield sentence(Step("choose", "choose.no-plugin", (facts.vendor or "", facts.model or "", *nearest)))
    yield from _given(rule_for(rules, option_60, mac))


def _given(rule: Rule | None) -> Iterator[str]:
    if rule is None:
        yield "the DHCP server gives it an address and no option for phones"
        return
    yield f"the DHCP server gives it what {rule.name} is given ({rule.source}):"
    for option in rule.options:
        yield f"    option {option.code:3} ({option.kind})  {option.shown}"
