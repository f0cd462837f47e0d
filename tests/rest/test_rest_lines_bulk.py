"""Many lines at once: all or none, each wrong row told, and tables as spreadsheets write them."""

import csv
import json
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.tokens import digest_of
from provserver.model import Commit, Line, Put, Tenant, Token
from provserver.rest.codec import lines_csv
from tests.fakes.office import json_of
from tests.fakes.rest import Answered, RestOffice

ANNA = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"


class ManyCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.store = self.office.memory
        self.office.put(
            Tenant(ANNA, parent="master"),
            Line("taken", tenant="master", account=json_of({"username": "x"})),
            Token("narrow", digest=digest_of("narrow"), acl=("provd.lines.#",), tenant=ANNA),
            Token("wide", digest=digest_of("wide"), acl=("#",), tenant=ANNA),
        )

    def bulk(self, lines: object, dry_run: object = False) -> Answered:
        return self.office.asks(
            "POST",
            "/lines/bulk",
            {"lines": lines, "dry_run": dry_run},
            token="wide",
            headers={"Accept": "application/json"},
        )

    def table(
        self, text: str | bytes, query: str = "", token: str = "wide", media_type: str = "text/csv"
    ) -> Answered:
        body = text if isinstance(text, bytes) else text.encode()
        headers = {"Accept": "application/json", "Content-Type": media_type}
        return self.office.asks("POST", f"/lines/csv{query}", body, token=token, headers=headers)

    def export(self, token: str = "wide") -> list[dict[str, str]]:
        answer = self.office.asks("GET", "/lines/csv", token=token)
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/csv; charset=utf-8"))
        return list(csv.DictReader(answer.text.split("\r\n")))

    def account(self, line_id: str) -> Any:
        return json.loads(self.store.get(Line, line_id).account)


class BulkTests(ManyCase):
    def test_all_in_one_commit(self) -> None:
        """Each with a code of its own, told in the order of the rows."""
        before = self.store.seq
        lines = [{"id": f"l{number}", "account": {"username": f"u{number}"}} for number in range(1, 1_001)]
        answer = self.bulk(lines)
        self.assertEqual((answer.status, self.store.seq), (200, before + 1))
        made = answer.json["bulk"]["lines"]
        self.assertEqual([one["row"] for one in made], list(range(1, 1_001)))
        self.assertEqual(len({one["code"] for one in made}), 1_000)
        line = self.store.get(Line, "l1000")
        self.assertEqual((line.tenant, line.code), (ANNA, made[-1]["code"]))
        self.assertEqual(made[0], {"row": 1, "id": "l1", "code": "482913", "is_new": True})

    def test_each_wrong_row_is_told_and_none_is_made(self) -> None:
        """An administrator mends all of them at once, not one an hour."""
        good = {"id": "good", "account": {"username": "u"}}
        rows: tuple[tuple[object, str, str | None], ...] = (
            ({"account": {}}, "invalid", "account.username"),
            ({"account": {"username": "u"}, "when_taken": "x"}, "invalid", "when_taken"),
            ({"id": "good", "account": {"username": "u"}}, "invalid", "id"),
            ({"id": "taken", "account": {"username": "u"}}, "conflict", None),
            ({"id": "csv", "account": {"username": "u"}}, "invalid", "id"),
            ({"account": {"username": "u", "password": "***"}}, "invalid", "account.password"),
            ({"account": {"username": "u"}, "template": "none"}, "invalid", "template"),
            ({"account": {"username": "u"}, "code": "482913"}, "invalid", "code"),
            ("text", "invalid", None),
            (None, "invalid", None),
        )
        before = self.store.seq
        for dry_run, status in ((False, 400), (True, 200)):
            answer = self.bulk([good, *(row for row, _, _ in rows)], dry_run)
            self.assertEqual(answer.status, status)
            told = answer.json if status == 400 else answer.json["bulk"]
            found = [(one["row"], one["reason_id"], one.get("field")) for one in told["refused"]]
            self.assertEqual(found, [(at, reason, field) for at, (_, reason, field) in enumerate(rows, 2)])
        self.assertEqual(self.store.seq, before)

    def test_a_dry_run_changes_nothing(self) -> None:
        """It says what would be made; what is drawn by lot it does not say, for it would be another."""
        before = self.store.seq
        answer = self.bulk([{"account": {"username": "u"}}], dry_run=True)
        self.assertEqual(
            answer.json,
            {
                "bulk": {
                    "dry_run": True,
                    "lines": [{"row": 1, "id": None, "code": None, "is_new": True}],
                    "refused": [],
                }
            },
        )
        self.assertEqual(self.store.seq, before)

    def test_what_is_no_list_of_lines(self) -> None:
        """400, and nothing else."""
        wrong: tuple[object, ...] = (None, {}, "x", 5)
        for lines in wrong:
            self.assertEqual(self.bulk(lines).json["field"], "lines")
        self.assertEqual(self.bulk([], dry_run="x").json["field"], "dry_run")
        self.assertEqual(self.office.asks("POST", "/lines/bulk", []).status, 400)
        self.assertEqual(self.bulk([]).status, 200)
        self.assertEqual(self.bulk([{}] * 5_001).json["field"], "lines")

    def test_a_code_that_was_free_a_moment_ago(self) -> None:
        """Somebody else drew the same: another is drawn, and the client notices nothing."""
        holds = frozenset({("code", "482914")})
        theirs = Line("theirs", tenant="master", account=json_of({"username": "x"}), code="482914")
        change = self.office.provisioner.change
        raced: list[Commit] = []

        def first_theirs(commit: Any) -> Any:
            if not raced:
                raced.append(commit)
                self.store.commit(Commit((Put(theirs, 0, holds),), "test", "test"))
            return change(commit)

        self.patch(self.office.provisioner, "change", first_theirs)
        answer = self.bulk([{"account": {"username": f"u{number}"}} for number in range(3)])
        codes = {one["code"] for one in answer.json["bulk"]["lines"]}
        self.assertEqual((answer.status, len(codes | {"482914"})), (200, 4))


