"""
How a Polycom reads its files (*Administrators' Guide*, "Configuration Files").

One well-formed element, whose attributes are the parameters: `config` up to firmware 3, `polycomConfig` from 4.0.
An attribute that stands twice makes the file ill-formed, and the phone takes nothing of it. What goes into the flash
(`device.*`) needs a `.set` beside it.
"""

from collections.abc import Mapping
from xml.parsers.expat import ParserCreate

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Element = tuple[str, dict[str, str]]


def _elements(body: bytes) -> list[Element]:
    """Raises: ExpatError, AssertionError: the phone would not take it."""
    assert body.startswith(_DECLARATION), body[:80]
    assert body.endswith(b">\n"), body[-20:]
    assert b"\r" not in body
    found: list[Element] = []
    texts: list[str] = []
    parser = ParserCreate("UTF-8")
    parser.StartElementHandler = lambda name, attributes: found.append((name, attributes))
    parser.CharacterDataHandler = texts.append
    parser.Parse(body, True)
    assert not "".join(texts).strip(), texts
    return found


def read_parameters(body: bytes, *roots: str) -> Mapping[str, tuple[str, ...]]:
    ((name, parameters),) = _elements(body)
    assert name in (roots or ("config", "polycomConfig")), name
    for key in parameters:
        if key.startswith("device.") and not key.endswith(".set") and key != "device.set":
            assert parameters.get(f"{key}.set") == parameters.get("device.set", "1") == "1", key
    return {key: (value,) for key, value in parameters.items()}


def read_master(body: bytes) -> Mapping[str, str]:
    """Return the attributes of the element and, with its name before them, those of its children."""
    (root, own), *children = _elements(body)
    assert root == "APPLICATION", root
    inner = {f"{name}/{key}": value for name, attributes in children for key, value in attributes.items()}
    return {**own, **inner}
