"""Masking: a change as the history may show it."""

from provserver.core.secrets import masked as masked_document
from provserver.model import Delete, Put


def masked(change: Put | Delete) -> Put | Delete:
    """Return a change without secrets. The unique keys go too: one of them is a tenant's provisioning key."""
    return Put(masked_document(change.document), change.expected) if isinstance(change, Put) else change