class CsvTests(ManyCase):
    def test_make_and_change(self) -> None:
        """Rows with the id of a line change what they say, and leave what they do not say."""
        self.assertEqual(
            self.table("id,username,password,number\nl1,anna,s3cret,201\n,bert,pw,202\n").status, 200
        )
        answer = self.table("id,display_name,keeps_code\nl1,Anna,yes\n")
        self.assertEqual(
            answer.json["bulk"]["lines"], [{"row": 2, "id": "l1", "code": "482913", "is_new": False}]
        )
        self.assertEqual(
            self.account("l1"),
            {"username": "anna", "password": "s3cret", "number": "201", "display_name": "Anna"},
        )
        self.assertTrue(self.store.get(Line, "l1").keeps_code)

    def test_what_was_exported_can_be_imported(self) -> None:
        """A round trip through a spreadsheet changes nothing, whatever stands in the cells."""
        odd = [
            "=1+1",
            "+33 1",
            "-x",
            "@a",
            "'=quoted",
            "''",
            "a,b;c",
            'say "hi"',
            "zwei\nZeilen",
            "\u2028é",
            "\t1",
            " x ",
        ]
        rows: list[dict[str, Any]] = [
            {"id": f"l{at}", "account": {"username": "u", "display_name": text}}
            for at, text in enumerate(odd)
        ]
        rows[0]["account"]["proxy_port"] = 5060
        rows[0]["options"] = {"funckeys": {"1": {"type": "park"}}, "locale": "fr_FR"}
        rows[1] |= {"keeps_code": True, "when_taken": "move", "code_expires_at": "2027-03-01T12:00:00Z"}
        self.assertEqual(self.bulk(rows).status, 200)
        lines = {row["id"]: self.store.get(Line, str(row["id"])) for row in rows}
        before = self.store.seq
        text = self.office.asks("GET", "/lines/csv", token="wide").body
        answer = self.table(text)
        self.assertEqual((answer.status, answer.json.get("refused", [])), (200, []), answer.text)
        self.assertEqual({line_id: self.store.get(Line, str(line_id)) for line_id in lines}, lines)
        self.assertEqual(self.store.seq, before)

    def test_no_cell_is_a_formula(self) -> None:
        """A user's display name must not run on the administrator's machine."""
        for text in ("=cmd|'/c calc'!A1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"):
            document: dict[str, Any] = {
                "account": {"username": text},
                "id": "l1",
                "devices": [],
                "code": None,
            }
            more = dict.fromkeys(("when_taken", "keeps_code", "code_expires_at", "template", "tenant_uuid"))
            written = lines_csv.written([{**document, **more, "options": {}}], with_secrets=True, first=False)
            (row,) = csv.reader(written.splitlines(keepends=True))
            self.assertEqual(row[1], f"'{text}")

    def test_passwords_only_for_those_who_may_see_them(self) -> None:
        """For others there is no such column, and what they import keeps the passwords."""
        self.bulk([{"id": "l1", "account": {"username": "u", "password": "s3cret"}}])
        self.assertEqual(self.export()[0]["password"], "s3cret")
        row = self.export("narrow")[0]
        self.assertNotIn("password", row)
        self.assertEqual((row["username"], row["code"], row["devices"]), ("u", "482913", ""))
        self.assertEqual(self.table("id,username\nl1,new\n", token="narrow").status, 200)
        self.assertEqual(self.account("l1"), {"username": "new", "password": "s3cret"})

    def test_as_spreadsheets_write_it(self) -> None:
        """Byte-order mark, semicolons, tabs, CRLF, blank rows, cells in quotes."""
        for number, text in enumerate((
            "\ufeffusername;number\r\nanna;201\r\n",
            "username\tnumber\nanna\t201\n\n\n",
            '"username","number"\r"anna","201"',
            " username , number\n,,\n".replace(",,", ",") + "anna,201\n",
        )):  # fmt: skip
            answer = self.table(text, media_type="text/csv; charset=utf-8")
            self.assertEqual(
                (answer.status, len(answer.json.get("bulk", {}).get("lines", ()))), (200, 1), number
            )
            line_id = answer.json["bulk"]["lines"][0]["id"]
            self.assertEqual(self.account(line_id), {"username": "anna", "number": "201"})

    def test_bad_tables(self) -> None:
        """400 with what is wrong; nothing is taken of them."""
        before = self.store.seq
        for text in (
            b"",
            b"\n",
            b"\xff\xfeu\0s\0",
            b"username,username\na,b\n",
            b"username,nonsense\na,b\n",
            b'username\n"open\n',
            b'username\n"a"b\n',
            b"username,number\n" + b"x" * 200_000 + b",1\n",
        ):
            self.assertEqual(self.table(text).status, 400, text[:30])
        self.assertEqual(self.table("username\na\n", media_type="application/json").status, 415)
        self.assertEqual(self.store.seq, before)

    def test_bad_rows(self) -> None:
        """Each is told with the number that a spreadsheet shows beside it."""
        rows = (
            "id,username,proxy_port,keeps_code,options",
            "l1,anna,5060,no,",
            "l2,bert,high,,",
            "l3,,5060,,",
            "l4,carl,5060,maybe,",
            "l5,dora,5060,,{",
            "l6,emil,5060,,[]",
            "l7,fred",
            "taken,gina,5060,,",
            "l1,hugo,5060,,",
        )
        before = self.store.seq
        answer = self.table("\n".join(rows))
        self.assertEqual(answer.status, 400)
        self.assertEqual(
            [(one["row"], one.get("field")) for one in answer.json["refused"]],
            [
                (3, "account.proxy_port"),
                (4, "account.username"),
                (5, "keeps_code"),
                (6, "options"),
                (7, "options"),
                (8, None),
                (9, None),
                (10, "id"),
            ],
        )
        dry = self.table("\n".join(rows), "?dry_run=true")
        self.assertEqual((dry.status, len(dry.json["bulk"]["refused"])), (200, 8))
        self.assertEqual(self.store.seq, before)
