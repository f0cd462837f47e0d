"""What the simulated phone prints: text for people, or one JSON object a boot. Pure: values in, lines out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from shlex import quote
from urllib.parse import urlsplit

from attrs import asdict

from provserver.phone.fetching import wait_s
from provserver.phone.values import Account, Display, Exchange, Fetched, Key, Phone, Profile, Report

_ROW = "{:>3}  {:<26}  {:<26}  {:>9}  {:>8}"
_MOST_PROBLEMS = 20
_FACTORY = "factory default"


def title(phone: Phone, vendor: str, doing: str) -> Iterator[str]:
    """Return what is about to happen; `doing`: `boots from http://127.0.0.1:8667`."""
    source = f"  from {phone.source}" if phone.source else ""
    yield f"{vendor} {phone.model}  {phone.mac}  firmware {phone.version}{source}"
    yield doing


def heading() -> str:
    return _ROW.format("", "file", "answer", "bytes", "ms").rstrip()


def row(number: int, exchange: Exchange) -> str:
    """Return the line of one request: it can be shown before the next is made."""
    fetched = exchange.fetched
    ms = f"{exchange.took_s * 1000:.1f}"
    return _ROW.format(
        number, _printable(exchange.fetch.name), _answer(fetched), f"{len(fetched.body):,}", ms
    )


def event(at_s: float, text: str) -> str:
    """Return the line of something that happened so long after the beginning."""
    return f"{at_s:>7.2f} s  {_printable(text)}"


def screen(report: Report, user_agent: str) -> Iterator[str]:
    """Return what stands on a phone's display; where nothing came, what to do about it."""
    assert report.booted is not None
    display, problems = report.booted.display, report.booted.problems
    yield ""
    if report.provisioned:
        yield "Provisioned. The phone now shows:"
    else:
        yield "Not provisioned."
        yield from _hint(report.exchanges, problems, report.phone.source or "127.0.0.1", user_agent)
    if report.provisioned or display.accounts:
        yield from _display(display)
    if problems:
        yield ""
        yield "What the phone could not use:"
        yield from (f"  {_printable(problem)}" for problem in problems[:_MOST_PROBLEMS])
        if len(problems) > _MOST_PROBLEMS:
            yield f"  and {len(problems) - _MOST_PROBLEMS:,} more"


def as_json(report: Report) -> str:
    """Return a report as one line: the phone, its requests, what it displays. No secret is in it."""
    requests = [
        {
            "file": exchange.fetch.name,
            "status": exchange.fetched.status,
            "bytes": len(exchange.fetched.body),
            "seconds": round(exchange.took_s, 6),
            "after_s": exchange.fetch.after_s,
            "problem": exchange.fetched.problem,
        }
        for exchange in report.exchanges
    ]
    booted = report.booted
    return json.dumps(
        {
            "phone": asdict(report.phone),
            "provisioned": report.provisioned,
            "requests": requests,
            "display": asdict(booted.display) if booted else None,
            "problems": booted.problems if booted else (report.problem,),
        }
    )


def summary(reports: Sequence[Report], took_s: float) -> Iterator[str]:
    """Return one line for each of many phones, and one for all."""
    heading = ("phone", "from", "files", "bytes", "ms", "result")
    yield from table([heading, *map(_phone_row, reports)], right=(2, 3, 4))
    yield ""
    good = sum(report.provisioned for report in reports)
    requests = sum(len(report.exchanges) for report in reports)
    size = sum(len(exchange.fetched.body) for report in reports for exchange in report.exchanges)
    yield f"{good} of {len(reports)} provisioned: {requests:,} requests, {size:,} bytes in {took_s:.2f} s"


def catalogue(profiles: Mapping[str, Profile]) -> Iterator[str]:
    rows = [
        (name, model, version)
        for name, profile in profiles.items()
        for model, version in profile.models.items()
    ]
    yield from table([("vendor", "model", "firmware"), *rows])


