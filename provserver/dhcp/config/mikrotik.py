"""The words of MikroTik RouterOS (7.16 and later)."""

import re
from collections.abc import Iterator

from provserver.dhcp.config.plan import LEASE_S, Plan, summary
from provserver.dhcp.config.rules import Option, Rule

_SERVER = "provd"
_ALL = "provd-all"  # the options for those that no matcher knows


def mikrotik(plan: Plan) -> str:
    """Return commands for a terminal of the router."""
    lan = plan.lan
    interface = lan.interface or "bridge"
    network = [
        f"address={lan.subnet}",
        *([f"gateway={lan.router}"] if lan.router else []),
        *([f"dns-server={','.join(map(str, lan.dns))}"] if lan.dns else []),
        f"dhcp-option-set={_ALL}",
    ]
    lines = (
        *(f"# {line}" for line in summary(plan, "mikrotik")),
        "# RouterOS cannot look at the first half of a MAC address. Phones whose option 60 it does not know are",
        "# given the first value of each option.",
        "",
        "/ip pool",
        f"add name={_SERVER} ranges={lan.first}-{lan.last}",
        "/ip dhcp-server option",
        *(line for rule in plan.rules for line in _options(rule)),
        "/ip dhcp-server option sets",
        f"add name={_ALL} options={_quoted(','.join(_first_of_each(plan)))}",
        *(f"add name={rule.name} options={_quoted(','.join(_names(rule)))}" for rule in plan.rules),
        "/ip dhcp-server",
        f"add name={_SERVER} interface={interface} address-pool={_SERVER} lease-time={LEASE_S}s disabled=no",
        "/ip dhcp-server network",
        f"add {' '.join(network)}",
        "/ip dhcp-server matcher",
        *(line for rule in plan.rules for line in _matchers(rule)),
        "",
        *(f"# {line}" for line in _HOOK),
    )
    return "\n".join(lines) + "\n"


_HOOK = (
    "The router has no program that could tell provd of leases. provd learns a phone when it asks for its files;",
    "where that is too late, have the lease-script post to provd's REST API (docs/dhcp.md, MikroTik).",
)


def _names(rule: Rule) -> tuple[str, ...]:
    return tuple(f"{rule.name}-{option.code}" for option in rule.options)


def _first_of_each(plan: Plan) -> tuple[str, ...]:
    first: dict[int, str] = {}
    for rule in plan.rules:
        for option, name in zip(rule.options, _names(rule), strict=True):
            first.setdefault(option.code, name)
    return tuple(first.values())


def _options(rule: Rule) -> Iterator[str]:
    for option, name in zip(rule.options, _names(rule), strict=True):
        yield f"add name={name} code={option.code} {_value(option)} force=yes"


def _value(option: Option) -> str:
    """Return the bytes, which no kind of quotes can be mistaken in, and the text beside them."""
    return f"value=0x{option.value.hex()} comment={_quoted(option.shown)}"


def _matchers(rule: Rule) -> Iterator[str]:
    """Yield one matcher a pattern: it knows one word, so the longer of beginning and end stands for both."""
    for number, pattern in enumerate(rule.patterns, 1):
        word = max(pattern.start, pattern.end, key=len).decode("ascii")
        yield (
            f"add name={rule.name}-{number} server={_SERVER} code=60 matching-type=substring"
            f" value={_quoted(word)} option-set={rule.name}"
        )


def _quoted(text: str) -> str:
    """Return text as RouterOS reads it: anything that could mean something there is `\\` and its number in hex."""
    return '"' + re.sub(r"[^A-Za-z0-9 .,:/_-]", lambda match: f"\\{ord(match[0]):02X}", text) + '"'
