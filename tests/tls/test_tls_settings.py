"""The settings of TLS: what needs what."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.settings import InvalidSettings, read_settings

TLS = '[tls]\ncertificate = "/c.pem"\n'
BAD = (
    ("[listen]\nhttps_port = 443", ["listen.https_port: needs a certificate, in tls.certificate"]),
    ("[listen]\nhttps_old_port = 443", ["listen.https_old_port: needs a certificate, in tls.certificate"]),
    ("[listen]\nrest_https_port = 0", ["listen.rest_https_port: needs a certificate, in tls.certificate"]),
    (
        '[listen]\nhttps_port = 443\nrest_https_port = 1\n[tls]\nkey = "/k.pem"',
        [
            "listen.https_port: needs a certificate, in tls.certificate",
            "listen.rest_https_port: needs a certificate, in tls.certificate",
        ],
    ),
    (
        f"[listen]\nplain_http = false\nrest_https_port = 1\n{TLS}",
        ["listen.plain_http: false needs listen.https_port, or phones have no way in"],
    ),
)


class SettingsTests(SynchronousTestCase):
    def test_a_port_needs_a_certificate(self) -> None:
        """All that is missing is told at once, by the name of the setting that needs it."""
        for toml, problems in BAD:
            refused = self.assertRaises(InvalidSettings, read_settings, toml, {})
            self.assertEqual(list(refused.problems), problems)

    def test_each_port_is_asked_for_by_itself(self) -> None:
        """Old TLS in particular, and TLS alone."""
        for line in ("https_port", "https_old_port", "rest_https_port"):
            listen = read_settings(f"[listen]\n{line} = 0\n{TLS}", {}).listen
            ports = {
                name: getattr(listen, name) for name in ("https_port", "https_old_port", "rest_https_port")
            }
            self.assertEqual({name for name, port in ports.items() if port is not None}, {line})
        for line in ("https_port", "https_old_port"):
            self.assertFalse(
                read_settings(f"[listen]\nplain_http = false\n{line} = 0\n{TLS}", {}).listen.plain_http
            )

    def test_the_command_line_may_name_the_port(self) -> None:
        """And then it needs the certificate just as well."""
        self.assertEqual(read_settings(TLS, {"https_port": "8443"}).listen.https_port, 8443)
        self.assertRaises(InvalidSettings, read_settings, "", {"https_port": "8443"})
