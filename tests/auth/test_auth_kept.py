"""Tokens that provd keeps itself."""

from collections.abc import Iterable

from attrs import evolve

from provserver.auth.kept import KeptTokens
from provserver.core.tokens import digest_of
from provserver.errors import Invalid
from provserver.model import Caller, Commit, Delete, Tenant, Token
from tests.contracts.authenticator import AuthenticatorContract
from tests.fakes.office import Office

ADMINISTRATOR = "token-of-admin"


class KeptTokensTests(AuthenticatorContract.Tests):
    master = "master"

    def setUp(self) -> None:
        self.office = Office()
        self.office.put(
            Tenant("anna", parent="master"), Tenant("bert", parent="master"), Tenant("carl", parent="anna")
        )
        self.authenticator = KeptTokens(ADMINISTRATOR, self.office.memory, self.office.clock.seconds)

    def issue(self, token: str, tenant: str, acl: Iterable[str]) -> None:
        kept = Token(f"id-{token}", name="Anna", digest=digest_of(token), acl=tuple(acl), tenant=tenant)
        self.office.put(kept)

    def revoke(self, token: str) -> None:
        self.office.memory.commit(Commit((Delete(Token, f"id-{token}"),), "test", "revoked"))

    def test_the_administrators_may_do_everything_everywhere(self) -> None:
        """It is the way in, also to tenants that are made later."""
        for tenant, at, tenants in (
            (None, "master", {"master", "anna", "bert", "carl"}),
            ("master", "master", {"master", "anna", "bert", "carl"}),
            ("anna", "anna", {"anna", "carl"}),
        ):
            caller = self.caller(ADMINISTRATOR, "provd.anything", tenant)
            wanted = Caller("administrator", at, frozenset(tenants), "master", ("#",), "administrator")
            self.assertEqual(caller, wanted)
        self.office.put(Tenant("dora", parent="carl"))
        self.assertIn("dora", self.caller(ADMINISTRATOR).tenants)
        self.assertEqual(self.caller(ADMINISTRATOR, tenant="dora").tenants, {"dora"})

    def test_a_token_ends_when_it_was_to_end(self) -> None:
        """Not a second later."""
        self.issue("good", "anna", ["#"])
        token = self.office.memory.get(Token, "id-good")
        self.office.put(evolve(token, expires=self.office.clock.seconds() + 10))
        self.office.clock.advance(9.9)
        self.caller("good")
        self.office.clock.advance(0.1)
        self.refusal("good")

    def test_a_token_ends_with_its_tenant(self) -> None:
        """Whatever deleted it."""
        self.issue("good", "bert", ["#"])
        self.caller("good")
        self.office.memory.commit(Commit((Delete(Tenant, "bert"),), "test", "deleted"))
        self.refusal("good")

    def test_the_history_knows_who_it_was(self) -> None:
        """By the first letters of the id, and the name."""
        self.issue("good", "anna", ["#"])
        caller = self.caller("good")
        self.assertEqual((caller.name, caller.token), ("id-good (Anna)", "id-good"))

    def test_me_is_the_token_itself(self) -> None:
        """So a token can be given the right to be revoked by its holder."""
        self.issue("good", "anna", ["provd.tokens.me.delete"])
        self.caller("good", "provd.tokens.id-good.delete")
        self.refusal("good", "provd.tokens.id-other.delete")

    def test_an_empty_administrators_token_is_refused(self) -> None:
        """An empty file would let everybody in."""
        self.assertRaises(Invalid, KeptTokens, "", self.office.memory, self.office.clock.seconds)

    def test_a_digest_is_no_token(self) -> None:
        """Who reads the journal gets nothing that opens the API."""
        self.issue("good", "anna", ["#"])
        for digest in (digest_of("good"), digest_of(ADMINISTRATOR), "0" * 64):
            self.refusal(digest)

    def test_tenants_that_go_round_do_not_hang_it(self) -> None:
        """Whoever writes such a file."""
        self.office.put(Tenant("x", parent="y"), Tenant("y", parent="x"))
        self.issue("good", "x", ["#"])
        self.assertEqual(self.caller("good").tenants, {"x", "y"})
        self.assertNotIn("x", self.caller(ADMINISTRATOR).tenants)
