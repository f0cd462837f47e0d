"""The tables of docs/security.md, made by asking: `python -m tests.security.access_table` writes them anew."""

from pathlib import Path

from provserver.core.access.policy import ELSEWHERE, LOCAL, Policy, need
from provserver.model import Proof
from tests.security.outside import ANNAS_KEY, DESK, FILE, HOME, SECRET, TOKEN, Outside

PAGE = Path(__file__).resolve().parents[2] / "docs/security.md"
BEGIN, END = "<!-- access: begin -->\n", "<!-- access: end -->\n"
_WORDS = {  # status of a secret file, and of an open one
    (200, 200): "everything",
    (404, 200): "open files",
    (401, 200): "open files, a challenge",
    (404, 404): "nothing",
    (401, 401): "a challenge",
}
_WINDOW_S = 600


def table() -> str:
    proofs = [proof.name.lower() for proof in Proof]
    lines = [f"| from | policy | {' | '.join(proofs)} |", "| --- " * (len(proofs) + 2) + "|"]
    for network, words, local in (("an allowed network", LOCAL, True), ("elsewhere", ELSEWHERE, False)):
        for word in words:
            lines.append(_row(network, word, word, local, window=False))
            if word == "token":
                lines.append(_row(network, word, "token, its window open", local, window=True))
    return "\n".join(lines) + "\n"


def _row(network: str, word: str, shown: str, local: bool, window: bool) -> str:
    policy = Policy(local=need(word)) if local else Policy(elsewhere=need(word))
    cells = [_cell(policy, local, proof, window) for proof in Proof]
    return f"| {network} | {shown} | {' | '.join(cells)} |"


def _cell(policy: Policy, local: bool, proof: Proof, window: bool) -> str:
    """Ask for a file with a password in it, and for one without, with this proof and no other."""
    office = Outside(policy)
    if window or proof == Proof.TOKEN:
        office = Outside(policy, TOKEN, office.clock.seconds() + _WINDOW_S * window)
    ip = DESK if local else HOME
    if proof == Proof.ADDRESS:
        office.lease(ip=ip)
    before = {Proof.KEY: f"/{ANNAS_KEY}", Proof.TOKEN: f"/{TOKEN}"}.get(proof, "")
    names = ("CN=00ACED000001",) if proof == Proof.CERTIFICATE else ()
    headers = {"user-agent": "acme A60 2.1 00:ac:ed:00:00:01"}
    secret, common = (
        office.http(f"{before}/{name}", ip, headers=headers, certificate=names)
        for name in (FILE, "common.cfg")
    )
    assert (SECRET in secret.body) == (secret.status == 200)
    return _WORDS[secret.status, common.status]


def page() -> str:
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page())
