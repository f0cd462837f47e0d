"""
How a Yealink phone reads its files (auto provisioning guide V86, "Configuration files": the version line is
mandatory and first, `#` begins a comment line, a value ends with its line, blanks round it are dropped).
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")


def read_config(body: bytes) -> Mapping[str, tuple[str, ...]]:
    """Raises: AssertionError, with the line that the phone would not take."""
    first, *lines, end = body.decode("utf-8").split("\n")
    assert first == "#!version:1.0.0.1", first
    assert end == "", "the last line has no end"
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        key, _, value = line.partition(" = ")
        assert value and value == value.strip() and _KEY.fullmatch(key), repr(line)
        found[key] = (*found.get(key, ()), value)
    return found


def read_directory_setting(body: bytes) -> Mapping[str, tuple[str, str]]:
    """Return, by id, what is shown and whether it is."""
    root = ElementTree.fromstring(body.decode("utf-8"))
    assert root.tag == "root_favorite_set"
    return {item.attrib["id_name"]: (item.attrib["display_name"], item.attrib["enable"]) for item in root}


def read_pem(body: bytes) -> tuple[str, ...]:
    """Return the certificates and keys of a PEM file (RFC 7468), each with its line ends."""
    blocks = re.findall(r"-----BEGIN [A-Z ]+-----\n[^-]+-----END [A-Z ]+-----\n", body.decode("ascii"))
    assert "".join(blocks).encode() == body, body
    return tuple(blocks)
