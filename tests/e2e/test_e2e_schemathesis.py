"""Schemathesis against a running provd: some thousand requests made of what the API says of itself."""

import re
import sys
import tempfile
from pathlib import Path
from threading import Thread

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.server import FREE_PORTS, Provd, fetch, run

SCHEMATHESIS = str(Path(sys.executable).parent / "schemathesis")
CHECKS = "status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance"
# With these it comes past the first "no such thing", and as a tenant that there is.
KNOWN = """
[parameters]
"Wazo-Tenant" = "{tenant}"
plugin_id = "yealink-v86"
"""


class SchemathesisTests(SynchronousTestCase):
    def test_every_answer_is_one_that_the_api_says(self) -> None:
        """Its status is declared, a 500 only where the contract asks for one; its body has the shape that is told."""
        with tempfile.TemporaryDirectory() as folder, Provd(Path(folder, "state"), *FREE_PORTS) as provd:
            printed_lines: list[str] = []
            reader = Thread(target=printed_lines.extend, args=(provd.process.stdout,))
            reader.start()  # each refusal is a line, and a full pipe would stop provd
            (tenant,) = provd.rest("tenants")["tenants"]
            Path(folder, "schemathesis.toml").write_text(KNOWN.format(tenant=tenant["id"]))
            status, printed = run(
                SCHEMATHESIS,
                "run",
                f"http://127.0.0.1:{provd.listening['rest']}/0.2/openapi.json",
                f"--header=X-Auth-Token: {provd.token}",
                f"--checks={CHECKS}",
                "--exclude-path=/0.2/events",  # it would never end
                "--phases=coverage,fuzzing",
                "--max-examples=3",
                "--generation-deterministic",
                "--no-color",
                cwd=Path(folder),
            )
            provd.process.terminate()
            reader.join()
            self.assertEqual(provd.process.wait(), 0)
            self.assertEqual(status, 0, printed)
            tested = re.search(r"(\d+) generated, (\d+) passed", printed)
            assert tested
            self.assertEqual(tested[1], tested[2])
            self.assertGreater(int(tested[1]), 1000)
            self.assertNotIn("a bug", "".join(printed_lines))
            self.assertNotIn("Traceback", "".join(printed_lines))

    def test_what_describes_the_api_needs_no_token(self) -> None:
        """The reference's suite reads api.yml from a server that can ask nobody about tokens."""
        with tempfile.TemporaryDirectory() as folder, Provd(Path(folder, "state"), *FREE_PORTS) as provd:
            for path in ("openapi.json", "api/api.yml", "docs"):
                url = f"http://127.0.0.1:{provd.listening['rest']}/0.2/{path}"
                self.assertEqual(fetch(url, {})[0], 200)
