"""Security: a MAC is no secret, and no answer tells a stranger which ones there are."""

from collections.abc import Iterator

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.access.policy import Policy
from provserver.errors import NotFound
from provserver.http.messages import Reply
from provserver.model import Device, Presence, Proof, Tenant
from tests.security.outside import (
    ANNAS_KEY,
    BERTS,
    BERTS_KEY,
    DESK,
    FILE,
    HOME,
    OTHER,
    SECRET,
    TOKEN,
    Outside,
    challenges,
    digest,
    face,
)

EVERY = (
    Policy(),
    Policy(Proof.ADDRESS, Proof.KEY),
    Policy(Proof.KEY, Proof.TOKEN),
    Policy(Proof.TOKEN, Proof.TOKEN),
    Policy(Proof.CERTIFICATE, Proof.CERTIFICATE),
    Policy(Proof.TOKEN, None),
)
STRICT = EVERY[1:]  # those that ask for something on allowed networks too
TRICKS = (
    "/{}",
    "/{}?x=1",
    "/{}?mac=00aced000001",
    "//{}",
    "/./{}",
    "/x/../{}",
    "/%2e%2e/{}",
    "http://provd/{}",
    f"/{BERTS_KEY[:-1]}/{{}}",
    "/wrong-key/{}",
    f"/{'f' * 40}/{{}}",
    f"/{'f' * 40}/{'f' * 40}/{{}}",
)


def spelled(name: str) -> Iterator[str]:
    """Give other ways to write the name of a file."""
    yield name
    yield "".join(f"%{ord(letter):02x}" for letter in name)
    yield "%30" + name[1:]
    yield name.replace(".cfg", "%2ecfg")
    yield name.upper()


class MacGuessingTests(SynchronousTestCase):
    def test_from_elsewhere_no_spelling_of_a_known_mac_gives_its_file(self) -> None:
        """GET and HEAD, keys that are near, proxies that nobody knows: no byte of it."""
        for policy in EVERY:
            office = Outside(policy)
            for trick in TRICKS:
                for name in spelled(FILE):
                    for method in ("GET", "HEAD", "POST", "PUT"):
                        reply = office.http(trick.format(name), method=method)
                        self.assertNotIn(SECRET, reply.body)
                        self.assertIn(reply.status, (401, 404), (policy, trick, name, method))

    def test_on_a_strict_network_neither(self) -> None:
        """A visitor's laptop stands in the same network as the phones."""
        for policy in STRICT:
            office = Outside(policy)
            office.lease(ip=DESK)
            for name in spelled(FILE):
                for method in ("GET", "HEAD"):
                    reply = office.http(f"/{name}", ip="10.0.0.66", method=method)
                    self.assertIn(reply.status, (401, 404))

    def test_a_stranger_leaves_nothing_behind(self) -> None:
        """Neither a device nor a word in what is known of one: it could be made to look alive, or elsewhere."""
        for policy in EVERY:
            office = Outside(policy)
            seq = office.store.seq
            for name in (FILE, OTHER, BERTS, "common.cfg"):
                office.http(f"/{name}")
            self.assertEqual(office.store.seq, seq)
            self.assertRaises(NotFound, office.store.get, Presence, "d1")
            self.assertEqual({device.id for device in office.devices()}, {"d1", "d3"})


