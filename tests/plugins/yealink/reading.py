"""
How a Yealink phone reads its files (auto provisioning guide V86, "Configuration files": the version line is
mandatory and first, `#` begins a comment line, a value ends with its line, blanks round it are dropped).
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping

_LINE = re.compile(r"([A-Za-z][A-Za-z0-9_.]*) = (\S|\S.*\S)")


def read_config(body: bytes) -> Mapping[str, tuple[str, ...]]:
    """Raises: AssertionError, with the line that the phone would not take."""
    first, *lines, end = body.decode("utf-8").split("\n")
    assert first == "#!version:1.0.0.1", first
    assert end == "", "the last line has no end"
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        assert match, repr(line)
        found[match[1]] = (*found.get(match[1], ()), match[2])
    return found


def read_directory_setting(body: bytes) -> Mapping[str, tuple[str, str]]:
    """Return, by id, what is shown and whether it is."""
    root = ElementTree.fromstring(body.decode("utf-8"))
    assert root.tag == "root_favorite_set"
    return {item.attrib["id_name"]: (item.attrib["display_name"], item.attrib["enable"]) for item in root}
