"""base URL: what phones are told, never the Host header's word."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.base_url import base_raw_config, base_url
from provserver.model import Sighting


class BaseUrlTests(SynchronousTestCase):
    def test_the_table(self) -> None:
        """The setting first, then the address that the phone itself reached."""
        for protocol, base, advertised, key, expected in (
            ("http", "http://10.0.0.1:8667", None, None, "http://10.0.0.1:8667"),
            ("http", "http://10.0.0.1:8667", None, "K", "http://10.0.0.1:8667/K"),
            ("http", "http://10.0.0.1:8667", "https://prov.example/", "K", "https://prov.example/K"),
            ("tftp", "tftp://10.0.0.1", None, None, "http://10.0.0.1:8667"),
            ("tftp", "tftp://[fd00::1]", None, None, "http://[fd00::1]:8667"),
            ("dhcp", "", None, None, "http://127.0.0.1:8667"),
        ):
            sighting = Sighting(protocol, 0.0, "10.0.0.7", base)  # type: ignore[arg-type]
            self.assertEqual(base_url(sighting, advertised, 8667, key), expected)

    def test_what_follows_from_it(self) -> None:
        """`ip`, `http_port` and `tftp_port` are derived, the setting may say otherwise, the URL is the URL."""
        raw = base_raw_config(
            {"ntp_ip": "10.0.0.2", "http_base_url": "http://elsewhere"}, "https://p.example/K", 69
        )
        self.assertEqual(
            raw,
            {"http_base_url": "https://p.example/K", "ip": "p.example", "http_port": 443, "tftp_port": 69,
             "ntp_ip": "10.0.0.2"},
        )  # fmt: skip
        self.assertEqual(base_raw_config({}, "http://10.0.0.1", 69)["http_port"], 80)
