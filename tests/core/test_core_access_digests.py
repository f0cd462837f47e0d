"""access: HTTP digest, from the challenge to the nonce that was used before."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.access.digests import REALM, REFUSED, Checked, Digests, Use
from provserver.model import Pairing, Sighting
from provserver.sip.digest import Credentials, answer, read_challenge

AT = 1_800_000_000.5
PHONE = Pairing("d1", token="t0k3n-of-the-phone-number-1")
TARGET = "/001565aabbcc.cfg?a=b"
SEEN = Sighting("http", AT, "203.0.113.9", "https://provd", "001565aabbcc.cfg", target=TARGET)
SALT = "0123456789abcdef" * 2


class DigestsCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.digests = Digests(b"k" * 32)

    def challenge(self, index: int = 0, at: float = AT, salt: str = SALT) -> str:
        return self.digests.challenges(at, salt, stale=False)[index]

    def said(
        self,
        challenge: str,
        password: str = PHONE.token,
        count: int = 1,
        uri: str = TARGET,
        method: str = "GET",
    ) -> Credentials:
        """Return what a phone answers."""
        return answer(read_challenge(challenge), "001565aabbcc", password, method, uri, "c1", count)

    def old(self, challenge: str, password: str = PHONE.token) -> Credentials:
        """Return what a phone answers that knows RFC 2069 alone."""
        return answer(evolve(read_challenge(challenge), qop=()), "001565aabbcc", password, "GET", TARGET, "")

    def check(
        self,
        credentials: Credentials,
        at: float = AT,
        own: Use | None = None,
        known: tuple[Pairing, ...] = (PHONE,),
    ) -> Checked:
        """Check them as they come in a request, and spend what they use."""
        seen = evolve(SEEN, at=at, authorization=str(credentials))
        read = self.digests.read(seen)
        assert read
        checked = self.digests.check(read, seen, known, own)
        if checked.use:
            self.digests.spend(checked.use)
        return checked


class CheckTests(DigestsCase):
    def test_both_algorithms_are_offered_the_stronger_first(self) -> None:
        """RFC 7616 section 3.7: a phone takes the first that it knows."""
        offered = [read_challenge(text) for text in self.digests.challenges(AT, SALT, stale=False)]
        self.assertEqual(
            [(one.realm, one.algorithm) for one in offered], [(REALM, "SHA-256"), (REALM, "MD5")]
        )
        self.assertEqual({one.nonce for one in offered}, {offered[0].nonce})
        self.assertEqual({one.qop for one in offered}, {("auth",)})

    def test_the_right_password_by_each(self) -> None:
        """New phones speak SHA-256, most MD5, and the oldest know no qop."""
        for credentials in (
            self.said(self.challenge(0, salt="a" * 32)),
            self.said(self.challenge(1, salt="b" * 32)),
            self.old(self.challenge(1, salt="c" * 32)),
        ):
            self.assertEqual(self.check(credentials).pairing, PHONE)

    def test_a_user_name_may_mean_several_devices(self) -> None:
        """Two have one mac: the password says which."""
        other = Pairing("d0", token="t0k3n-of-the-phone-number-2")
        self.assertEqual(self.check(self.said(self.challenge()), known=(other, PHONE)).pairing, PHONE)

    def test_what_does_not_fit(self) -> None:
        """Another password, method, path or realm is no proof, and says nothing about why."""
        challenge = self.challenge()
        for credentials in (
            self.said(challenge, password="wrong"),
            self.said(challenge, method="PUT"),
            self.said(challenge, uri="/other.cfg"),
            evolve(self.said(challenge), realm="other"),
            evolve(self.said(challenge), count=2),
            evolve(self.said(challenge), opaque="x"),
            evolve(self.said(challenge), qop="", count=0),
            evolve(self.old(challenge), nonce="other"),
        ):
            self.assertEqual(self.check(credentials), REFUSED)

    def test_nobody_is_no_user(self) -> None:
        """Not with an empty password either, which is what stands for a user that does not exist."""
        self.assertEqual(self.check(self.said(self.challenge(), password=""), known=()), REFUSED)
        self.assertEqual(self.check(self.said(self.challenge(), password="x"), known=()), REFUSED)

    def test_a_header_that_is_no_digest_of_ours_is_not_looked_at(self) -> None:
        """Scanners send anything."""
        sess = evolve(self.said(self.challenge()), algorithm="MD5-sess")
        for text in (
            "",
            "Basic YTpi",
            "Digest",
            "Digest a=b",
            "Digest " + "x" * 9_000,
            str(sess),
            "\xff\xfe",
        ):
            self.assertIsNone(self.digests.read(evolve(SEEN, authorization=text)))


class ReplayTests(DigestsCase):
    def test_a_count_is_used_once(self) -> None:
        """What was overheard is worth nothing; the phone itself counts on."""
        challenge = self.challenge()
        self.assertEqual(self.check(self.said(challenge)).pairing, PHONE)
        self.assertEqual(self.check(self.said(challenge)), Checked(stale=True))
        self.assertEqual(self.check(self.said(challenge, count=3)).pairing, PHONE)
        self.assertEqual(self.check(self.said(challenge, count=2)), Checked(stale=True))

    def test_without_a_count_a_nonce_is_used_once(self) -> None:
        """An old phone gets a new nonce with each answer 401; nothing else tells a replay from it."""
        challenge = self.challenge(1)
        self.assertEqual(self.check(self.old(challenge)).pairing, PHONE)
        self.assertEqual(self.check(self.old(challenge)), Checked(stale=True))
        self.assertEqual(self.check(self.said(challenge)), Checked(stale=True))

    def test_the_request_itself_may_be_looked_at_again(self) -> None:
        """It waits for the disk, and is decided anew when it has."""
        credentials = self.said(self.challenge())
        use = self.check(credentials).use
        self.assertEqual(self.check(credentials, own=use).pairing, PHONE)

    def test_a_nonce_lives_five_minutes(self) -> None:
        """Neither longer, nor before it was made: the clock may be set back."""
        challenge = self.challenge()
        for at, stale in ((AT + 299, False), (AT + 301, True), (AT - 2, True)):
            digests, self.digests = self.digests, Digests(b"k" * 32)
            self.assertEqual(self.check(self.said(challenge), at=at).stale, stale, at)
            self.digests = digests

    def test_a_nonce_that_is_not_ours_is_stale(self) -> None:
        """After a restart; or made by somebody who would like to choose it."""
        challenge = self.challenge()
        nonce = read_challenge(challenge).nonce
        forged = challenge.replace(nonce, nonce[:-1] + ("0" if nonce[-1] != "0" else "1"))
        self.assertEqual(self.check(self.said(forged)), Checked(stale=True))
        for odd in ("x", "zz.y." + nonce.rpartition(".")[2], "\xff.1.2", "", "1" * 3_000):
            self.assertEqual(self.check(self.said(challenge.replace(nonce, odd))), Checked(stale=True))
        self.digests = Digests(b"other" * 8)
        self.assertEqual(self.check(self.said(challenge)), Checked(stale=True))

    def test_stale_is_told_only_to_who_knows_the_password(self) -> None:
        """Otherwise the answer would tell a guesser that only the nonce was wrong."""
        challenge = self.challenge(at=AT - 1_000)
        self.assertEqual(self.check(self.said(challenge)), Checked(stale=True))
        self.assertEqual(self.check(self.said(challenge, password="wrong")), REFUSED)
        self.assertIn("stale=true", self.digests.challenges(AT, SALT, stale=True)[1])
        self.assertNotIn("stale", self.challenge())

    def test_memory_is_bounded_and_what_is_forgotten_is_not_believed(self) -> None:
        """A flood of logins costs others a second 401, never their safety."""
        self.digests = Digests(b"k" * 32, most_used=2)
        challenges = [self.challenge(at=AT - 10 + number, salt=f"{number}" * 32) for number in range(4)]
        for challenge in challenges[:3]:
            self.assertEqual(self.check(self.said(challenge)).pairing, PHONE)
        self.assertEqual(self.check(self.said(challenges[0])), Checked(stale=True))
        self.assertEqual(self.check(self.said(challenges[0], count=2)), Checked(stale=True))
        self.assertEqual(self.check(self.said(challenges[3])).pairing, PHONE)

    def test_no_secret_in_a_repr(self) -> None:
        """It would come into a log with the next traceback."""
        checked = self.check(self.said(self.challenge()))
        self.assertNotIn("t0k3n", repr(checked))
        self.assertNotIn(read_challenge(self.challenge()).nonce, repr(checked))
