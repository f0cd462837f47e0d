"""The name by which `make bench-tftp` calls `python -m bench.tftp`."""

import os
import sys
from pathlib import Path

os.chdir(Path(__file__).resolve().parent.parent)
os.execv(sys.executable, [sys.executable, "-m", "bench.tftp", *sys.argv[1:]])
