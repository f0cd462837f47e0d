"""Operations: the grammar that clients parse, and states that never go back."""

import re

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.operations import Operation


def parsed(text: str) -> Operation:
    """Read a status as the reference's client does: by the grammar of contract section 9, and nothing else."""
    operation, rest = _parsed(text)
    assert not rest, rest
    return operation


def _parsed(text: str) -> tuple[Operation, str]:
    match = re.match(r"(?:(\w+)\|)?(waiting|progress|success|fail)(?:;(\d+)(?:/(\d+))?)?", text, re.ASCII)
    assert match, text
    label, state, current, end = match.groups()
    rest, parts = text[match.end() :], []
    while rest.startswith("("):
        part, rest = _parsed(rest[1:])
        assert rest.startswith(")"), rest
        parts.append(part)
        rest = rest[1:]
    counted = (int(current) if current else None, int(end) if end else None)
    return Operation(state, label or "", *counted, tuple(parts)), rest  # type: ignore[arg-type]  # one of four


COUNTS = st.one_of(st.none(), st.integers(0, 10**9))
LEAVES = st.builds(
    Operation,
    state=st.sampled_from(["waiting", "progress", "success", "fail"]),
    label=st.from_regex(r"[a-z_0-9]{0,10}", fullmatch=True),
    current=COUNTS,
    end=COUNTS,
)
OPERATIONS = st.recursive(
    LEAVES, lambda inner: st.builds(Operation, parts=st.lists(inner, max_size=3).map(tuple)), max_leaves=8
)


class StatusTests(SynchronousTestCase):
    def test_the_reference_s_examples(self) -> None:
        """What was seen on its wire."""
        pair = (Operation("fail", "download", parts=(Operation("fail", current=10, end=100),)),)
        for operation, status in (
            (Operation("progress"), "progress"),
            (Operation("progress", "update", 300), "update|progress;300"),
            (Operation("success", "update", 541), "update|success;541"),
            (
                Operation("progress", "install", parts=(Operation("progress", "download", 10, 100),)),
                "install|progress(download|progress;10/100)",
            ),
            (
                Operation("fail", "install_pkg", parts=(*pair, Operation("fail", "install"))),
                "install_pkg|fail(download|fail(fail;10/100))(install|fail)",
            ),
            (Operation("waiting", current=0, end=0), "waiting;0"),
            (Operation("waiting", end=5), "waiting"),
        ):
            self.assertEqual(operation.status, status)

    @given(OPERATIONS)
    def test_whatever_there_is_can_be_parsed(self, operation: Operation) -> None:
        """A client reads the status in its constructor, and fails on anything else."""
        self.assertEqual(parsed(operation.status).status, operation.status)

    def test_a_label_is_a_word(self) -> None:
        """The client's parser accepts nothing else."""
        for label in ("two words", "a|b", "a-b", "(", "é"):
            self.assertRaises(ValueError, Operation, "waiting", label)


class StateTests(SynchronousTestCase):
    def test_it_goes_on_to_its_end(self) -> None:
        """waiting, progress, success or fail; what is counted stays counted."""
        start = Operation(label="resync", end=3)
        under_way = start.went_on(current=1)
        self.assertEqual(under_way.status, "resync|progress;1/3")
        self.assertEqual(under_way.went_on().status, "resync|progress;1/3")
        self.assertEqual(under_way.went_on(current=2, end=4).status, "resync|progress;2/4")
        self.assertEqual(under_way.succeeded().status, "resync|success;1/3")
        failed = under_way.failed("resync.by-hand", "no way")
        self.assertEqual(
            (failed.status, failed.reason_id, failed.reason), ("resync|fail;1/3", "resync.by-hand", "no way")
        )

    def test_what_has_ended_stays_so(self) -> None:
        """A late failure may not take back what a client was told."""
        for ended in (Operation().succeeded(), Operation().failed("x", "y")):
            self.assertIs(ended.went_on(1), ended)
            self.assertIs(ended.succeeded(), ended)
            self.assertIs(ended.failed("a", "b"), ended)
            self.assertTrue(ended.ended)
        self.assertFalse(Operation().ended)

    def test_a_failure_ends_the_parts_too(self) -> None:
        """None of them may seem to go on; one that had succeeded has."""
        whole = Operation(
            "progress",
            "install",
            parts=(Operation("success", "download"), Operation("progress", "copy"), Operation()),
        )
        self.assertEqual(whole.failed("x", "y").status, "install|fail(download|success)(copy|fail)(fail)")
