"""Two tenants on one gateway, as each sees it: the example in docs/lines.md is what the API answers."""

import json
import re
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Config, Device, Tenant
from tests.fakes.office import json_of
from tests.fakes.rest import RestOffice
from tests.vendors.making import ROOT

ANNA, BERT = "annas-bakery", "berts-garage"
DOCS = ROOT / "docs/lines.md"
PART = re.compile(r"(<!-- gateway: .*? -->\n)(.*?)(<!-- end -->)", re.DOTALL)


class GatewayTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.office.put(
            Tenant(ANNA, parent="master", default_config="annas-phones"),
            Tenant(BERT, parent="master", default_config="berts-phones"),
            Config("annas-phones", raw=json_of({"sip_proxy_ip": "10.1.0.1", "locale": "fr_FR"}), tenant=ANNA),
            Config("berts-phones", raw=json_of({"sip_proxy_ip": "10.2.0.1", "locale": "de_DE"}), tenant=BERT),
            Device(
                "gate", tenant="master", mac="00:ac:ed:00:00:09", vendor="Acme", model="G8", plugin="acme-2"
            ),
        )
        self.office.use(self.office.tenants)
        for tenant, name, number in ((ANNA, "oven", "201"), (BERT, "lift", "301")):
            account = {"username": number, "password": f"pw-of-{name}"}
            line = {
                "id": f"{name}-phone",
                "account": account,
                "options": {"funckeys": {"1": {"type": "park"}}},
            }
            self.office.asks("POST", "/lines", {"line": line}, token=tenant)
        for name, position in (("oven", 1), ("lift", 7)):
            path = f"/lines/{name}-phone/devices/gate"
            self.assertEqual(
                self.office.asks("PUT", path, {"position": position}, token="master").status, 200
            )

    def shown(self) -> str:
        """Return what each sees, as the documentation has it."""
        config = self.office.store.get(Device, "gate").config
        asked = (
            ("The owner, whose line was the first:", ANNA, "/dev_mgr/devices/gate"),
            ("Its config, made of both lines; only the owner sees it:", ANNA, f"/cfg_mgr/configs/{config}"),
            ("The guest:", BERT, "/dev_mgr/devices/gate"),
        )
        return "".join(
            f"{text}\n\n```json\n{written(self.read(path, tenant))}\n```\n\n" for text, tenant, path in asked
        )

    def read(self, path: str, tenant: str) -> Any:
        answer = self.office.asks("GET", path, token=tenant)
        self.assertEqual(answer.status, 200, path)
        return answer.json

    def test_the_example_is_true(self) -> None:
        """Who is to trust a shared gateway wants to see what the other sees. To renew it: delete what is between the
        marks, and write what this test prints."""
        match = PART.search(DOCS.read_text())
        assert match
        self.assertEqual(match[2].strip(), self.shown().strip(), self.shown())

    def test_the_guest_sees_no_more(self) -> None:
        """Neither the config nor the other line, in no way that the API has."""
        config = self.office.store.get(Device, "gate").config
        for path in (
            f"/cfg_mgr/configs/{config}",
            f"/cfg_mgr/configs/{config}/raw",
            f"/cfg_mgr/configs/{config}/history",
            "/dev_mgr/devices/gate/history",
            "/dev_mgr/devices/gate/status",
            "/dev_mgr/devices/gate/timeline",
            "/lines/oven-phone",
        ):
            self.assertEqual(self.office.asks("GET", path, token=BERT).status, 404, path)
        for path in ("/dev_mgr/devices", "/cfg_mgr/configs", "/lines", "/lines/csv", "/tenants"):
            self.assertNotIn("oven", self.office.asks("GET", path, token=BERT).text)
            self.assertNotIn("10.1.0.1", self.office.asks("GET", path, token=BERT).text)


def written(document: object) -> str:
    """Return it as people write JSON: what is short stands in one line."""
    text = json.dumps(document, indent=2)
    return re.sub(r"[\[{][^\[\]{}]{0,100}[\]}]", lambda inner: re.sub(r"\s+", " ", inner[0]), text)
