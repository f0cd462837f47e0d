"""Models: accounts, line keys, expansion modules."""

from provserver.vendors.table import Model, Module, each

_EXP40 = Module(keys=40, most=6)
_EXP43 = Module(keys=60, most=3)
_EXP50 = Module(keys=60, most=3)
_VIDEO = frozenset({"video"})  # Android: video codecs, and no wideband variants of G.722.1

MODELS = each(
    {
        "AX83H": Model(lines=4, kind="wifidect", traits=_VIDEO),
        "CP920 CP925 CP965": Model(lines=1, kind="conference"),
        "T27G": Model(lines=6, keys=21, module=_EXP40),
        "T30 T30P": Model(lines=1),
        "T31 T31G T31P T31W": Model(lines=2, keys=2),
        "T33 T33G T33P T34W": Model(lines=4, keys=12),
        "T41S T41U": Model(lines=6, keys=15),
        "T42S T42U": Model(lines=12, keys=15),
        "T43U": Model(lines=12, keys=15, module=_EXP43),
        "T44U T44W": Model(lines=12, keys=24),
        "T46S": Model(lines=16, keys=27, module=_EXP40),
        "T46U": Model(lines=16, keys=27, module=_EXP43),
        "T48S": Model(lines=16, keys=29, module=_EXP40),
        "T48U": Model(lines=16, keys=29, module=_EXP43),
        "T53 T53C T53W": Model(lines=12, keys=21, module=_EXP50),
        "T54 T54W": Model(lines=16, keys=27, module=_EXP50),
        "T57 T57W": Model(lines=16, keys=29, module=_EXP50),
        "T56 T56A T58 T58A T58V T58W": Model(lines=16, keys=27, module=_EXP50, traits=_VIDEO),
    }
)
