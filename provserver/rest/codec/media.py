"""Media types, as requests name them (contract section 2.3)."""

HOUSE = "application/vnd.proformatique.provd+json"
JSON = "application/json"


def is_json(content_type: str) -> bool:
    """Say whether a body of this `Content-Type` is taken; parameters say nothing about JSON."""
    return _bare(content_type) in (HOUSE, JSON)


def json_type(accept: str | None) -> str | None:
    """Return the type that JSON is answered with, None where the client takes no JSON. `accept` None is "all"."""
    types = {_bare(part) for part in accept.split(",")} if accept is not None else {"*/*"}
    if types & {HOUSE, "application/*", "*/*"}:
        return HOUSE
    return JSON if JSON in types else None


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()
