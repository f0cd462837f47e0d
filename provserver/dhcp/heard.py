"""What phones said of themselves on the wire, kept until their leases are known."""

from collections import OrderedDict
from collections.abc import Mapping

from attrs import evolve, frozen

from provserver.model import Sighting

_KEEP_S = 600
_MOST = 10_000  # phones; then the one heard longest ago is forgotten


@frozen
class _Said:
    at: float
    options: Mapping[int, bytes]


class Heard:
    """The options of each phone's last DHCP request, by MAC address; for ten minutes, and a bounded number."""

    def __init__(self) -> None:
        self._said: OrderedDict[str, _Said] = OrderedDict()

    def request(self, mac: str, options: Mapping[int, bytes], at: float) -> None:
        self._said[mac] = _Said(at, options)
        self._said.move_to_end(mac)
        if len(self._said) > _MOST:
            self._said.popitem(last=False)

    def complete(self, sighting: Sighting) -> Sighting:
        """Return a lease with the options that its phone sent, where the one who told of it has not said them."""
        said = self._said.get(sighting.mac)
        if said is None or sighting.at - said.at > _KEEP_S:
            return sighting
        return evolve(sighting, options={**said.options, **sighting.options})
