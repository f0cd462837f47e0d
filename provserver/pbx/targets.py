"""By what a phone can be told: one contact, its account, or its address."""

from provserver.errors import NotResynced
from provserver.pbx.interfaces import Target


def account_of(target: Target, shared: frozenset[str]) -> str:
    """
    Return the account whose contacts may all be told, "" where only the target's contact or address may be.
    `shared` are accounts that several phones have.

    Raises:
        NotResynced: there is nothing by which this phone alone could be told.
    """
    own = target.account if target.account not in shared else ""
    if not (own or target.contact or target.ip):
        if target.account:
            raise NotResynced(
                "resync.shared-account",
                f"several phones have the account {target.account}: a contact is needed",
            )
        raise NotResynced("resync.no-target", "neither an account, a contact nor an address of it is known")
    return own
