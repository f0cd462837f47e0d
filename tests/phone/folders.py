"""Folders for the time of a test."""

import shutil
from pathlib import Path
from tempfile import mkdtemp

from twisted.trial.unittest import SynchronousTestCase


def free_path(case: SynchronousTestCase) -> Path:
    """Return a path where nothing is, short enough for a socket."""
    folder = Path(mkdtemp(prefix="provd-phone-"))
    case.addCleanup(shutil.rmtree, folder)
    return folder / "it"
