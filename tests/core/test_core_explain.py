"""explain: every reason has its sentence, and the words are all in the documentation."""

import ast
import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.explain import SENTENCES, sentence
from provserver.errors import BadTemplate, Unfit
from provserver.model import Step

ROOT = Path(__file__).resolve().parent.parent.parent


def reasons_in_code() -> set[str]:
    """Return every text in the code that has the form of a reason_id of the chain."""
    form = re.compile(r"(identify|match|access|learn|choose|find|slots|render)\.[a-z-]*[a-z]")
    texts = set()
    for path in [*(ROOT / "provserver/core").rglob("*.py"), ROOT / "provserver/provisioner.py"]:
        if path.name != "explain.py":
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and form.fullmatch(node.value)
                ):
                    texts.add(node.value)
    return texts


class ExplainTests(SynchronousTestCase):
    def test_every_reason_in_the_code_has_a_sentence(self) -> None:
        """A step without one would be a 500 for whoever looks for help."""
        composed = {"match.by-serial", "match.by-uuid", "match.by-ip", Unfit.reason_id, BadTemplate.reason_id}
        self.assertEqual(reasons_in_code() | composed, set(SENTENCES))

    def test_docs_words_lists_them_all(self) -> None:
        """The documentation is part of the product."""
        chain, _, _ = (ROOT / "docs/words.md").read_text().partition("## Claims and resyncs")
        listed = re.findall(r"^\| `([a-z]+\.[a-z-]+)` \|", chain, re.M)
        self.assertEqual(sorted(listed), sorted(SENTENCES))

    def test_what_was_identified_is_told_without_what_was_not(self) -> None:
        """Half of the facts are unknown of most phones: a reader should not have to skip them."""
        step = Step("identify", "identify.found", ("Yealink", "T46S", "", "00:15:65:4a:a9:37", "", ""))
        self.assertEqual(
            sentence(step), "the request says: vendor Yealink, model T46S, MAC 00:15:65:4a:a9:37"
        )

    def test_a_sentence_shows_odd_text_harmlessly(self) -> None:
        """What a phone sent may stand in it: raw bytes, line breaks, ten kilobytes, nothing."""
        step = Step("identify", "identify.nothing", ("\udcff\n{0}", ""))
        self.assertEqual(sentence(step), r"no vendor knows User-Agent \udcff\n{0} or path -")
        self.assertLess(len(sentence(Step("identify", "identify.nothing", ("x" * 9999, "y" * 9999)))), 700)
