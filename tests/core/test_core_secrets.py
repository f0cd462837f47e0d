"""Secrets: one table says what they are, and nothing that is shown has one."""

import json

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.secrets import (
    MASK,
    is_secret,
    masked,
    masked_json,
    restored,
    restored_text,
    without_passwords,
)
from provserver.errors import Invalid
from provserver.model import Config, Device, Json, Parameter, Tenant, Token
from provserver.model.words import MARKED
from provserver.raw_config.fields import FIELDS, TABLES
from provserver.store.codec import KINDS

RAW = {
    "locale": "fr_FR",
    "admin_username": "admin",
    "admin_password": "hush1",
    "user_password": "",
    "sip_local_key": "-----BEGIN hush2",
    "sip_servers_root_and_intermediate_certificates": ["hush3", "hush4"],
    "sip_lines": {"1": {"username": "anna", "password": "hush5", "X_auth_token": "hush6"}},
    "X_xivo_phonebook_ip": "10.0.0.1",
    "X_url": "http://anna:hush7@10.0.0.1/book?a=b",
    "X_list": [{"Secret": "hush8", "name": "x"}, "https://a:hush9@b", 5, None],
    "X_api_key": 12345,
    "X_credentials": {"user": "hush10"},
    "exten_park": "700",
}


def json_of(value: object) -> Json:
    return Json(json.dumps(value, separators=(",", ":")).encode())


class TableTests(SynchronousTestCase):
    def test_each_field_that_can_hold_a_secret_is_marked_and_in_no_repr(self) -> None:
        """A document in a log, a traceback or a failed assertion must not tell a password; so a new kind of document
        cannot forget it."""
        for kind in KINDS.values():
            for field in attrs.fields(attrs.resolve_types(kind)):
                sounds = is_secret(field.name) or field.name in ("key", "digest", "code")
                if field.type is Json or sounds:
                    self.assertIn(MARKED, field.metadata, f"{kind.__name__}.{field.name}")
                if MARKED in field.metadata:
                    self.assertFalse(field.repr, f"{kind.__name__}.{field.name}")
                    self.assertIsNot(field.default, attrs.NOTHING, "what is sealed is left out beside it")

    def test_names(self) -> None:
        """Clients' own names are judged by their sound; usual ones must stay readable."""
        for name in (
            "password",
            "admin_password",
            "X_Passwd",
            "X_passphrase",
            "api_key",
            "X_privatekey",
            "TOKEN",
        ):
            self.assertTrue(is_secret(name), name)
        for name in ("username", "funckeys", "key", "admin_username", "voicemail", "config_version", "label"):
            self.assertFalse(is_secret(name), name)
        for name in ("password", "sip_local_key", "admin_password", "user_password"):
            self.assertTrue({**FIELDS, **TABLES["sip_lines"].fields}[name].secret)

    def test_passwords_of_urls(self) -> None:
        """Twisted's errors repeat URLs, and a proxy's has its password in it."""
        for text, shown in (
            ("http://anna:hush@proxy:3128", f"http://anna:{MASK}@proxy:3128"),
            ("no http://:hush@x/ and ftp://a:b@c", f"no http://:{MASK}@x/ and ftp://a:{MASK}@c"),
            ("http://anna:p@ss@proxy", f"http://anna:{MASK}@proxy"),
            ("http://anna@proxy", "http://anna@proxy"),
            ("http://proxy:3128/a@b", "http://proxy:3128/a@b"),
            ("sip:100@10.0.0.1", "sip:100@10.0.0.1"),
            ("", ""),
        ):
            self.assertEqual(without_passwords(text), shown)


class MaskingTests(SynchronousTestCase):
    def test_no_secret_is_left_and_all_else_is(self) -> None:
        """Who may not see secrets still has to work with the config."""
        shown = masked_json(json_of(RAW))
        self.assertNotIn(b"hush", shown)
        self.assertNotIn(b"12345", shown)
        raw = json.loads(shown)
        self.assertEqual(
            raw["sip_lines"], {"1": {"username": "anna", "password": MASK, "X_auth_token": MASK}}
        )
        self.assertEqual(raw["X_list"], [{"Secret": MASK, "name": "x"}, f"https://a:{MASK}@b", 5, None])
        for name in ("locale", "admin_username", "user_password", "exten_park", "X_xivo_phonebook_ip"):
            self.assertEqual(raw[name], RAW[name])
        self.assertEqual(raw["sip_servers_root_and_intermediate_certificates"], MASK)

    def test_each_kind_of_document(self) -> None:
        """A text that is a secret goes as a whole; of a parameter only the password of its URL."""
        for document, shown in (
            (Tenant("t", key="hush", name="x"), Tenant("t", key=MASK, name="x")),
            (Tenant("t"), Tenant("t")),
            (Token("t", digest="ab", acl=("#",)), Token("t", digest=MASK, acl=("#",))),
            (
                Parameter("http_proxy", value="http://a:b@c"),
                Parameter("http_proxy", value=f"http://a:{MASK}@c"),
            ),
            (Parameter("locale", value="fr_FR"), Parameter("locale", value="fr_FR")),
            (Parameter("locale"), Parameter("locale")),
            (
                Device("d", options=json_of({"pin": 1, "token": "t"}), other=json_of({"X_secret": "s"})),
                Device("d", options=json_of({"pin": 1, "token": MASK}), other=json_of({"X_secret": MASK})),
            ),
        ):
            self.assertEqual(masked(document), shown)


