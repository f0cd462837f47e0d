"""
What a path is.

A phone reads containers, which name files to be read one after the other, and then those files; the later file has
the last word. So the container of the one device only leads to that device's settings.
"""

from typing import Literal

from provserver.model import FileRule
from provserver.vendors.table import Served

_MODEL = "snom(?P<model>[a-z0-9]{1,8})"
_MAC = "(?P<mac>[0-9a-f]{12})"
_XML = "text/xml"


def _common(pattern: str, name: str, template: str) -> Served:
    rule = FileRule("common", name, template, format="xml", media_type=_XML, secret=False)
    return Served(pattern, rule)


def _stored(source: Literal["static", "firmware"], pattern: str, media_type: str) -> Served:
    rule = FileRule(source, "{path}", "{path}", media_type=media_type, secret=False)
    return Served(f"(?P<path>{pattern})", rule)


FILES = (
    Served(
        rf"{_MAC}\.xml",
        FileRule("device", "{MAC}.xml", "device.tpl", format="xml", media_type=_XML, proves_config=True),
    ),
    # It says nothing of the device, but where its settings are: no `D785.tpl` for them is to stand in for it.
    _common(rf"{_MODEL}-{_MAC}\.htm", "snom{model}-{MAC}.htm", "container.tpl"),
    _common(rf"{_MODEL}\.htm", "snom{model}.htm", "container.tpl"),
    _common(rf"{_MODEL}\.xml", "snom{model}.xml", "status.tpl"),
    _common(rf"{_MODEL}-firmware\.(?P<end>xml|htm)", "snom{model}-firmware.{end}", "firmware.tpl"),
    _common(r"snom-general\.xml", "snom-general.xml", "general.tpl"),
    _common(r"(?P<what>gui|web)_lang\.xml", "{what}_lang.xml", "languages.tpl"),
    _stored("firmware", r"(?:firmware|M[0-9]{2,3})/.+", "application/octet-stream"),
    _stored("static", r"i18n/.+", _XML),
)