class ExistenceOracleTests(SynchronousTestCase):
    def faces(
        self, office: Outside, targets: tuple[str, ...], method: str = "GET"
    ) -> set[tuple[object, ...]]:
        return {face(office.http(target, method=method)) for target in targets}

    def test_elsewhere_all_that_is_not_given_looks_the_same(self) -> None:
        """Unknown, refused, not existing, wrong tenant: one face by each method."""
        for policy in EVERY:
            for method in ("GET", "HEAD", "POST", "PUT"):
                office = Outside(policy, TOKEN)
                targets = (
                    *(
                        trick.format(name)
                        for trick in TRICKS
                        for name in (FILE, BERTS, OTHER, "x", "common.cfg")
                    ),
                    "/",
                    "/log.txt",
                    "/firmware.rom",
                    "/" + "a" * 500,
                )
                self.assertEqual(len(self.faces(office, targets, method=method)), 1, (policy, method))

    def test_a_key_that_is_anothers_opens_no_view(self) -> None:
        """Behind Bert's key Anna's phones look like files that are not there."""
        for policy in (Policy(), Policy(Proof.ADDRESS, Proof.KEY)):
            office = Outside(policy)
            known = face(office.http(f"/{BERTS_KEY}/{FILE}"))
            self.assertEqual(known, face(office.http(f"/{BERTS_KEY}/x/y")))
            self.assertEqual(known, face(office.http(f"/{FILE}")))

    def test_on_a_strict_network_what_is_open_does_not_depend_on_devices(self) -> None:
        """A known phone's plugin would tell, by which common files it has, that the phone is known."""
        for policy in STRICT:
            office = Outside(policy)
            office.put(
                Device(
                    "d5", mac="00:ac:ed:00:00:05", vendor="Acme", model="A20", plugin="gone-1", tenant="anna"
                )
            )
            for name in ("common.cfg", "x", "firmware.rom"):
                replies = {
                    face(
                        office.http(f"/{name}", ip="10.0.0.66", headers={"user-agent": f"acme A60 2.1 {mac}"})
                    )[:1]
                    for mac in ("00:ac:ed:00:00:01", "00:ac:ed:00:00:05", "00:ac:ed:00:00:09")
                }
                self.assertEqual(len(replies), 1, (policy, name))
            files = (FILE, "00aced000005.cfg", "00aced000009.cfg")
            self.assertEqual(len({face(office.http(f"/{name}", ip="10.0.0.66")) for name in files}), 1)

    def test_over_tftp_one_error_for_all(self) -> None:
        """Code and text: they are made of the outcome alone, so the outcome is what must not differ."""
        for policy in EVERY:
            office = Outside(policy)
            for method in ("GET", "PUT"):
                answers = [
                    office.answer(
                        protocol="tftp",
                        path=path,
                        ip=HOME,
                        method=method,
                        user_agent="",
                        base="tftp://10.0.0.1",
                    )
                    for path in (FILE, OTHER, BERTS, "x", f"{BERTS_KEY}/{FILE}", f"wrong/{FILE}", "log.txt")
                ]
                told = {(one.outcome, one.file, one.upload, one.retry_s, one.challenges) for one in answers}
                self.assertEqual(told, {("nothing", None, None, 0, ())}, policy)

    def test_who_is_asked_for_a_password_is_not_told_whether_there_is_such_a_user(self) -> None:
        """The challenge follows from the network and the key in the path, never from the device."""
        office = Outside(Policy(elsewhere=Proof.TOKEN), TOKEN)
        plain = office.http(f"/{OTHER}")
        self.assertEqual(plain.status, 401)
        seen: set[tuple[object, ...]] = set()
        for name, user in (
            (FILE, "00aced000001"),
            (FILE, "d1"),
            (OTHER, "00aced000002"),
            (BERTS, "x"),
            ("x", ""),
        ):
            for password in ("wrong", ""):
                seen.add(face(office.http(f"/{name}", headers=digest(plain, f"/{name}", user, password))))
        for header in ("Basic YTpi", "Digest", "Bearer x", "Digest " + "a" * 5_000):
            seen.add(face(office.http(f"/{FILE}", headers={"authorization": header})))
        self.assertEqual(seen, {face(plain)})

    def test_a_tenant_whose_policy_differs_does_not_show_by_it(self) -> None:
        """Anna asks for tokens, the master for keys: without her key nobody is asked for a password."""
        for anna, master in (("token", "key"), ("key", "token"), ("never", "token"), ("certificate", "key")):
            office = Outside(Policy(), TOKEN)
            for name, word in (("anna", anna), ("master", master), ("bert", "key")):
                office.put(evolve(office.store.get(Tenant, name), policy_elsewhere=word))
            self.assertEqual(len(self.faces(office, (f"/{FILE}", f"/{OTHER}", f"/{BERTS}", "/x"))), 1)
            if anna != "key":
                inside = (f"/{ANNAS_KEY}/{FILE}", f"/{ANNAS_KEY}/{OTHER}", f"/{ANNAS_KEY}/x")
                self.assertEqual(len(self.faces(office, inside)), 1)

    def test_a_challenge_is_there_for_tokens_alone(self) -> None:
        """Phones that were never told a password ask their users for one on the screen."""
        for policy, asked in (
            (Policy(), False),
            (Policy(elsewhere=Proof.CERTIFICATE), False),
            (Policy(elsewhere=None), False),
            (Policy(local=Proof.TOKEN), False),
            (Policy(elsewhere=Proof.TOKEN), True),
        ):
            reply: Reply = Outside(policy).http(f"/{FILE}")
            self.assertEqual(len(challenges(reply)), 2 * asked)
