"""What each vendor's phones register with, in the vendor's own names."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.phone.profiles import PROFILES


class CredentialsTests(SynchronousTestCase):
    def found(self, vendor: str, settings: dict[str, str], number: int = 1) -> tuple[str, ...]:
        read = PROFILES[vendor].credentials
        assert read
        made = read(settings, number)
        return made.user, made.password, made.registrar, made.outbound, made.expires

    def test_yealink(self) -> None:
        """An outbound proxy counts only where it is on; old firmware and bases have other names."""
        own = {
            "account.1.auth_name": "a1",
            "account.1.password": "pw",
            "account.1.sip_server.1.expires": "60",
        }
        proxy = {"account.1.outbound_proxy.1.address": "192.0.2.9", "account.1.outbound_proxy.1.port": "5090"}
        on = {"account.1.outbound_proxy_enable": "1"}
        old = {"account.1.outbound_host": "192.0.2.8"}
        base = {
            "account.1.sip_server.template": "1",
            "template.1.outbound_proxy_enable": "1",
            "template.1.outbound_proxy.1.address": "192.0.2.7",
        }
        self.assertEqual(self.found("yealink", {**own, **proxy}), ("a1", "pw", "", "", "60"))
        self.assertEqual(self.found("yealink", {**own, **proxy, **on})[3], "192.0.2.9:5090")
        self.assertEqual(self.found("yealink", {**own, **old, **on})[3], "192.0.2.8:5060")
        self.assertEqual(self.found("yealink", {**own, **base})[3], "192.0.2.7:5060")
        self.assertEqual(self.found("yealink", {"account.1.user_name": "u"})[0], "u")

    def test_snom(self) -> None:
        """The proxy comes with its transport; a base's handsets share a list of servers."""
        desk = {
            "user_name[1]": "u",
            "user_pname[1]": "a1",
            "user_pass[1]": "pw",
            "user_host[1]": "example.com",
            "user_outbound[1]": "sip:192.0.2.9:5090;transport=udp",
            "user_expiry[1]": "60",
        }
        self.assertEqual(self.found("snom", desk), ("a1", "pw", "example.com", "192.0.2.9:5090", "60"))
        base = {"user_name[7]": "u", "subscr_sip_ua_data_server_id[7]": "2", "user_host[2]": "192.0.2.10"}
        self.assertEqual(self.found("snom", base, 7), ("u", "", "192.0.2.10", "", ""))

    def test_polycom(self) -> None:
        """Port 0 is the usual one."""
        own = {"reg.1.auth.userId": "a1", "reg.1.auth.password": "pw", "reg.1.server.1.expires": "60"}
        proxy = {"reg.1.outboundProxy.address": "192.0.2.9"}
        self.assertEqual(self.found("polycom", own), ("a1", "pw", "", "", "60"))
        self.assertEqual(self.found("polycom", {"reg.1.address": "u"})[0], "u")
        for port, place in (("5090", "192.0.2.9:5090"), ("0", "192.0.2.9"), ("", "192.0.2.9")):
            self.assertEqual(
                self.found("polycom", {**own, **proxy, "reg.1.outboundProxy.port": port})[3], place
            )

    def test_cisco(self) -> None:
        """The whole file is what such a phone keeps; its proxy may be the call manager, which is none."""
        xml = """<device><sipProfile><sipProxies><outboundProxy>{}</outboundProxy></sipProxies>
            <sipStack><timerRegisterExpires>60</timerRegisterExpires></sipStack>
            <sipLines><line button="1"><featureID>9</featureID><name>u</name><authName>a1</authName>
            <authPassword>pw</authPassword></line></sipLines></sipProfile></device>"""
        for host, place in (("192.0.2.9", "192.0.2.9:5060"), ("USECALLMANAGER", ""), ("", "")):
            self.assertEqual(
                self.found("cisco_sip", {"device": xml.format(host)}), ("a1", "pw", "", place, "60")
            )
