"""Pages of the PBX for phones and their users, like the phonebook: wazo-phoned's, version 0.1."""

from collections.abc import Mapping
from urllib.parse import quote

from provserver.address import url_host

_SCHEME, _PORT = "http", 9498


def service_url(said: Mapping[str, object], path: str) -> str:
    """
    Return the address of a page, "" where the PBX has none for this user.

    `{user}` in the path is the user: `directories/input/default/snom?xivo_user_uuid={user}`.
    """
    host, user = (str(said.get(f"X_xivo_{name}", "")) for name in ("phonebook_ip", "user_uuid"))
    if not host or not user:
        return ""
    scheme = said.get("X_xivo_phonebook_scheme") or _SCHEME
    port = said.get("X_xivo_phonebook_port") or _PORT
    return f"{scheme}://{url_host(host)}:{port}/0.1/{path.format(user=quote(user, safe=''))}"
