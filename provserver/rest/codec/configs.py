"""Configs on the wire (contract section 7)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from provserver.errors import Invalid
from provserver.model import Config
from provserver.rest.codec.values import flag, kind, text, write_json

_DEFAULTS: Mapping[str, object] = {"role": None, "transient": False, "deletable": True}


def config_document(config: Config) -> dict[str, object]:
    """Return the document as it was sent: what a client left out and has its default stays out."""
    document: dict[str, object] = msgspec.json.decode(config.other)
    document |= {
        "id": config.id,
        "parent_ids": list(config.parents),
        "raw_config": msgspec.json.decode(config.raw),
    }
    values = {name: getattr(config, name) for name in _DEFAULTS}
    return document | {name: value for name, value in values.items() if value != _DEFAULTS[name]}


def read_config(document: Mapping[str, object], config_id: str) -> Config:
    """
    Return the config that a client describes; whether its raw config is valid is not looked at.

    Raises:
        Invalid: a field is missing, or has a value that it cannot have.
    """
    if document.get("X_type") == "device":
        document = without_nulls(document)  # contract section 12.4: the web interface writes them
    values: dict[str, Any] = {
        "role": text(document, "role"),
        "transient": flag(document, "transient", False),
        "deletable": flag(document, "deletable", True),
    }
    said = {name for name, value in values.items() if value != _DEFAULTS[name]}
    named = {"id", "parent_ids", "raw_config"} | said
    other = {name: value for name, value in document.items() if name not in named}
    return Config(
        config_id, _parents(document), write_json(_raw(document)), **values, other=write_json(other)
    )


def without_nulls(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return objects at any depth without their nulls; those in lists stay (contract section 7)."""
    return {
        name: without_nulls(value) if isinstance(value, dict) else value
        for name, value in document.items()
        if value is not None
    }


def _parents(document: Mapping[str, object]) -> tuple[str, ...]:
    parents = document.get("parent_ids")
    if not isinstance(parents, list):
        raise Invalid(f"expected a list of ids, got {_got(document, 'parent_ids')}", "parent_ids")
    for at, parent in enumerate(parents):
        if not isinstance(parent, str):
            raise Invalid(f"expected an id, got {kind(parent)}", f"parent_ids.{at}")
    return tuple(parents)


def _raw(document: Mapping[str, object]) -> object:
    raw = document.get("raw_config")
    if not isinstance(raw, dict):
        raise Invalid(f"expected an object, got {_got(document, 'raw_config')}", "raw_config")
    return raw


def _got(document: Mapping[str, object], name: str) -> str:
    return kind(document[name]) if name in document else "nothing"
