"""The words of Kea DHCPv4 (2.2 and later)."""

import json
from collections.abc import Iterable

from provserver.dhcp.config.plan import LEASE_S, Plan, summary, wrapper
from provserver.dhcp.config.rules import Option, Pattern, Rule

_BY_OPTION_60 = "provd-option-60"  # the class of phones that some rule knows by their option 60


def kea(plan: Plan, library: str) -> str:
    """Return the text of a `kea-dhcp4.conf`. `library` is the path of `libdhcp_run_script.so`."""
    lan = plan.lan
    subnet = {
        "id": 1,
        "subnet": str(lan.subnet),
        "pools": [{"pool": f"{lan.first} - {lan.last}"}],
        "option-data": [
            *([{"name": "routers", "data": str(lan.router)}] if lan.router else []),
            *([{"name": "domain-name-servers", "data": ", ".join(map(str, lan.dns))}] if lan.dns else []),
        ],
    }
    classes = _classes(plan.rules)
    server = {
        "interfaces-config": {"interfaces": [lan.interface or "*"]},
        "lease-database": {"type": "memfile", "lfc-interval": 3600},
        "valid-lifetime": LEASE_S,
        **({"client-classes": classes} if classes else {}),  # Kea takes no empty list here
        "subnet4": [subnet],
        "hooks-libraries": [
            {
                "library": library,
                # Kea goes on without waiting for the program.
                "parameters": {"name": plan.hook, "sync": False},
            }
        ],
    }
    lines = [*summary(plan, "kea"), "The hook at the end tells provd of every lease.", *wrapper(plan)]
    return "".join(f"// {line}\n" for line in lines) + json.dumps({"Dhcp4": server}, indent=2) + "\n"


def _classes(rules: Iterable[Rule]) -> list[dict[str, object]]:
    known = [_by_option_60(rule) for rule in rules if rule.patterns]
    classes: list[dict[str, object]] = []
    if known:
        comment = "Phones that some class below knows by their option 60: their MAC address does not matter."
        classes.append({"name": _BY_OPTION_60, "comment": comment, "test": " or ".join(known)})
    classes += [
        {
            "name": rule.name,
            "comment": rule.source,
            "test": _test(rule),
            "option-data": [_option(option) for option in rule.options],
        }
        for rule in rules
        if rule.patterns or rule.ouis
    ]
    return classes


def _test(rule: Rule) -> str:
    tests = []
    if rule.patterns:
        earlier = [f"not member('{name}')" for name in rule.after]
        tests.append(" and ".join([*earlier, f"({_by_option_60(rule)})"]))
    if rule.ouis:
        macs = " or ".join(f"substring(pkt4.mac, 0, 3) == {_hex(oui)}" for oui in rule.ouis)
        tests.append(f"not member('{_BY_OPTION_60}') and ({macs})")
    return " or ".join(f"({test})" for test in tests)


def _by_option_60(rule: Rule) -> str:
    return " or ".join(map(_matches, rule.patterns))


def _matches(pattern: Pattern) -> str:
    """Return the condition; the NUL that some phones put behind is no part of what they say."""
    start, end = pattern.start, pattern.end
    if pattern.exact:
        return f"(option[60].hex == {_literal(start)} or option[60].hex == {_hex(start + bytes(1))})"
    begins = f"substring(option[60].hex, 0, {len(start)}) == {_literal(start)}"
    if not end:
        return begins
    ends = f"substring(option[60].hex, -{len(end)}, all) == {_literal(end)}"
    ends_with_nul = f"substring(option[60].hex, -{len(end) + 1}, all) == {_hex(end + bytes(1))}"
    return f"({begins} and ({ends} or {ends_with_nul}))"


def _option(option: Option) -> dict[str, object]:
    """Return an option as bytes, so that neither its definition nor a comma in it matters, and given unasked."""
    text = option.value.decode("latin-1")
    readable = option.kind == "text" and "'" not in text and "\\" not in text
    return {
        "code": option.code,
        **({} if readable else {"comment": option.shown}),
        "csv-format": False,
        "data": f"'{text}'" if readable else option.value.hex(),
        "always-send": True,
    }


def _literal(value: bytes) -> str:
    text = value.decode("ascii")
    return _hex(value) if "'" in text or "\\" in text else f"'{text}'"


def _hex(value: bytes) -> str:
    return f"0x{value.hex()}"
