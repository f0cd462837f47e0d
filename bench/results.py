"""The page of results: each bench has a section there, between two markers, and leaves the others' alone."""

from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
_NEW_PAGE = """# What was measured

Each section is written by the script that it names, which measures everything anew. Machines differ and are shared:
what counts is the ratio between the columns of one run.
"""


def write(name: str, section: str) -> None:
    """Put a section in the place of the one of that name, or at the end."""
    page = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else _NEW_PAGE
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if begin not in page:
        page = f"{page.rstrip()}\n\n{begin}\n{end}\n"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    RESULTS.write_text(f"{before}{begin}\n{section.rstrip()}\n{end}{after}", encoding="utf-8")
