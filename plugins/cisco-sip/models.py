"""Models: four buttons beside the screen, lines first."""

from provserver.vendors.table import Model, each

MODELS = each({"8941 8945": Model(lines=4, keys=4)})
