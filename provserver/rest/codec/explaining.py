"""Answers, timelines and status on the wire, and the question that *explain* is asked."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import cast, get_args
from urllib.parse import parse_qsl

from provserver.address import normal_ip, normal_mac, normal_path
from provserver.core.explain import printable, sentence
from provserver.errors import Invalid
from provserver.model import Answer, Asked, Presence, Protocol, Sighting, Status, Step

_METHODS = ("GET", "HEAD", "POST", "PUT")
_NAMES = ("protocol", "ip", "mac", "path", "user_agent", "key", "method", "certificate")


def read_sighting(query: Mapping[str, str], at: float, base: str) -> Sighting:
    """
    Return the sighting that is asked about: a phone at `ip` that asks for `path`, which may end in `?a=b`.

    Raises:
        Invalid: a parameter that is missing, unknown or wrong.
    """
    for name in query:
        if name not in _NAMES:
            raise Invalid(f"no such parameter; there are {', '.join(_NAMES)}", name[:60])
    protocol = _one_of(query, "protocol", get_args(Protocol))
    if "ip" not in query:
        raise Invalid("expected the address of the phone", "ip")
    path, _, parameters = query.get("path", "").partition("?")
    return Sighting(
        cast(Protocol, protocol),
        at,
        _read(query, "ip", normal_ip),
        base,
        path=_named("path", normal_path, path),
        key=query.get("key", ""),
        method=_one_of(query, "method", _METHODS),
        query=tuple(parse_qsl(parameters, keep_blank_values=True)),
        user_agent=query.get("user_agent", ""),
        mac=_read(query, "mac", normal_mac) if query.get("mac") else "",
        certificate=(query["certificate"],) if query.get("certificate") else (),
    )


def explain_document(answer: Answer, device: str | None) -> dict[str, object]:
    """`device`: the answer's, if it exists already."""
    return {
        "outcome": answer.outcome,
        "device": device,
        "file": printable(answer.file.name) if answer.file else None,
        "steps": _steps(answer.steps),
    }


def asked_document(asked: Asked) -> dict[str, object]:
    document: dict[str, object] = {
        "at": time_text(asked.at),
        "protocol": asked.protocol,
        "ip": asked.ip,
        "path": printable(asked.path),
        "outcome": asked.answer.outcome,
        "steps": _steps(asked.answer.steps),
    }
    return document | ({"file": printable(asked.answer.file.name)} if asked.answer.file else {})


def status_document(
    status: Status, twins: Iterable[str], better_plugin: str | None, presence: Presence | None
) -> dict[str, object]:
    """`twins`: those that the asker may know of."""
    return {
        "configured": status.configured,
        "steps": _steps(status.steps),
        "twins": list(twins),
        "ignored_settings": [_ignored(step) for step in status.ignored],
        "better_plugin": better_plugin,
        "presence": _presence_document(presence) if presence else None,
    }


def _ignored(step: Step) -> dict[str, str]:
    return {"setting": step.values[0], "reason_id": step.reason_id, "text": sentence(step)}


def _presence_document(presence: Presence) -> dict[str, object]:
    return {
        "ip": presence.ip,
        "proven_ip": presence.proven_ip,
        "version": presence.version,
        "seen": time_text(presence.seen) if presence.seen else None,
        "sip_username": presence.username,
        "fetched": dict(presence.fetched),
    }


def _steps(steps: Iterable[Step]) -> list[dict[str, str]]:
    return [{"step": step.name, "reason_id": step.reason_id, "text": sentence(step)} for step in steps]


def time_text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _one_of(query: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """Without a value it is the first choice."""
    value = query.get(name, choices[0])
    if value not in choices:
        raise Invalid(f"expected one of {', '.join(choices)}, got {value[:60]!r}", name)
    return value


def _read(query: Mapping[str, str], name: str, read: Callable[[str], str]) -> str:
    return _named(name, read, query[name])


def _named(name: str, read: Callable[[str], str], text: str) -> str:
    try:
        return read(text)
    except Invalid as problem:
        raise Invalid(problem.text, name) from None