def _hint(
    exchanges: Sequence[Exchange], problems: Sequence[str], ip: str, user_agent: str
) -> tuple[str, ...]:
    """Say what to do next for a phone that got no configuration, by the answers that it got."""
    statuses = {exchange.fetched.status for exchange in exchanges}
    if HTTPStatus.SERVICE_UNAVAILABLE in statuses:
        return ("The server is busy, or has seen too many new phones from this address: try again later.",)
    if any(status == 0 or status >= HTTPStatus.INTERNAL_SERVER_ERROR for status in statuses):
        return ("The server failed; its log says why.",)
    if problems:
        return ("What came was not a configuration that this phone can read.",)
    asked_for = [exchange for exchange in exchanges if exchange.fetch.method != "PUT"]
    missing = [each for each in asked_for if each.fetched.status == HTTPStatus.NOT_FOUND]
    path = _printable((missing or asked_for)[-1].fetch.name)
    protocol = urlsplit(exchanges[-1].fetch.url).scheme
    asked = f"    -d protocol={protocol} -d ip={ip} -d path={quote(path)}"
    named = f" \\\n    --data-urlencode {quote(f'user_agent={user_agent}')}" if protocol == "http" else ""
    return (
        "The server has nothing for this phone. Ask it why, with the address that the phone asked from:",
        '  curl -sG http://127.0.0.1:8666/0.2/explain -H "X-Auth-Token: $(cat var/admin-token)" \\',
        asked + named,
    )


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Iterator[str]:
    """Return rows in columns as wide as what they hold; those in `right` end together. `-` is nothing."""
    cells = [[_printable(cell) or "-" for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"  {'  '.join(padded)}".rstrip()


def _phone_row(report: Report) -> tuple[str, ...]:
    size = sum(len(exchange.fetched.body) for exchange in report.exchanges)
    took_s = sum(exchange.fetch.after_s + exchange.took_s for exchange in report.exchanges)
    labels = [account.label for account in report.booted.display.accounts] if report.booted else []
    result = (
        f"provisioned: {', '.join(labels)}" if report.provisioned else report.problem or "not provisioned"
    )
    numbers = (str(len(report.exchanges)), f"{size:,}", f"{took_s * 1000:.1f}")
    return (report.phone.mac, report.phone.source or "-", *numbers, result)


def _answer(fetched: Fetched) -> str:
    if fetched.problem:
        return f"{fetched.status or '-'} {_printable(fetched.problem)}"
    if fetched.said:
        return _printable(fetched.said)
    delay_s = wait_s(fetched)
    if delay_s is not None:
        return f"{fetched.status} busy: again in {delay_s} s"
    try:
        return f"{fetched.status} {HTTPStatus(fetched.status).phrase.lower()}"
    except ValueError:
        return str(fetched.status)


def _display(display: Display) -> Iterator[str]:
    yield ""
    if display.call_managers:
        yield f"  call managers  {_printable(', '.join(display.call_managers))}"
        yield "  (accounts and keys come from there)"
    elif display.accounts:
        heading = ("account", "label", "display name", "user name", "server", "password", "state")
        yield from table([heading, *map(_account_row, display.accounts)])
    else:
        yield "  no account"
    if display.keys:
        yield ""
        yield from table([("key", "type", "label", "value", "account"), *map(_key_row, display.keys)])
    yield ""
    yield f"  language   {_printable(display.language) or _FACTORY}"
    yield f"  time zone  {_printable(display.time_zone) or _FACTORY}"


def _account_row(account: Account) -> tuple[str, ...]:
    return (
        str(account.number),
        account.label,
        account.display_name,
        account.user_name,
        f"{account.server} {account.transport}" if account.server else "",
        "set" if account.password_set else "",
        "on" if account.enabled else "off",
    )


def _key_row(key: Key) -> tuple[str, ...]:
    return (key.place, key.type, key.label, key.value, "" if key.account is None else str(key.account))


def _printable(text: str) -> str:
    """What a server sends may hold anything; a terminal is shown no control characters."""
    return "".join(character if character.isprintable() else "�" for character in text)
