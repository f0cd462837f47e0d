"""Settings in Snom's words: a function for each template."""

from collections.abc import Callable, Mapping

from provserver.vendors.table import Draft

from .common import container, firmware, general, languages, status
from .dect import base
from .desk import phone
from .words import dect_of

_MAKERS: Mapping[str, Callable[[Draft], Mapping[str, object]]] = {
    "container.tpl": container,
    "device.tpl": lambda draft: base(draft) if dect_of(draft) else phone(draft),
    "firmware.tpl": firmware,
    "general.tpl": general,
    "languages.tpl": languages,
    "status.tpl": status,
}


def values(draft: Draft) -> Mapping[str, object]:
    """Return what the template uses. Raises: Unfit: a key's value with `|`, a host with `;`, an eleventh server."""
    return {"base_url": draft.settings.base_url, **_MAKERS[draft.rule.template](draft)}
