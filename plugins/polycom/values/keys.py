"""Keys that show the state of somebody else's phone; they come after those of the lines."""

from collections.abc import Iterator

from provserver.model import Settings
from provserver.vendors.table import Model

from .words import Pair, text


def monitored(settings: Settings, model: Model) -> Iterator[Pair]:
    """The phone has no other kind: a speed dial is monitored, too. To park is what it does with a key of the type
    `automata` while there is a call."""
    last = model.keys + model.module.keys * model.module.most
    for number, key in settings.keys.items():
        value = text(key, "value")
        if 1 <= number <= last and value:
            prefix = f"attendant.resourceList.{number}"
            yield f"{prefix}.address", value
            yield f"{prefix}.label", text(key, "label") or value
            yield f"{prefix}.type", "automata" if key["type"] == "park" else "normal"
