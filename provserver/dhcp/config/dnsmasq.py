"""The words of dnsmasq (2.81 and later)."""

from collections.abc import Iterator

from provserver.dhcp.config.plan import LEASE_S, Plan, summary, wrapper
from provserver.dhcp.config.rules import Option, Pattern, Rule

_BY_OPTION_60 = "provd-option-60"  # the tag of phones that some rule knows by their option 60


def dnsmasq(plan: Plan) -> str:
    """Return the text of a file for `/etc/dnsmasq.d/`."""
    lines = (
        *(f"# {line}" for line in summary(plan, "dnsmasq")),
        "# dnsmasq looks for a word anywhere in the option 60, not only at its beginning and its end.",
        "",
        *_network(plan),
        "",
        "# Tells provd of every lease.",
        *(f"# {line}" for line in wrapper(plan)),
        f"dhcp-script={_quoted(plan.hook)}",
        "script-on-renewal",
        *(line for rule in plan.rules for line in _rule_by_option_60(rule)),
        *(line for rule in plan.rules for line in _rule_by_oui(rule)),
        *(line for rule in plan.rules for line in _options(rule)),
    )
    return "\n".join(lines) + "\n"


def _network(plan: Plan) -> Iterator[str]:
    lan = plan.lan
    if lan.interface:
        yield f"interface={lan.interface}"
    yield f"dhcp-range={lan.first},{lan.last},{lan.subnet.netmask},{LEASE_S}"
    if lan.router:
        yield f"dhcp-option=option:router,{lan.router}"
    if lan.dns:
        yield f"dhcp-option=option:dns-server,{','.join(map(str, lan.dns))}"


def _rule_by_option_60(rule: Rule) -> Iterator[str]:
    if not rule.patterns:
        return
    yield ""
    yield f"# {rule.name}: {rule.source}"
    for number, pattern in enumerate(rule.patterns, 1):
        tags = []
        for part, word in enumerate(_words(pattern), 1):
            tags.append(f"{rule.name}-{number}-{part}")
            yield f"dhcp-vendorclass=set:{tags[-1]},{_quoted(word)}"
        conditions = ",".join(f"tag:{tag}" for tag in tags)
        # The tag-ifs are carried out in this order, so the first that fits keeps all others from it.
        yield f"tag-if=set:{rule.name},set:{_BY_OPTION_60},{conditions},tag:!{_BY_OPTION_60}"


def _words(pattern: Pattern) -> tuple[str, ...]:
    return tuple(word.decode("ascii") for word in (pattern.start, pattern.end) if word)


def _rule_by_oui(rule: Rule) -> Iterator[str]:
    if not rule.ouis:
        return
    yield ""
    yield f"# {rule.name}, by MAC address"
    for oui in rule.ouis:
        yield f"dhcp-mac=set:{rule.name}-mac,{oui.hex(':')}:*:*:*"
    yield f"tag-if=set:{rule.name},tag:{rule.name}-mac,tag:!{_BY_OPTION_60}"


def _options(rule: Rule) -> Iterator[str]:
    yield ""
    yield f"# What {rule.name} is given, asked for or not."
    for option in rule.options:
        yield f"dhcp-option-force=tag:{rule.name},{option.code},{_value(option)}"


def _value(option: Option) -> str:
    match option.kind:
        case "text":
            return _quoted(option.shown)
        case "ip":
            return ",".join(map(str, option.addresses))
        case "bytes":
            return option.value.hex(":") if len(option.value) > 1 else str(option.value[0])


def _quoted(text: str) -> str:
    """Return printable text so that nothing in it means anything: not a comma, and not an address either."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
