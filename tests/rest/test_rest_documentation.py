"""The API described: the documents are valid, whole and true to the routes."""

import re
from html.parser import HTMLParser
from typing import Any

import yaml
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV31SpecValidator
from twisted.trial.unittest import SynchronousTestCase

from provserver.rest.messages import ROOT
from provserver.rest.openapi import described_path
from provserver.rest.site import all_routes
from tests.fakes.rest import Answered, RestOffice


class Page(HTMLParser):
    """Keeps what a page would load, and whether its elements are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attributes if name in ("src", "href", "action")]
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.text += data


class DocumentationTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.routes = all_routes(self.office.behind)

    def get(self, path: str, **more: Any) -> Answered:
        answer = self.office.asks("GET", path, token=None, **more)
        self.assertEqual(answer.status, 200)
        return answer

    def operations(self, document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (method.upper(), path): operation
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }

    def test_openapi_is_valid(self) -> None:
        """Programs make clients of it."""
        answer = self.get("/openapi.json")
        self.assertEqual(answer.headers["content-type"], "application/json")
        OpenAPIV31SpecValidator(answer.json).validate()

    def test_swagger_is_valid(self) -> None:
        """The reference's suite validates it, without any token and whatever it accepts (contract section 11)."""
        answer = self.get("/api/api.yml", headers={"Accept": "text/html"})
        document = yaml.safe_load(answer.body)
        OpenAPIV2SpecValidator(document).validate()
        self.assertEqual(document["swagger"], "2.0")

    def test_no_route_is_missing(self) -> None:
        """With a summary each, the token where one is asked for, and an id of its own."""
        wanted = {(route.method, described_path(route)): route for route in self.routes}
        self.assertEqual(len(wanted), len(self.routes))
        for document in (self.get("/openapi.json").json, yaml.safe_load(self.get("/api/api.yml").body)):
            operations = self.operations(document)
            self.assertEqual(operations.keys(), wanted.keys())
            for key, operation in operations.items():
                self.assertTrue(operation["summary"], key)
                self.assertEqual(bool(operation["security"]), bool(wanted[key].acl), key)
                self.assertIn(str(wanted[key].success), operation["responses"], key)
            ids = [operation["operationId"] for operation in operations.values()]
            self.assertEqual(len(ids), len(set(ids)))

    def test_the_500s_of_the_contract_are_declared(self) -> None:
        """And no route says that it may fail otherwise."""
        operations = self.operations(self.get("/openapi.json").json)
        declared = {key for key, operation in operations.items() if "500" in operation["responses"]}
        self.assertEqual(
            declared,
            {
                ("POST", f"{ROOT}/dev_mgr/devices"),
                ("PUT", f"{ROOT}/dev_mgr/devices/{{device_id}}"),
                ("POST", f"{ROOT}/cfg_mgr/configs"),
                ("PUT", f"{ROOT}/cfg_mgr/configs/{{config_id}}"),
                ("POST", f"{ROOT}/pg_mgr/install/update"),
            },
        )

    def test_swagger_can_say_what_it_says(self) -> None:
        """It has no alternatives and no null but as an extension; a reference stays one."""
        definitions = yaml.safe_load(self.get("/api/api.yml").body)["definitions"]
        self.assertEqual(
            definitions["DeviceFields"]["properties"]["mac"], {"type": "string", "x-nullable": True}
        )
        self.assertEqual(definitions["DeviceFields"]["properties"]["sn"], {"x-nullable": True})
        self.assertEqual(
            definitions["OneDevice"]["properties"]["device"], {"$ref": "#/definitions/DeviceFields"}
        )
        self.assertNotIn("anyOf", str(definitions))

    def test_the_page_has_every_route_and_loads_nothing(self) -> None:
        """It must be readable where there is no Internet."""
        answer = self.get("/docs", headers={"Accept": "text/html"})
        self.assertEqual(answer.headers["content-type"], "text/html; charset=utf-8")
        page = Page()
        page.feed(answer.text)
        page.close()
        self.assertEqual(page.open, [])
        self.assertEqual(page.loaded, ["openapi.json"])
        for route in self.routes:
            self.assertIn(described_path(route), page.text)
            self.assertIn(route.summary, page.text)

    def test_segments_are_described(self) -> None:
        """Each placeholder of a path is a parameter."""
        for (_, path), operation in self.operations(self.get("/openapi.json").json).items():
            named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
            self.assertEqual(named, set(re.findall(r"{(\w+)}", path)))
