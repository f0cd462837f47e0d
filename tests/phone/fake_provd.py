"""
Stands in for `twistd provd`: takes its options, writes `listening.json`, and answers phones and REST.

Its first argument says how it behaves: `well`, `dies`, `speechless` (starts, but REST is not there), or
`stubborn` (ignores SIGTERM).
"""

import argparse
import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.phone.scripted import config

_DEVICE = {"id": "d1", "mac": "00:15:65:4a:a9:37", "vendor": "Yealink", "model": "T46S", "configured": True}
_ASKED = [
    {"path": "late.cfg", "outcome": "file", "steps": [{"step": "find", "text": "it is the late file"}]},
    {
        "path": "early.cfg",
        "outcome": "nothing",
        "steps": [{"step": "find", "text": "there is no early file"}],
    },
]
_REST = {
    "/0.2/dev_mgr/devices": {"devices": [_DEVICE]},
    "/0.2/dev_mgr/devices/d1/timeline": {"timeline": _ASKED},
}


class _Handler(BaseHTTPRequestHandler):
    rest = _REST

    def do_GET(self) -> None:
        body = b""
        if self.path in self.rest and self.headers["X-Auth-Token"] == "t0ken":
            body = json.dumps(self.rest[self.path]).encode()
        elif self.path.endswith("7.cfg"):
            body = config("account.1.enable = 1", "account.1.label = Waiting 4F7K2Q")
        self.send_response(200 if body else 404)
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    behaviour, *options = sys.argv[1:]
    if behaviour == "dies":
        sys.exit("phones.url: 'nonsense' is not a URL")
    if behaviour == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour == "speechless":
        _Handler.rest = {}
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", type=Path)
    for port in ("--http-port", "--rest-port", "--tftp-port"):
        parser.add_argument(port, choices=["0"], required=True)
    state: Path = parser.parse_args(options).state
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    state.mkdir()
    (state / "admin-token").write_text("t0ken\n")
    (state / "listening.json").write_text(
        json.dumps({"http": server.server_port, "rest": server.server_port})
    )
    server.serve_forever()


if __name__ == "__main__":
    main()
