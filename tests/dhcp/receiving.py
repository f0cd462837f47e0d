"""
A program that takes leases as provd does and prints each as a line of JSON: `python -m tests.dhcp.receiving PATH
[INTERFACE]`. It ends with SIGTERM.
"""

import json
import sys
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred

from provserver.dhcp.heard import Heard
from provserver.dhcp.listener import Listener
from provserver.dhcp.receiver import Receiver
from provserver.dhcp.sockets import bind_lease_socket, open_interface
from provserver.model import Answer, Sighting
from tests.dhcp.told import BASE, Told


class Printing(Told):
    def answer(self, sighting: Sighting) -> Deferred[Answer]:
        options = {code: value.decode("latin-1") for code, value in sighting.options.items()}
        seen = {"ip": sighting.ip, "mac": sighting.mac, "options": options}
        sys.stdout.write(json.dumps(seen) + "\n")
        sys.stdout.flush()
        return super().answer(sighting)


def main(path: str, *interfaces: str) -> None:
    real: Any = reactor
    heard, told = Heard(), Printing()
    for name in interfaces:
        Listener(name, open_interface(name), heard, told, BASE, real, real).start()
    Receiver(bind_lease_socket(Path(path)), (), told, BASE, real, real, heard).start()
    real.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
