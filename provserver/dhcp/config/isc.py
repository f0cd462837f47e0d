"""The words of ISC dhcpd (4.4)."""

from collections.abc import Iterable, Iterator

from provserver.dhcp.config.plan import LEASE_S, Plan, summary
from provserver.dhcp.config.rules import Option, Pattern, Rule

_NAMES = {66: "tftp-server-name", 67: "bootfile-name", 43: "vendor-encapsulated-options"}
_TYPES = {"text": "text", "ip": "array of ip-address", "bytes": "string"}
_TOLD = {
    12: "host-name",
    60: "vendor-class-identifier",
    61: "dhcp-client-identifier",
    77: "user-class",
}
_OPTION_60 = "option vendor-class-identifier"


def isc(plan: Plan) -> str:
    """Return the text of a `dhcpd.conf`."""
    branches = [
        *((_by_option_60(rule), rule) for rule in plan.rules if rule.patterns),
        *((_by_oui(rule), rule) for rule in plan.rules if rule.ouis),
    ]
    lines = (
        *(f"# {line}" for line in summary(plan, "isc")),
        "",
        *_definitions(plan.rules),
        "",
        *_subnet(plan),
        "",
        *(f"  {line}" for line in _chain(branches)),
        "",
        *(f"  {line}" for line in _hook(plan)),
        "}",
    )
    return "\n".join(lines) + "\n"


def _definitions(rules: Iterable[Rule]) -> Iterator[str]:
    """Yield the options that dhcpd has no name for, and `user-class`, which the hook tells."""
    yield "option user-class code 77 = string;"
    kinds = {_name(option): option for rule in rules for option in rule.options}
    for name, option in sorted(kinds.items()):
        if option.code not in _NAMES:
            yield f"option {name} code {option.code} = {_TYPES[option.kind]};"


def _name(option: Option) -> str:
    """Return a name for an option of this kind; the same code may be text for one vendor and bytes for another."""
    return _NAMES.get(option.code, f"provd-{option.code}-{option.kind}")


def _subnet(plan: Plan) -> Iterator[str]:
    lan = plan.lan
    yield f"subnet {lan.subnet.network_address} netmask {lan.subnet.netmask} {{"
    yield f"  range {lan.first} {lan.last};"
    yield f"  default-lease-time {LEASE_S};"
    if lan.router:
        yield f"  option routers {lan.router};"
    if lan.dns:
        yield f"  option domain-name-servers {', '.join(map(str, lan.dns))};"


def _chain(branches: Iterable[tuple[str, Rule]]) -> Iterator[str]:
    word = "if"
    for condition, rule in branches:
        yield f"# {rule.name}: {rule.source}"
        yield f"{word} ({condition}) {{"  # dhcpd takes what stands in parentheses behind `if` for the whole
        for option in rule.options:
            yield f"  option {_name(option)} {_value(option)};"
        yield f"  {_asked_for(rule)}"
        yield "}"
        word = "elsif"


def _asked_for(rule: Rule) -> str:
    """Return the statement that has dhcpd give the options also to a phone that did not ask for them."""
    codes = bytes(option.code for option in rule.options).hex(":")
    return f"option dhcp-parameter-request-list = concat(option dhcp-parameter-request-list, {codes});"


def _by_option_60(rule: Rule) -> str:
    return " or ".join(_matches(pattern) for pattern in rule.patterns)


def _matches(pattern: Pattern) -> str:
    """Return the condition; the NUL that some phones put behind is no part of what they say."""
    start, end = pattern.start, pattern.end
    if pattern.exact:
        return f"({_OPTION_60} = {_literal(start)} or {_OPTION_60} = {_hex(start + bytes(1))})"
    begins = f"substring({_OPTION_60}, 0, {len(start)}) = {_literal(start)}"
    if not end:
        return begins
    ends = f"suffix({_OPTION_60}, {len(end)}) = {_literal(end)}"
    ends_with_nul = f"suffix({_OPTION_60}, {len(end) + 1}) = {_hex(end + bytes(1))}"
    return f"({begins} and ({ends} or {ends_with_nul}))"


def _by_oui(rule: Rule) -> str:
    """Return the condition: the type of hardware is 1 for Ethernet."""
    return " or ".join(f"substring(hardware, 0, 4) = {_hex(bytes([1]) + oui)}" for oui in rule.ouis)


def _hook(plan: Plan) -> Iterator[str]:
    yield "# Tells provd of every lease. dhcpd waits until the program ends, so it is not asked when a lease ends,"
    yield "# of which nothing would follow. What a phone does not send must be empty: dhcpd runs nothing with less."
    yield "on commit {"
    yield "  execute("
    words = [plan.hook, *(["--socket", plan.socket] if plan.socket else []), "commit"]
    yield f"    {', '.join(map(_quoted, words))},"
    yield '    binary-to-ascii(10, 8, ".", leased-address),'
    yield '    binary-to-ascii(16, 8, ":", suffix(hardware, 6)),'
    told = [
        f'    pick-first-value(concat("{code:03}", binary-to-ascii(16, 8, ".", option {name})), "")'
        for code, name in _TOLD.items()
    ]
    yield ",\n  ".join(told)
    yield "  );"
    yield "}"


def _value(option: Option) -> str:
    match option.kind:
        case "text":
            return _quoted(option.shown)
        case "ip":
            return ", ".join(map(str, option.addresses))
        case "bytes":
            return _hex(option.value)


def _literal(value: bytes) -> str:
    return _quoted(value.decode("ascii"))


def _hex(value: bytes) -> str:
    return value.hex(":")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
