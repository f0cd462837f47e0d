"""
The confusion table: every example of every vendor folder, shown to every folder alone.

`python -m tests.vendors.confusion` prints it; it is part of docs/supported-devices.md, too.
"""

import sys
from collections.abc import Iterator, Mapping

from provserver.core.identify import Dispatcher
from provserver.interfaces import IVendor
from provserver.model import Sighting
from tests.contracts.vendor import sighting_of
from tests.vendors.making import vendors

Table = Mapping[
    tuple[str, str], int
]  # folder of the examples, folder that was asked -> how many it takes for its own


def examples(vendor: IVendor) -> list[Sighting]:
    return [sighting_of(row, text) for row in vendor.fingerprints for text, _ in row.examples]


def naming(vendor: IVendor) -> int:
    """Return how many of its examples say the vendor; some paths have only a MAC address that could be anybody's."""
    return sum("vendor" in facts for row in vendor.fingerprints for _, facts in row.examples)


def confusion() -> Table:
    judges = {vendor.id: Dispatcher([vendor]) for vendor in vendors()}
    return {
        (vendor.id, name): sum(judge.identify(seen)[0].vendor is not None for seen in examples(vendor))
        for vendor in vendors()
        for name, judge in judges.items()
    }


def lines() -> Iterator[str]:
    table, names = confusion(), [vendor.id for vendor in vendors()]
    yield f"| examples of | there are | that say whose | {' | '.join(f'taken by {name}' for name in names)} |"
    yield f"| --- | --- | --- | {' | '.join('---' for _ in names)} |"
    for vendor in vendors():
        counts = (str(table[vendor.id, name] or "–") for name in names)
        yield f"| {vendor.id} | {len(examples(vendor))} | {naming(vendor)} | {' | '.join(counts)} |"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
