"""Key geometry: where the key with a number sits, on the phone and then on its expansion modules."""

from functools import lru_cache

from attrs import frozen


@frozen
class Bank:
    """
    Keys that are named alike: those of the phone itself, or of its expansion modules, each after the other.

    `name` is the vendor's, with `{key}` and `{module}`, both from 1: `expansion_module.{module}.key.{key}`.
    """

    name: str
    keys: int  # of each module
    modules: int = 1


@lru_cache
def positions(*banks: Bank) -> tuple[str, ...]:
    """Return the vendor's names of the keys 1, 2, 3, …, bank after bank."""
    return tuple(
        bank.name.format(module=module, key=key)
        for bank in banks
        for module in range(1, bank.modules + 1)
        for key in range(1, bank.keys + 1)
    )
