"""
Settings in Polycom's words: parameters, which are the attributes of one XML element.

All that is not in a file goes back to its default when the phone starts, but for `device.*`, which it keeps in its
flash: those are always written. No parameter may stand twice, or the phone takes nothing of the file.
"""

import json
from collections.abc import Iterator, Mapping

from provserver.vendors.table import Draft

from ..images import APPLICATION, BOOTBLOCK
from .accounts import account
from .clock import clock
from .generations import GENERATIONS, Generation
from .keys import monitored
from .phone import authorities, language, network, phonebook, srtp, switchboard, tones, web_users
from .words import FIXED, UC_FIXED, Pair, Said


def values(draft: Draft) -> Mapping[str, object]:
    """Return what the templates use."""
    generation = GENERATIONS[draft.release.plugin]
    own = draft.rule.source == "device"
    return {
        "root": generation.root,
        "parameters": tuple(_own(draft, generation)) if own else generation.common,
        "master": tuple(_master(draft, generation)),
        "bootblock": draft.image(BOOTBLOCK),
    }


def _master(draft: Draft, generation: Generation) -> Iterator[Pair]:
    """The phone itself puts its part number before the application's name, so one name is for all images; without a
    name it keeps the firmware that it has."""
    images = draft.release.images
    any_is_here = any(draft.image(what) for what in images if what != BOOTBLOCK)
    yield "APP_FILE_PATH", images[APPLICATION] if any_is_here else ""
    yield "CONFIG_FILES", ", ".join(generation.files)
    yield from generation.folders


def _own(draft: Draft, generation: Generation) -> Iterator[Pair]:
    said, lines = draft.settings.values, _lines(draft)
    yield from FIXED
    if generation.uc:
        yield from UC_FIXED
    yield from network(said, generation.uc)
    yield from web_users(said)
    yield from srtp(said, lines)
    if generation.uc:
        yield from authorities(said)
    yield from clock(said, draft.today)
    yield from language(said)
    yield from tones(said, lines)
    for number, line in lines.items():
        yield from account(number, line, said)
    if draft.model:
        yield from monitored(draft.settings, draft.model)
    if draft.model is None or "no-browser" not in draft.model.traits:
        yield from phonebook(said, generation.uc)
    if generation.uc:
        options = json.loads(draft.device.options) if draft.device else {}
        yield from switchboard(bool(options.get("switchboard")))


def _lines(draft: Draft) -> Mapping[int, Said]:
    """Return the lines, in their order, that the phone has room for."""
    most = draft.model.lines if draft.model else None
    return {number: line for number, line in draft.settings.lines.items() if most is None or number <= most}
