"""
Models: accounts, line keys, memory keys, expansion modules. One table for what is written and for what is told.

A base that has no account of its own is a second one of a system: the handsets register at the system's manager.
"""

from provserver.vendors.table import MULTICELL, Model, Module, each

_EXP40 = Module(keys=40, most=6)
_EXP43 = Module(keys=60, most=3)
_EXP50 = Module(keys=60, most=3)
_EXP55 = Module(keys=78, most=3)
VIDEO = "video"  # Android or Linux with video: other codecs from V86 on
DONGLE = "dongle"  # takes a DECT dongle, through which it brings handsets up to date
FROM_ZERO = "from-zero"  # its BLF keys count the accounts from 0
_SYSTEM = frozenset({MULTICELL})
_SCREEN, _RADIO = frozenset({VIDEO}), frozenset({DONGLE})

MODELS = each(
    {
        # conference phones
        "CP860 CP920 CP925 CP960 CP965": Model(lines=1, kind="conference"),
        # T2, T1; of some there is no release any more, but they are still about
        "T19P": Model(lines=1),
        "T21P": Model(lines=2, keys=2),
        "T32G": Model(lines=3, keys=3, traits=frozenset({FROM_ZERO})),
        "T38G": Model(lines=6, keys=6, memory_keys=10, traits=frozenset({FROM_ZERO})),
        "VP530P": Model(lines=4),
        "T19P_E2": Model(lines=1),
        "T20P T21P_E2": Model(lines=2, keys=2),
        "T22P T23G T23P": Model(lines=3, keys=3),
        "T26P": Model(lines=3, keys=3, memory_keys=10),
        "T27G T27P": Model(lines=6, keys=21, module=_EXP40),
        "T28P": Model(lines=6, keys=6, memory_keys=10),
        "T29G": Model(lines=16, keys=27, module=_EXP40),
        # T3
        "T30 T30P": Model(lines=1),
        "T31 T31G T31P": Model(lines=2, keys=2),
        "T31W": Model(lines=2, keys=2, traits=_RADIO),
        "T33 T33G T33P": Model(lines=4, keys=12),
        "T34W": Model(lines=4, keys=12, traits=_RADIO),
        # T4
        "T40G T40P": Model(lines=3, keys=3),
        "T41P T41S T41U": Model(lines=6, keys=15),
        "T42G T42S T42U": Model(lines=12, keys=15),
        "T43U": Model(lines=12, keys=15, module=_EXP43),
        "T44U T44W": Model(lines=12, keys=24),
        "T46G T46S": Model(lines=16, keys=27, module=_EXP40),
        "T46U": Model(lines=16, keys=27, module=_EXP43),
        "T48G T48S": Model(lines=16, keys=29, module=_EXP40),
        "T48U": Model(lines=16, keys=29, module=_EXP43),
        "T49G": Model(lines=16, keys=29),
        # T5
        "T52S": Model(lines=12, keys=21, module=_EXP50),
        "T53 T53C T53W": Model(lines=12, keys=21, module=_EXP50, traits=_RADIO),
        "T54S": Model(lines=16, keys=27, module=_EXP50),
        "T54 T54W": Model(lines=16, keys=27, module=_EXP50, traits=_RADIO),
        "T57 T57W": Model(lines=16, keys=29, module=_EXP50, traits=_RADIO),
        "T56 T56A T58 T58A T58V T58W": Model(lines=16, keys=27, module=_EXP50, traits=_SCREEN | _RADIO),
        # T7 and T8
        "T73U T73W": Model(lines=12, keys=48, module=_EXP55, traits=_SCREEN),
        "T74U T74W": Model(lines=16, keys=60, module=_EXP55, traits=_SCREEN),
        "T77U T87W T88V T88W": Model(lines=16, keys=95, module=_EXP55, traits=_SCREEN),
        "T85W": Model(lines=16, keys=72, module=_EXP55, traits=_SCREEN),
        # WiFi and DECT
        "AX83H AX86R": Model(lines=4, kind="wifidect", traits=_SCREEN),
        "W52P": Model(lines=5, kind="dect"),
        "W60B": Model(lines=8, kind="dect"),
        "W70B": Model(lines=10, kind="dect"),
        "W75DM": Model(lines=20, kind="dect", traits=_SYSTEM),
        "W80DM": Model(lines=30, kind="dect", traits=_SYSTEM),
        "W90DM": Model(lines=250, kind="dect", traits=_SYSTEM),
        "W75B W80B W90B": Model(lines=0, kind="dect", traits=_SYSTEM),
    }
)
# With V80 it has keys on its screen, which later firmware has not.
CP960_V80 = Model(lines=1, memory_keys=30, kind="conference")
