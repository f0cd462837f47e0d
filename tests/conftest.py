"""What holds for every test: in CI a test that is skipped without leave fails the run."""

import os

import pytest

# Names of tests that may be skipped in CI, each with the reason.
MAY_BE_SKIPPED: dict[str, str] = {}


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or "PROVD_CI" not in os.environ:
        return
    skipped = {report.nodeid for report in reporter.stats.get("skipped", [])}
    without_leave = sorted(name for name in skipped if name.rpartition("::")[2] not in MAY_BE_SKIPPED)
    if without_leave:
        reporter.write_line(f"skipped without leave: {', '.join(without_leave)}", red=True)
        session.exitstatus = 1
