"""
How a CallManager phone reads its files: one XML document, each element once, but for those that an attribute tells
apart (`<member priority="0">`, `<line button="1">`).
"""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping


def read(body: bytes, root: str = "device") -> Mapping[str, tuple[str, ...]]:
    """Return the texts by their path, `devicePool/callManagerGroup/members/member[0]/callManager/processNodeName`.
    Raises: AssertionError, ElementTree.ParseError: the phone could not read it."""
    element = ElementTree.fromstring(body.decode("utf-8"))
    assert element.tag == root, element.tag
    found: dict[str, tuple[str, ...]] = {}
    for path, text in _leaves(element, ""):
        assert path not in found, f"{path} is there twice"
        found[path] = (text,)
    return found


def _leaves(element: ElementTree.Element, path: str) -> Iterator[tuple[str, str]]:
    if len(element) == 0:
        yield path, element.text or ""
    for child in element:
        assert not (element.text or "").strip() and not (child.tail or "").strip(), path
        number = next(iter(child.attrib.values()), None)
        name = child.tag if number is None else f"{child.tag}[{number}]"
        yield from _leaves(child, f"{path}/{name}" if path else name)
