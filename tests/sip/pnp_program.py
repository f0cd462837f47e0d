"""
A provd of which only SIP PnP runs, for tests in a network of their own; or a phone that counts its answers.

    pnp_program.py serve ADDRESS...          answers on these interfaces until it is ended
    pnp_program.py ask ADDRESS SECONDS       asks the group from there; prints every answer as `source: first line`
"""

import socket
import sys
import time

from twisted.internet import reactor

from provserver.address import Networks
from provserver.sip.multicast import interface_addresses, open_sockets
from provserver.sip.pnp import PnpServer
from provserver.sip.ua_profile import GROUP, PORT
from tests.phone.loopback import TCP
from tests.sip.pnp_fakes import OneAnswer
from tests.sip.sip_messages import answer_to, subscribe


def serve(*addresses: str) -> None:
    sockets = [open_sockets(address) for address in addresses or interface_addresses()]
    server = PnpServer(reactor, sockets, OneAnswer(), Networks(["10.0.0.0/8", "127.0.0.0/8"]), lambda: "t1")
    server.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    TCP.run()


def ask(address: str, seconds: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 0))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        sock.sendto(subscribe(), (GROUP, PORT))
        end = time.monotonic() + float(seconds)
        while (left := end - time.monotonic()) > 0:
            sock.settimeout(left)
            try:
                data, source = sock.recvfrom(65_536)
            except TimeoutError:
                break
            sys.stdout.write(f"{source[0]}:{source[1]}: {data.splitlines()[0].decode()}\n")
            if data.startswith(b"NOTIFY"):
                sock.sendto(answer_to(data), source)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "serve":
        serve(*arguments)
    else:
        ask(*arguments)
