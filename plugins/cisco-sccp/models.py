"""Models: lines. What a button does is told by the call manager, in messages of SCCP."""

from provserver.vendors.table import Model, each

MODELS = each(
    {
        "7905G 7906G 7911G 7912G": Model(lines=1),
        "7940 7940G 7941G 7942G 7945G": Model(lines=2),
        "7937 7937G": Model(lines=4),
        "7920 7921G 7960G 7961G 7962G 7965G": Model(lines=6),
        "7970G 7971G 7975G": Model(lines=8),
        "7931G": Model(lines=24),
        "CIPC": Model(lines=8, kind="softphone"),
    }
)
