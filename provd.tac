# `twistd -ny provd.tac` starts provd from this checkout, from any folder; state lies in ./var of that folder.
# A .tac takes no options; PROVD_CONFIG may name a settings file.
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from twisted.application.service import Application

from provserver.tap import Options, makeService

options = Options()
options.parseOptions(["--config", os.environ["PROVD_CONFIG"]] if "PROVD_CONFIG" in os.environ else [])
application = Application("provd")
makeService(options).setServiceParent(application)
