"""The life of a phone that is on, from its command line: a table for a server, and the test PBX, on a clock."""

import contextlib
import io
import secrets
from collections.abc import Sequence
from functools import partial

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase, TestCase

from provserver.errors import Invalid
from provserver.phone.command import run
from provserver.phone.live import live
from provserver.phone.options import make_parser
from provserver.phone.orders import LiveOrder, read_order
from provserver.phone.pbx.switch import Accounts, Switch
from provserver.phone.sip.agent import Manners
from provserver.phone.values import Memory, Report, Unreachable
from tests.phone.loopback import CLOCK, serve
from tests.phone.scripted import boot_yealink, config, ok
from tests.phone.sip_net import Net
from tests.phone.sip_pbx import tokens

SIP = ("192.0.2.20", 5060)
MAC = ("--mac", "00:15:65:4a:a9:37")


def order(*options: str, vendor: str = "yealink", model: str = "T46S") -> LiveOrder:
    made = read_order(make_parser().parse_args(["live", vendor, model, *MAC, *options]))
    assert isinstance(made, LiveOrder)
    return made


def account(user: str, number: int = 1, transport: int = 0) -> tuple[str, ...]:
    values = {
        "enable": "1",
        "user_name": user,
        "password": "s3cret",
        "sip_server.1.address": SIP[0],
        "sip_server.1.transport_type": str(transport),
    }
    return tuple(f"account.{number}.{name} = {value}" for name, value in values.items())


class OrderTests(SynchronousTestCase):
    def test_what_a_phone_does_unless_told_otherwise(self) -> None:
        """It waits an hour at port 5060, and restarts whenever it is told."""
        made = order()
        self.assertEqual(
            (made.codes, made.line, made.sip_port, made.stay_s, made.restarts), ((), 1, 5060, 3600, None)
        )
        self.assertEqual(made.manners, Manners("check-sync"))
        self.assertEqual(made.boot.server, "http://127.0.0.1:8667/")

    def test_all_options(self) -> None:
        """The codes in their order."""
        words = "--dial 482913 --dial *48378 --line 7 --sip-port 0 --stay 60 --restarts 2 --key K"
        made = order(*words.split(), "--strict-notify", "--unregister-all", "--source", "127.0.0.5")
        self.assertEqual(
            (made.codes, made.line, made.sip_port, made.stay_s, made.restarts),
            (("482913", "*48378"), 7, 0, 60, 2),
        )
        self.assertEqual(made.manners, Manners("check-sync", strict=True, everybody=True))
        self.assertEqual(made.boot.server, "http://127.0.0.1:8667/K/")

    def test_each_vendor_s_phones_obey_their_own_event(self) -> None:
        """And those of a call manager speak no SIP at all."""
        self.assertEqual(order(vendor="cisco_sip", model="8945").manners.restarts_at, "service-control")
        problem = self.assertRaises(Invalid, order, vendor="cisco_sccp", model="7962G")
        self.assertIn("a Cisco 7962G does not speak SIP", str(problem))

    def test_commands_that_are_wrong(self) -> None:
        """argparse says it in one line."""
        for words in (
            ("--dial", "abc"),
            ("--dial", ""),
            ("--sip-port", "65536"),
            ("--sip-port", "x"),
            ("--stay", "0"),
        ):
            with contextlib.redirect_stderr(io.StringIO()) as printed:
                self.assertRaises(SystemExit, order, *words)
            self.assertIn("expected", printed.getvalue())


class LiveTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.net, self.said, self.complained = Net(), list[str](), list[str]()
        self.pbx = list[str]()
        accounts = Accounts({"ap0017": "s3cret"}, {"anna": "s3cret"})
        self.switch = Switch(
            self.net, accounts, ("127.0.0.1", 4573), "*48378", tokens("pbx"), self.pbx.append
        )
        self.switch.listen(*SIP)
        self.boots: list[Memory] = []

    def play(self, *options: str, files: Sequence[tuple[str, ...] | None]) -> "Deferred[bool]":
        """Switch a phone on; it finds the next of these files at each start, None: there is no server."""
        made = order("--source", "192.168.7.31", *options)

        async def boot(memory: Memory) -> Report:
            self.boots.append(memory)
            lines = files[len(self.boots) - 1]
            if lines is None:
                return Report(made.boot.phones[0], (), None, "cannot reach")
            answers = {"0015654aa937.cfg": ok(config(*lines))} if lines else {}
            booted, _ = boot_yealink(answers, memory=memory)
            return Report(made.boot.phones[0], (), booted)

        return Deferred.fromCoroutine(live(self.net, made, boot, self.said.append, self.complained.append))

    def tell(self, user: str) -> None:
        self.switch.notify_endpoint(user, {"Event": "check-sync"}, "")

    def test_it_waits_restarts_and_is_another_one_s(self) -> None:
        """Its old account is taken off before the new one comes, and what it fetched is remembered."""
        done = self.play("--restarts", "1", files=[account("ap0017"), account("anna")])
        self.net.run()
        self.assertEqual(self.pbx, ["ap0017 is registered from 192.168.7.31:5060"])
        self.tell("ap0017")
        self.net.run()
        self.assertTrue(self.successResultOf(done))
        self.assertEqual(
            [line.partition(" from ")[0] for line in self.pbx],
            [
                "ap0017 is registered",
                "NOTIFY check-sync to sip:ap0017@192.168.7.31:5060;line=1: 200 OK",
                "ap0017 is no longer registered",
                "anna is registered",
                "anna is no longer registered",
            ],
        )
        self.assertEqual(len(self.boots[1].files), 1)
        self.assertRegex(
            self.said[1], r"^ +0\.\d\d s  account 1 \(ap0017\): registered at 192.0.2.20:5060 for 300 s$"
        )
        self.assertEqual(self.complained, [])

    def test_each_start_dials_the_next_code(self) -> None:
        """With the account that is named; told while it talks, it restarts when the call is over."""
        done = self.play("--restarts", "1", "--dial", "482913", "--dial", "1", files=[account("ap0017")] * 2)
        self.net.advance(0)
        for _ in range(6):
            self.net.advance(0)
        self.tell("ap0017")
        self.net.run()
        self.assertTrue(self.successResultOf(done))
        self.assertIn("ap0017 dialled 482913: provd was not reached; it hears pbx-invalid", self.pbx)
        self.assertNotIn("ap0017 dialled 1: there is no such number", self.pbx)

    def test_an_account_that_it_does_not_have(self) -> None:
        """The phone goes on, and is told of it."""
        done = self.play("--dial", "1", "--line", "7", "--stay", "5", files=[account("ap0017")])
        self.net.run(7)
        self.assertTrue(self.successResultOf(done))
        self.assertEqual(self.complained, ["provd-phone: no account 7 to dial 1 with"])

    def test_it_is_not_told(self) -> None:
        """Where it was to restart, that is a failure; else it is switched off when its time is over."""
        for options, good in (((), True), (("--restarts", "1"), False)):
            self.setUp()
            done = self.play("--stay", "5", *options, files=[account("ap0017")])
            self.net.run(7)
            self.assertEqual(self.successResultOf(done), good)
            self.assertEqual(self.complained, [] if good else ["provd-phone: not told to restart within 5 s"])

    def test_what_is_no_success(self) -> None:
        """No server; no file of its own; an account that is refused, or that has none."""
        for lines in (None, (), account("nobody"), account("anna", transport=2)):
            self.setUp()
            done = self.play("--stay", "5", files=[lines])
            self.net.run(7)
            self.assertFalse(self.successResultOf(done), lines)
        self.assertIn("account 1 (anna): registers over tls, which is not played", self.said[1])

    def test_accounts_that_are_off_are_not_registered(self) -> None:
        """Two of three."""
        off = tuple(line.replace("enable = 1", "enable = 0") for line in account("ben", 2))
        done = self.play("--stay", "5", files=[(*account("anna"), *off, *account("ap0017", 3))])
        self.net.run(7)
        self.assertTrue(self.successResultOf(done))
        self.assertEqual(len([line for line in self.pbx if "is registered" in line]), 2)

    def test_a_phone_finds_its_own_address(self) -> None:
        """The one by which it reaches its server."""
        made = evolve(order("--stay", "5"), sip_port=0)

        async def boot(memory: Memory) -> Report:
            booted, _ = boot_yealink({"0015654aa937.cfg": ok(config(*account("anna")))})
            return Report(made.boot.phones[0], (), booted)

        done = Deferred.fromCoroutine(live(self.net, made, boot, self.said.append, self.complained.append))
        self.net.run(7)
        self.assertTrue(self.successResultOf(done))
        self.assertIn("anna is registered from 127.0.0.1:40001", self.pbx[0])
        lost = evolve(made, boot=evolve(made.boot, server="http://nowhere/"))
        gone = Deferred.fromCoroutine(live(self.net, lost, boot, self.said.append, self.complained.append))
        self.assertIn("no way to nowhere", str(self.failureResultOf(gone, Unreachable).value))

    def tearDown(self) -> None:
        closed = Deferred.fromCoroutine(self.switch.close())
        self.net.run(33)
        self.successResultOf(closed)
        self.assertEqual((self.net.getDelayedCalls(), self.net.udp), ([], {}))


class CommandTests(TestCase):
    async def test_the_whole_command(self) -> None:
        """Over real sockets: the boot is shown, then what happens, then the next boot."""
        pbx, said = list[str](), list[str]()
        accounts = Accounts({"ap0017": "s3cret"}, {})
        switch = Switch(
            CLOCK, accounts, ("127.0.0.1", 1), "*48378", partial(secrets.token_hex, 8), pbx.append
        )
        ip, port = switch.listen("127.0.0.1", 0)
        self.addCleanup(lambda: Deferred.fromCoroutine(switch.close()))
        lines = [line.replace(SIP[0], ip) for line in account("ap0017")]
        url, _ = serve(self, {"0015654aa937.cfg": config(*lines, f"account.1.sip_server.1.port = {port}")})
        made = order("--server", url, "--source", "127.0.0.5", "--sip-port", "0", "--restarts", "1")

        def say(text: str) -> None:
            said.append(text)
            if "registered at" in text and len(said) < 10:
                switch.notify_endpoint("ap0017", {"Event": "check-sync"}, "")

        self.assertTrue(await run(CLOCK, made, say, said.append))
        self.assertEqual(len([text for text in said if "boots from" in text]), 2)
        self.assertEqual(len([text for text in said if f"registered at {ip}:{port}" in text]), 2)
        self.assertEqual(pbx[0].partition(":")[0], "ap0017 is registered from 127.0.0.5")
