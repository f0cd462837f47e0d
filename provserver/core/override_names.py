"""Names of administrators' templates: what may stand in them, so that they are names of files and of nothing else."""

import re

from provserver.core.templates import OWN
from provserver.errors import Invalid

# Letters and digits first: neither a hidden file nor a way up. Models and files of phones have no other characters.
_PART = r"[A-Za-z0-9_][A-Za-z0-9_ .()+,=@-]{0,119}"
_NAME = re.compile(rf"(?:{_PART}/){{0,2}}(?:{_PART})?[A-Za-z0-9_)]\.tpl")
_PLUGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_override(plugin_id: str, name: str) -> None:
    """
    See that a template may have this name.

    Raises:
        Invalid: naming what is wrong with it.
    """
    if not _PLUGIN.fullmatch(plugin_id):
        raise Invalid(f"no plugin has the id {plugin_id[:60]!r}", "plugin")
    if not _NAME.fullmatch(name) or name.startswith(OWN):
        raise Invalid(
            f"expected a name like T46S.tpl, of letters, digits and `_ .()+,=@-`, got {name[:60]!r}", "name"
        )
