"""What holds for every test: in CI a test that is skipped without leave fails the run."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.trial.unittest import SynchronousTestCase

# Names of tests that may be skipped in CI, each with the reason.
MAY_BE_SKIPPED: dict[str, str] = {}


@pytest.fixture(autouse=True, scope="session")
def _temporary_folders() -> Iterator[None]:
    """Trial makes its temporary files in the working directory, which is the checkout."""
    numbers = itertools.count()
    with (
        tempfile.TemporaryDirectory(prefix="provd-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(SynchronousTestCase, "mktemp", lambda _: str(Path(folder, str(next(numbers)))))
        yield


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or "PROVD_CI" not in os.environ:
        return
    skipped = {report.nodeid for report in reporter.stats.get("skipped", [])}
    without_leave = sorted(name for name in skipped if name.rpartition("::")[2] not in MAY_BE_SKIPPED)
    if without_leave:
        reporter.write_line(f"skipped without leave: {', '.join(without_leave)}", red=True)
        session.exitstatus = 1
