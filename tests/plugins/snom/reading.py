"""
How a Snom reads its files (Snom's service pages, *XML provisioning*): the root says what a file is, an element is a
setting, `idx` tells those of one name apart, and of two with the same name and `idx` the later one holds.
"""

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping

Read = Mapping[str, tuple[str, ...]]

_PERMISSIONS = {"R", "RW", "!", None}


def read_settings(body: bytes) -> Read:
    """
    Return the settings: `user_name[1]`, `fkey[0]`, `fkey[0]@label`, `context_key[0]/action/url@target`; and as
    `language@perm` who may change one.

    Raises:
        AssertionError, ElementTree.ParseError: the phone could not read it, or would have to choose.
    """
    root = _root(body, "settings")
    found: dict[str, tuple[str, ...]] = {}
    groups = [group.tag for group in root]
    assert groups in (["phone-settings"], ["phone-settings", "functionKeys"]), groups
    for element in (element for group in root for element in group):
        idx = element.get("idx")
        assert idx is None or idx.isdigit(), idx
        assert element.get("perm") in _PERMISSIONS, element.attrib
        key = element.tag if idx is None else f"{element.tag}[{idx}]"
        for path, text in _texts(element, key):
            assert path not in found, f"{path} is there twice"
            found[path] = (text,)
    return found


def read_container(body: bytes) -> tuple[str, ...]:
    """Return the URLs of the files to go on with, in their order."""
    root = _root(body, "setting-files")
    assert {element.tag for element in root} == {"file"}
    return tuple(element.attrib["url"] for element in root)


def read_list(body: bytes, root: str) -> tuple[tuple[str, Mapping[str, str], str], ...]:
    """Return the elements of a list of images or languages: name, attributes, text."""
    return tuple((element.tag, element.attrib, element.text or "") for element in _root(body, root))


def _root(body: bytes, expected: str) -> ElementTree.Element:
    text = body.decode("utf-8")
    assert text.startswith("<?xml "), text[:20]
    root = ElementTree.fromstring(text)
    assert root.tag == expected, root.tag
    return root


def _texts(element: ElementTree.Element, key: str) -> list[tuple[str, str]]:
    found = [(f"{key}@{name}", value) for name, value in element.attrib.items() if name != "idx"]
    if len(element) == 0:
        return [(key, element.text or ""), *found]
    assert not (element.text or "").strip(), key
    for child in element:
        name = child.get("name")
        found.extend(_texts(child, f"{key}/{child.tag}[{name}]" if name else f"{key}/{child.tag}"))
    return found
