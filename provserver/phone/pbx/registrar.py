"""
Who is registered at the test PBX, as Asterisk keeps it (pbx-facts section 2): the answer to a REGISTER lists all
contacts of the account, `Contact: *` takes them all off, and a contact is where its packets come from.
"""

from collections.abc import Sequence

from attrs import evolve, frozen

from provserver.errors import Invalid
from provserver.phone.sip.messages import seconds
from provserver.phone.sip.transactions import Address
from provserver.sip.message import Headers, Request, listed
from provserver.sip.uri import Uri, read_name_addr

MOST_S = 300  # keeps a NAT open
_EVERYBODY = "*"


@frozen
class Binding:
    contact: Uri
    address: Address
    until: float


class Registrar:
    def __init__(self) -> None:
        self._bindings: dict[str, tuple[Binding, ...]] = {}

    def bindings(self, user: str, now: float) -> Sequence[Binding]:
        return tuple(each for each in self._bindings.get(user, ()) if each.until > now)

    def register(self, user: str, request: Request, source: Address, most: int, now: float) -> Headers:
        """
        Change who is registered; return the headers of the 200. `most` contacts stay, the newest.

        Raises:
            Invalid: a contact cannot be read, or `*` comes with a time.
        """
        contacts, default = listed(request.all("Contact")), seconds(request.first("Expires"))
        kept = list(self.bindings(user, now))
        if contacts == (_EVERYBODY,):
            if default != 0:
                raise Invalid("Contact * without Expires: 0")
            kept = []
        else:
            for text in contacts:
                binding = _binding(text, default, source, now)
                kept = [each for each in kept if not _same(each, binding)]
                kept += [binding] if binding.until > now else []
        self._bindings[user] = tuple(kept[-most:])
        return tuple(
            ("Contact", f"<{each.contact}>;expires={round(each.until - now)}")
            for each in self._bindings[user]
        )


def _binding(text: str, default: int | None, source: Address, now: float) -> Binding:
    contact = read_name_addr(text)
    own = seconds(contact.params.get("expires", ""))
    asked = next((each for each in (own, default) if each is not None), MOST_S)
    uri, ip = contact.uri, source[0]
    behind = f"{uri.host}:{uri.port or 5060}"
    host = f"[{ip}]" if ":" in ip else ip
    params = dict(uri.params)
    if behind != f"{host}:{source[1]}":
        params["x-ast-orig-host"] = behind
    rewritten = evolve(uri, host=host, port=source[1], params=params)
    return Binding(rewritten, source, now + min(asked, MOST_S))


def _same(one: Binding, other: Binding) -> bool:
    return one.address == other.address and one.contact.params.get("line") == other.contact.params.get("line")
