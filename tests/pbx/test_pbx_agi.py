"""FastAGI's shell: one command at a time, an outcome for every script, and nothing left when Asterisk goes."""

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.address import Networks
from provserver.errors import Conflict, NotFound, NotResynced, StoreFull
from provserver.pbx.agi import ANSWER_S, AgiCall, AgiServer
from provserver.pbx.interfaces import Claimed, IClaims
from tests.pbx.agi_asterisk import CALLING, Channel, Claims, environment

OK = Claimed("d1")


class AgiTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()

    def server(self, claims: Claims, most: int = 500) -> AgiServer:
        return AgiServer(claims, Networks(["192.0.2.20/32"]), Networks(()), self.clock, most)

    def run_script(self, claims: Claims, data: bytes, channel: Channel | None = None) -> Channel:
        channel = channel or Channel()
        channel.connect(self.call(self.server(claims)), data)
        return channel

    def call(self, server: AgiServer, host: str = "192.0.2.20") -> AgiCall:
        call = server.buildProtocol(IPv4Address("TCP", host, 40_000))
        assert call
        return call

    def tearDown(self) -> None:
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_claim(self) -> None:
        """The transcript of pbx-facts section 3.2: what names the phone goes in, three variables come out."""
        claims = Claims(OK)
        channel = self.run_script(claims, environment())
        self.assertEqual(claims.asked, [("claim", "123456", CALLING)])
        self.assertEqual(channel.set, {"PROVD_OUTCOME": "ok", "PROVD_REASON": "", "PROVD_DEVICE": "d1"})
        self.assertEqual(channel.order[-1], "PROVD_OUTCOME")
        self.assertEqual(channel.state, "closed")
        verifyObject(IClaims, claims)

    def test_a_phone_that_must_be_restarted_by_hand(self) -> None:
        """The claim succeeds all the same, and the dialplan can say so."""
        channel = self.run_script(Claims(Claimed("d1", "resync.by-hand")), environment())
        self.assertEqual(
            (channel.set["PROVD_OUTCOME"], channel.set["PROVD_REASON"]), ("ok", "resync.by-hand")
        )

    def test_a_reset(self) -> None:
        """The caller's account and contact go with it; the PIN is the argument."""
        claims = Claims(OK)
        channel = self.run_script(claims, environment(network_script="autoprov", arg_1="9486"))
        self.assertEqual(claims.asked, [("reset", "9486", CALLING)])
        self.assertEqual(channel.set["PROVD_OUTCOME"], "ok")

    def test_a_hangup(self) -> None:
        """Nothing is asked of a channel that is gone; the call's name is all."""
        claims = Claims(OK)
        channel = self.run_script(claims, environment(network_script="hangup"))
        self.assertEqual((claims.ended, channel.commands, channel.state), (["1795403777.0"], [], "closed"))

    def test_outcomes_of_refusals(self) -> None:
        """What another code would not change is an error, so that the dialplan can say "try again"."""
        for problem, outcome, reason in (
            (NotResynced("code.unknown", "no line has it"), "refused", "code.unknown"),
            (NotFound("no such phone"), "refused", "not-found"),
            (StoreFull("no space left"), "error", "store.full"),
            (Conflict("again"), "error", "conflict"),
        ):
            channel = self.run_script(Claims(problem), environment())
            self.assertEqual(
                channel.set, {"PROVD_OUTCOME": outcome, "PROVD_REASON": reason, "PROVD_DEVICE": ""}
            )

    def test_a_bug_is_an_error_that_is_spoken(self) -> None:
        """Otherwise the caller hears nothing, and the dialplan takes silence for what it likes."""
        channel = self.run_script(Claims(ZeroDivisionError()), environment())
        self.assertEqual((channel.set["PROVD_OUTCOME"], channel.set["PROVD_REASON"]), ("error", "internal"))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_a_bug_in_a_hangup_ends_the_connection(self) -> None:
        """Nobody hears it, but Asterisk must not wait."""

        class Broken(Claims):
            def hung_up(self, call: str) -> None:
                raise ZeroDivisionError

        channel = self.run_script(Broken(OK), environment(network_script="hangup"))
        self.assertEqual(channel.state, "aborted")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_an_unknown_script(self) -> None:
        """A typing error in a dialplan."""
        claims = Claims(OK)
        channel = self.run_script(claims, environment(network_script="provison"))
        self.assertEqual(
            (channel.set["PROVD_OUTCOME"], channel.set["PROVD_REASON"]), ("error", "agi.unknown-script")
        )
        self.assertEqual(claims.asked, [])

    def test_a_hangup_between_a_command_and_its_answer(self) -> None:
        """The caller puts the phone down while we think: the claim is done all the same."""
        for at in range(6):
            before = [b""] * at + [b"HANGUP\n"]
            claims = Claims(OK)
            channel = self.run_script(claims, environment(), Channel(before_answers=before))
            self.assertEqual((channel.set["PROVD_OUTCOME"], len(claims.asked)), ("ok", 1))

    def test_a_channel_without_variables(self) -> None:
        """510 and empty answers: the claim goes by its slot."""
        claims = Claims(OK)
        self.run_script(claims, environment(), Channel(values={}))
        ((_, _, who),) = claims.asked
        self.assertEqual((who.slot, who.account, who.ip, who.contact), ("ap0017", "", "", ""))

    def test_a_claim_that_takes_its_time_is_waited_for(self) -> None:
        """Who guesses is made slow: the connection stays, without any time-out of ours."""
        slow: Deferred[Claimed] = Deferred()
        channel = self.run_script(Claims(slow), environment())
        self.clock.advance(120)
        self.assertEqual((channel.state, channel.set), ("open", {}))
        slow.callback(OK)
        self.assertEqual((channel.state, channel.set["PROVD_OUTCOME"]), ("closed", "ok"))

    def test_asterisk_goes_while_a_claim_is_under_way(self) -> None:
        """The claim is done or not, never half; nobody is told."""
        slow: Deferred[Claimed] = Deferred()
        channel = self.run_script(Claims(slow), environment())
        channel.go()
        slow.callback(OK)
        self.assertEqual(channel.set, {})

    def test_asterisk_goes_between_a_command_and_its_answer(self) -> None:
        """Nothing was claimed yet."""
        claims, channel = Claims(OK), Channel()
        channel.silent = True
        self.run_script(claims, environment(), channel)
        channel.go()
        self.assertEqual(claims.asked, [])

    def test_asterisk_says_nothing(self) -> None:
        """Neither an environment nor an answer is waited for without end."""
        silent = Channel()
        silent.silent = True
        for channel, data in ((Channel(), b"agi_network: yes\n"), (silent, environment())):
            claims = Claims(OK)
            self.run_script(claims, data, channel)
            self.clock.advance(ANSWER_S - 1)
            self.assertEqual(channel.state, "open")
            self.clock.advance(1)
            self.assertEqual((channel.state, claims.asked), ("aborted", []))

    def test_bad_input_ends_the_connection(self) -> None:
        """What is not AGI, and an answer that nobody asked for."""
        slow: Deferred[Claimed] = Deferred()
        for data in (
            b"GET / HTTP/1.1\r\n\r\n",
            environment() + b"200 result=1\n",
            environment() + b"what?\n",
        ):
            claims = Claims(slow)
            channel = self.run_script(claims, data)
            self.assertEqual(channel.state, "aborted", data)

    def test_only_the_pbx_may_ask(self) -> None:
        """AGI has no password: who reaches the port could claim for everybody."""
        server = self.server(Claims(OK))
        self.assertIsNone(server.buildProtocol(IPv4Address("TCP", "192.0.2.66", 40_000)))
        self.assertIsNotNone(server.buildProtocol(IPv4Address("TCP", "::ffff:192.0.2.20", 40_000)))

    def test_calls_at_one_time_are_counted(self) -> None:
        """A PBX gone wild costs so much and no more; who is done makes room."""
        server = self.server(Claims(Deferred()), most=2)
        channels = [Channel(), Channel()]
        for channel in channels:
            channel.connect(self.call(server), environment())
        address = IPv4Address("TCP", "192.0.2.20", 40_000)
        self.assertIsNone(server.buildProtocol(address))
        channels[0].go()
        self.assertIsNotNone(server.buildProtocol(address))
        server.finish()
        self.assertEqual(channels[1].state, "aborted")
