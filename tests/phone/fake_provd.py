"""
A stand-in for provd, which `make demo` starts: `python -m tests.phone.fake_provd BEHAVIOUR --state DIR …`.

BEHAVIOUR is `speechless` (REST is not there) or `dies` (a setting is wrong).
"""

import argparse
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


def main() -> None:
    behaviour, *options = sys.argv[1:]
    if behaviour == "dies":
        sys.exit("phones.url: 'nonsense' is not a URL")
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", type=Path)
    for option in ("--config", "--http-port", "--rest-port", "--tftp-port"):
        parser.add_argument(option, required=True)
    state: Path = parser.parse_args(options).state
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    state.mkdir()
    (state / "admin-token").write_text("t0ken\n")
    (state / "listening.json").write_text(
        json.dumps({"http": server.server_port, "rest": server.server_port})
    )
    server.serve_forever()


if __name__ == "__main__":
    main()
