"""The test PBX as it is started, with what its options say."""

import argparse
import contextlib
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from provserver.phone.pbx import command
from provserver.phone.sip.socket import SipSocket
from tests.phone.sip_net import Net

POOL = {
    "shared": False,
    "manager_secret": "m",
    "slots": [{"username": "ap0000", "password": "s3cret"}],
}


class CommandTests(SynchronousTestCase):
    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.slots = Path(folder.name, "slots.json")
        self.slots.write_text(json.dumps(POOL))
        self.users = Path(folder.name, "users.json")
        self.users.write_text(json.dumps({"anna": "s3cret"}))

    def options(self, *more: str) -> argparse.Namespace:
        return command._parser().parse_args(["--slots", str(self.slots), "--users", str(self.users), *more])

    def test_it_says_where_it_listens(self) -> None:
        """One line, when it is ready: whoever started it may go on. It runs until the reactor stops."""
        net = Net()
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            running = command.run(
                net, self.options("--sip", "127.0.0.1:25060", "--manager", "127.0.0.1:25038")
            )
        self.assertEqual(
            printed.getvalue(), "PBX: SIP at 127.0.0.1:25060, Manager at 127.0.0.1:25038, 1 slots\n"
        )
        self.assertIsInstance(running, Deferred)
        self.assertNoResult(running)

    def test_a_port_that_another_has(self) -> None:
        """One line, and no traceback."""
        net = Net()
        net.listenUDP(5060, SipSocket(net, str, lambda asked, source: None), "127.0.0.1")
        problem = self.assertRaises(SystemExit, command.run, net, self.options())
        self.assertIn("PBX: cannot speak SIP from 127.0.0.1 port 5060", str(problem))
