"""A phone's user and password for its provisioning server: HTTP digest, the client's side (RFC 7616)."""

import secrets
from collections.abc import Callable
from functools import partial

from attrs import evolve, field, frozen

from provserver.errors import Invalid
from provserver.phone.http_message import method_of, target_of
from provserver.phone.values import Fetch, Fetched
from provserver.sip.digest import answer, strongest

_UNAUTHORIZED = 401


@frozen
class Login:
    user: str
    password: str = field(repr=False)
    new_cnonce: Callable[[], str] = field(default=partial(secrets.token_hex, 8), repr=False)

    def answer(self, fetch: Fetch, fetched: Fetched) -> Fetch | None:
        """Return the request to be sent again where a password was asked for that can be given by digest."""
        if fetched.status != _UNAUTHORIZED:
            return None
        try:
            challenge = strongest(fetched.headers.get("www-authenticate", "").split("\n"))
        except Invalid:
            return None
        said = answer(
            challenge, self.user, self.password, method_of(fetch), target_of(fetch), self.new_cnonce()
        )
        return evolve(fetch, headers={**fetch.headers, "Authorization": str(said)})
