"""Administrators' templates on the wire, and their shapes."""

from collections.abc import Mapping

from attrs import frozen
from msgspec import UNSET, Struct, UnsetType

from provserver.core.previews import Draft, Previewed
from provserver.errors import Invalid
from provserver.model import Override
from provserver.rest.codec.explaining import time_text
from provserver.rest.codec.values import kind

Text = str | None | UnsetType


class TemplateFields(Struct):
    plugin: str
    name: str
    size: int
    modified: str
    etag: str


class TemplateList(Struct):
    templates: list[TemplateFields]


class PreviewFields(Struct):
    """`device` is an id; without one it is of the `model` of a `plugin`. `file` is a path as the phone asks for it,
    else that of its settings. `text` goes in the place of the template `name`, else in the file's own."""

    device: Text = UNSET
    plugin: Text = UNSET
    model: Text = UNSET
    file: Text = UNSET
    name: Text = UNSET
    text: Text = UNSET


class PreviewOrder(Struct):
    preview: PreviewFields


class PreviewedFields(Struct):
    file: str
    media_type: str
    text: str
    templates: list[str]
    turns: int


class PreviewAnswer(Struct):
    preview: PreviewedFields


@frozen
class Order:
    """What is to be previewed."""

    device: str | None
    plugin: str | None
    model: str | None
    file: str | None
    draft: Draft | None


def template_document(override: Override) -> dict[str, object]:
    return {
        "plugin": override.plugin,
        "name": override.name,
        "size": override.size,
        "modified": time_text(override.modified),
        "etag": override.etag,
    }


def previewed_document(previewed: Previewed) -> dict[str, object]:
    return {
        "file": previewed.file,
        "media_type": previewed.media_type,
        "text": previewed.text,
        "templates": list(previewed.templates),
        "turns": previewed.turns,
    }


def read_order(document: Mapping[str, object]) -> Order:
    """Raises: Invalid, naming the field."""
    known = PreviewFields.__struct_fields__
    for name, value in document.items():
        if name not in known:
            raise Invalid(f"expected {', '.join(known)} only", name[:60])
        if not isinstance(value, str | None):
            raise Invalid(f"expected text, got {kind(value)}", f"preview.{name}")
    said = {name: str(value) for name, value in document.items() if value is not None}
    if "device" not in said and not {"plugin", "model"} <= said.keys():
        raise Invalid("expected a device, or plugin and model", "preview")
    draft = Draft(said.get("name", ""), said["text"]) if "text" in said else None
    return Order(said.get("device"), said.get("plugin"), said.get("model"), said.get("file"), draft)


def read_text(body: object) -> str:
    """Return the text of a template. Raises: Invalid."""
    assert isinstance(body, bytes)
    try:
        return body.decode()
    except UnicodeDecodeError as problem:
        raise Invalid(f"expected UTF-8, byte {problem.start} is not") from None
