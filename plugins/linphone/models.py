"""Models: Linphone itself has no limit of accounts; so many are written."""

from provserver.vendors.table import Model

MODELS = {"LINPHONE": Model(lines=4, kind="softphone")}
