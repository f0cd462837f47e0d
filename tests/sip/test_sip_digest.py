"""Digest: the examples of the RFCs, both sides against each other, and whatever does not fit."""

import hashlib
import time
from dataclasses import dataclass

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.sip.digest import (
    ALGORITHMS,
    Challenge,
    Credentials,
    answer,
    fits,
    read_challenge,
    read_credentials,
    secret,
    strongest,
)

URI = "/dir/index.html"


@dataclass
class Example:
    challenge: Challenge
    password: str
    cnonce: str
    response: str


RFC_7616 = Challenge(
    "http-auth@example.org",
    "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    qop=("auth", "auth-int"),
    opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
)
RFC_2617 = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", qop=("auth",))
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"

EXAMPLES = {
    "RFC 2617 section 3.5": Example(
        RFC_2617, "Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1"
    ),
    "RFC 2069 section 2.4, without qop": Example(
        evolve(RFC_2617, qop=()), "CircleOfLife", "", "1949323746fe6a43ef61f9606e7febea"
    ),
    "RFC 7616 section 3.9.1, MD5": Example(
        RFC_7616, "Circle of Life", CNONCE, "8ca523f5e9506fed4657c9700eebdbec"
    ),
    "RFC 7616 section 3.9.1, SHA-256": Example(
        evolve(RFC_7616, algorithm="SHA-256"),
        "Circle of Life",
        CNONCE,
        "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    ),
}

# text -> what must stand in the error
NO_CHALLENGES = {
    "": "not Digest",
    'Basic realm="x"': "not Digest: 'Basic'",
    "Digest": "digest without realm, nonce",
    'Digest realm="x"': "digest without nonce",
    'Digest realm="x", realm="y", nonce="n"': "a name twice",
    'Digest realm="x" nonce="n"': "no name and value",
    'Digest realm="x, nonce="n"': "no name and value",
    'Digest realm="open': "no name and value",
    "Digest =x": "no name and value",
    'Digest realm="x", nonce="' + "n" * 5000 + '"': "not Digest",
}

GOOD = (
    'Digest username="ap0017", realm="provd", nonce="n1", uri="sip:pbx", response="0123", '
    'algorithm=md5, cnonce="c", qop=auth, nc=0000000A, opaque="o"'
)
NO_CREDENTIALS = {
    GOOD.replace("username", "name"): "digest without username",
    GOOD.replace("algorithm=md5", "algorithm=SHA-512-256"): "'SHA-512-256' with qop 'auth' is not taken",
    GOOD.replace("qop=auth", "qop=auth-int"): "with qop 'auth-int' is not taken",
    GOOD.replace("nc=0000000A", "nc=1"): "qop without nc of eight hex digits and cnonce",
    GOOD.replace("nc=0000000A", "nc=0000000G"): "qop without nc",
    GOOD.replace(", nc=0000000A", ""): "qop without nc",
    GOOD.replace('cnonce="c"', 'cnonce=""'): "qop without nc",
    "Basic QWxhZGRpbjpvcGVu": "not Digest: 'Basic'",
}


class ClientTests(SynchronousTestCase):
    def test_the_examples_of_the_rfcs(self) -> None:
        """The hashes are those that others computed."""
        for name, example in EXAMPLES.items():
            with self.subTest(name=name):
                made = answer(example.challenge, "Mufasa", example.password, "GET", URI, example.cnonce)
                self.assertEqual(made.response, example.response)

    def test_a_session_hash(self) -> None:
        """RFC 7616 section 3.4.2, computed here by hand: no RFC has an example."""

        def md5(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()

        made = answer(evolve(RFC_2617, algorithm="MD5-sess", qop=()), "u", "p", "REGISTER", "sip:h", "c1")
        a1 = md5(f"{md5('u:testrealm@host.com:p')}:{RFC_2617.nonce}:c1")
        self.assertEqual(made.response, md5(f"{a1}:{RFC_2617.nonce}:{md5('REGISTER:sip:h')}"))
        self.assertEqual((made.cnonce, made.count), ("c1", 0))

    def test_a_challenge_is_read(self) -> None:
        """As Asterisk and Kamailio write it, and as anybody may."""
        for text, expected in {
            'Digest realm="asterisk",nonce="1/ab=",opaque="o",algorithm=MD5,qop="auth"': Challenge(
                "asterisk", "1/ab=", "MD5", ("auth",), "o"
            ),
            'digest realm="a \\"b\\"", nonce=n, algorithm=sha-256-SESS, qop="auth-int , AUTH", stale=TRUE,': (
                Challenge('a "b"', "n", "SHA-256-sess", ("auth-int", "auth"), stale=True)
            ),
            'Digest realm="", nonce=""': Challenge("", "", "MD5", ()),
            'Digest realm="x", nonce="n", algorithm=AKAv1-MD5': Challenge("x", "n", "AKAv1-MD5", ()),
        }.items():
            with self.subTest(text=text):
                self.assertEqual(read_challenge(text), expected)

    def test_what_is_written_is_read_again(self) -> None:
        """Both kinds of header, with whatever a realm or a name may hold."""
        for algorithm in ALGORITHMS:
            for qop in ((), ("auth",)):
                asked = Challenge('a "b" \\', "n=", algorithm, qop, "o,p" if qop else "", stale=True)
                self.assertEqual(read_challenge(str(asked)), asked)
                made = answer(asked, 'Anna "A"', "p", "REGISTER", "sip:h;x=1", "c", 255)
                self.assertEqual(read_credentials(str(made)), made)
        self.assertIn("nc=000000ff", str(made))
        self.assertEqual(read_challenge(str(Challenge("r", "n", qop=()))), Challenge("r", "n", qop=()))

    def test_the_strongest_challenge_is_answered(self) -> None:
        """RFC 8760: a server may offer several; what cannot be computed is passed over."""
        md5, sha = str(Challenge("r", "md5")), str(Challenge("r", "sha", "SHA-256"))
        other = str(Challenge("r", "x", "SHA-512-256"))
        integrity = str(Challenge("r", "y", "SHA-256", ("auth-int",)))
        self.assertEqual(strongest([md5, other, integrity, "Basic x", sha]).nonce, "sha")
        self.assertEqual(strongest([md5, str(Challenge("r", "later"))]).nonce, "md5")
        for texts in ([], [other], [integrity], ["Digest"]):
            self.assertIn("no challenge of Digest", str(self.assertRaises(Invalid, strongest, texts)))

    def test_what_is_no_challenge_is_refused(self) -> None:
        """A server may send anything."""
        for text, error in NO_CHALLENGES.items():
            with self.subTest(text=text[:60]):
                self.assertIn(error, str(self.assertRaises(Invalid, read_challenge, text)))


class ServerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.asked = Challenge("provd", "n1", opaque="o1")
        self.stored = secret("MD5", "anna", "provd", "pw")
        self.made = answer(self.asked, "anna", "pw", "GET", "/a.cfg", "c1")

    def fits(
        self, made: Credentials, asked: Challenge | None = None, method: str = "GET", uri: str = "/a.cfg"
    ) -> bool:
        return fits(made, asked or self.asked, self.stored, method, uri)

    def test_the_right_password_fits(self) -> None:
        """With every algorithm, with qop and without; digits of the hash may be capital."""
        for algorithm in ALGORITHMS:
            for qop in ((), ("auth",), ("auth-int", "auth")):
                with self.subTest(algorithm=algorithm, qop=qop):
                    asked = Challenge("provd", "n1", algorithm, qop)
                    made = answer(asked, "anna", "pw", "GET", "/a.cfg", "c1", 7)
                    stored = secret(algorithm, "anna", "provd", "pw")
                    self.assertTrue(fits(made, asked, stored, "GET", "/a.cfg"))
                    shouted = evolve(made, response=made.response.upper())
                    self.assertTrue(fits(shouted, asked, stored, "GET", "/a.cfg"))

    def test_anything_else_does_not(self) -> None:
        """An answer is good for one challenge, one method and one URI; and nobody may leave the qop out."""
        wrong = {
            "password": answer(self.asked, "anna", "pW", "GET", "/a.cfg", "c1"),
            "user": answer(self.asked, "otto", "pw", "GET", "/a.cfg", "c1"),
            "response": evolve(self.made, response="é"),
            "nonce": answer(evolve(self.asked, nonce="n2"), "anna", "pw", "GET", "/a.cfg", "c1"),
            "realm": answer(evolve(self.asked, realm="other"), "anna", "pw", "GET", "/a.cfg", "c1"),
            "opaque": evolve(self.made, opaque=""),
            "count": evolve(self.made, count=2),
            "no qop": answer(evolve(self.asked, qop=()), "anna", "pw", "GET", "/a.cfg", "c1"),
            "algorithm": answer(
                evolve(self.asked, algorithm="MD5-sess"), "anna", "pw", "GET", "/a.cfg", "c1"
            ),
            "other uri, signed": answer(self.asked, "anna", "pw", "GET", "/b.cfg", "c1"),
        }
        self.assertTrue(self.fits(self.made))
        for name, made in wrong.items():
            with self.subTest(name=name):
                self.assertFalse(self.fits(made))
        self.assertFalse(self.fits(self.made, method="PUT"))
        self.assertFalse(self.fits(self.made, uri="/b.cfg"))
        self.assertFalse(self.fits(self.made, evolve(self.asked, qop=())))

    def test_names_are_hashed_as_the_bytes_that_came(self) -> None:
        """A name that is no UTF-8 on the wire is what the phone hashed too."""
        name = b"Andr\xe9".decode("utf-8", "surrogateescape")
        self.assertEqual(secret("MD5", name, "r", "p"), hashlib.md5(b"Andr\xe9:r:p").hexdigest())

    def test_credentials_are_read(self) -> None:
        """As phones write them, small letters and all."""
        self.assertEqual(
            read_credentials(GOOD),
            Credentials("ap0017", "provd", "n1", "sip:pbx", "0123", "MD5", "auth", "c", 10, "o"),
        )

    def test_what_are_no_credentials_is_refused(self) -> None:
        """One error, and no secret in its text."""
        for text, error in NO_CREDENTIALS.items():
            with self.subTest(text=text):
                self.assertIn(error, str(self.assertRaises(Invalid, read_credentials, text)))

    def test_no_secret_is_shown(self) -> None:
        """What could be replayed or guessed from does not reach a log."""
        for hidden in (self.made.response, "c1", "n1"):
            self.assertNotIn(hidden, repr(self.made))

    def test_no_text_is_read_again_and_again(self) -> None:
        """A header of any length costs less than a turn of the reactor."""
        for text in (" " * 4000 + '"', '"' + '\\"' * 2000, '"' * 4001, "a" * 4000, "a=" * 2000, "," * 4000):
            for each in (f"Digest {text}", f"Digest a={text}", f"Digest a=b{text}"):
                began = time.process_time()
                self.assertRaises(Invalid, read_credentials, each)
                self.assertLess(time.process_time() - began, 0.1, each[:30])

    @settings(derandomize=True, max_examples=300)
    @given(st.text(max_size=80))
    def test_no_text_surprises_the_parsers(self, text: str) -> None:
        """It is read or refused."""
        for read in (read_challenge, read_credentials):
            for each in (text, f"Digest {text}", f"{GOOD}, {text}"):
                try:
                    read(each)
                except Invalid:
                    pass
