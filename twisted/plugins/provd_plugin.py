# Nothing else may be imported here: `twistd --help` reads this file, and `import klein` would already
# choose the reactor, so that `twistd --reactor` came too late.
from twisted.application.service import ServiceMaker

provd = ServiceMaker("provd", "provserver.tap", "The phone provisioning server", "provd")
