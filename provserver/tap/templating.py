"""Administrators' templates of a running provd."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from provserver.core.previews import Previews
from provserver.core.surroundings import Surroundings
from provserver.rest.templates import TemplateParts
from provserver.tap.parts import InThread
from provserver.vendors.installed import LocalPlugins
from provserver.vendors.overrides import LocalOverrides


def templates(
    around: Surroundings, plugins: LocalPlugins, base: str, state: Path, in_thread: InThread, reactor: Any
) -> TemplateParts:
    """`base`: the base URL of phones that are previewed."""
    previews = Previews(
        around.store,
        around.files,
        around.renderer,
        around.resolver,
        around.firmware,
        base,
        lambda: datetime.fromtimestamp(reactor.seconds(), UTC).date(),
    )
    return TemplateParts(LocalOverrides(state / "templates", in_thread, plugins.refresh), previews, in_thread)
