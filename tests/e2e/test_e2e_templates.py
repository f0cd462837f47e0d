"""An administrator's template in a running provd: from REST to the phone, and on the disk."""

import json
import tempfile
import urllib.request
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.server import FREE_PORTS, Provd

AGENT = "Yealink SIP-T46S 66.86.0.15 00:15:65:4a:a9:37"
FILE = "/0015654aa937.cfg"
BOMB = b"{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}"


def asks(
    provd: Provd, method: str, path: str, body: bytes | None = None, media_type: str = "text/plain"
) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{provd.listening['rest']}/0.2{path}",
        body,
        {"X-Auth-Token": provd.token, "Content-Type": media_type},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return int(answer.status)


class TemplatesTests(SynchronousTestCase):
    def test_a_template_from_rest_to_the_phone(self) -> None:
        """It holds at once, over an uninstall and a restart, and runs in the sandbox; then the plugin's own holds."""
        path = "/templates/yealink-v86/T46S.tpl"
        with tempfile.TemporaryDirectory() as folder:
            state = Path(folder, "state")
            with Provd(state, *FREE_PORTS) as provd:
                _, own = provd.phone(FILE, AGENT)
                text = b'{% include "plugin/device.tpl" %}\nscreensaver.wait_time = 600\n'
                self.assertEqual(asks(provd, "PUT", path, text), 204)
                self.assertEqual((state / "templates/yealink-v86/T46S.tpl").read_bytes(), text)
                self.assertEqual(provd.phone(FILE, AGENT), (200, own + b"screensaver.wait_time = 600\n"))
                order = json.dumps({"id": "yealink-v86"}).encode()
                asks(provd, "POST", "/pg_mgr/install/uninstall", order, "application/json")
                asks(provd, "POST", "/pg_mgr/install/install", order, "application/json")
                self.assertEqual(len(provd.rest("templates")["templates"]), 1)
            with Provd(state, *FREE_PORTS) as provd:
                port = str(provd.listening["http"]).encode()
                self.assertIn(b"screensaver.wait_time = 600\n", provd.phone(FILE, AGENT)[1])
                self.assertEqual(asks(provd, "PUT", path, BOMB), 204)
                self.assertEqual(provd.phone(FILE, AGENT)[0], 404)
                self.assertEqual(asks(provd, "DELETE", path), 204)
                status, body = provd.phone(FILE, AGENT)
                self.assertEqual((status, body.count(b"\n")), (200, own.count(b"\n")))
                self.assertIn(port, body)