class RestoringTests(SynchronousTestCase):
    KEPT = Config("c1", raw=json_of(RAW), other=json_of({"X_password": "hush", "label": "x"}))

    def test_what_was_read_and_sent_back_is_what_is_kept(self) -> None:
        """A client that changes the language must not set the password to three stars."""
        self.assertEqual(restored(masked(self.KEPT), self.KEPT), self.KEPT)
        changed = json.loads(masked(self.KEPT).raw)
        changed |= {"locale": "de_DE", "admin_password": "new", "exten_park": "***"}
        del changed["sip_lines"]["1"]["X_auth_token"]
        after = json.loads(restored(Config("c1", raw=json_of(changed)), self.KEPT).raw)
        wanted = {**RAW, "locale": "de_DE", "admin_password": "new", "exten_park": "***"}
        wanted["sip_lines"] = {"1": {"username": "anna", "password": "hush5"}}
        self.assertEqual(after, wanted)

    def test_a_mask_for_which_nothing_is_kept_is_refused(self) -> None:
        """Else a phone would register with three stars, and its user would wonder."""
        for raw, field in (
            ({"sip_lines": {"2": {"password": MASK}}}, "raw_config.sip_lines.2.password"),
            ({"sip_lines": {"1": {"X_other_secret": MASK}}}, "raw_config.sip_lines.1.X_other_secret"),
            ({"user_password": MASK}, "raw_config.user_password"),
            ({"X_url": f"http://anna:{MASK}@10.0.0.66/book"}, "raw_config.X_url"),
            ({"X_list": ["x", 1, f"http://a:{MASK}@b"]}, "raw_config.X_list.2"),
            ({"X_list": [1, 2, 3, 4, {"secret": MASK}]}, "raw_config.X_list.4.secret"),
            ({"locale": {"password": MASK}}, "raw_config.locale.password"),
        ):
            with self.assertRaises(Invalid) as caught:
                restored(Config("c1", raw=json_of(raw)), self.KEPT)
            self.assertEqual(caught.exception.field, field)
            self.assertNotIn("hush", str(caught.exception))
        with self.assertRaises(Invalid) as caught:
            restored(Device("d", options=json_of({"token": MASK}), other=json_of({})), None)
        self.assertEqual(caught.exception.field, "options.token")
        with self.assertRaises(Invalid) as caught:
            restored(Device("d", other=json_of({"X_token": MASK})), None)
        self.assertEqual(caught.exception.field, "X_token")

    def test_texts(self) -> None:
        """Keys and proxies come one by one."""
        for value, kept, whole, meant in (
            (MASK, "hush", True, "hush"),
            ("new", "hush", True, "new"),
            (MASK, "fr_FR", False, MASK),
            (f"http://a:{MASK}@b", "http://a:hush@b", False, "http://a:hush@b"),
            ("http://a:new@b", "http://a:hush@b", False, "http://a:new@b"),
        ):
            self.assertEqual(restored_text(value, kept, whole, "value"), meant)
        refused: tuple[tuple[str, str | None, bool], ...] = (
            (MASK, None, True),
            (f"http://a:{MASK}@evil", "http://a:hush@b", False),
            (f"http://a:{MASK}@b", None, False),
        )
        for sent, before, whole in refused:
            self.assertRaises(Invalid, restored_text, sent, before, whole, "value")
        tenant = Tenant("t", key="hush")
        self.assertEqual(restored(masked(tenant), tenant), tenant)
        self.assertEqual(restored(Tenant("t"), tenant), Tenant("t"))

    @settings(derandomize=True, max_examples=300, deadline=None)
    @given(
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-9, 9)
            | st.sampled_from(("", "x", "***", "http://a:b@c")),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(("password", "name", "X_token", "sip_lines")), inner, max_size=3
                )
            ),
            max_leaves=12,
        )
    )
    def test_any_object_survives_being_shown_and_sent_back(self, value: object) -> None:
        """Whatever clients keep in it."""
        kept = Config("c1", raw=json_of({"all": value}))
        self.assertEqual(json.loads(restored(masked(kept), kept).raw), {"all": value})
