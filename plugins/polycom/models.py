"""Models: registrations, keys that can be monitored, expansion modules."""

from provserver.vendors.table import Model, Module, each

_MODULE = Module(keys=40, most=3)  # Paper, Color or EM50
_NO_BROWSER = frozenset({"no-browser"})  # shows no phonebook of a server

MODELS = each(
    {
        "SPIP301 SPIP320 SPIP321 SPIP330 SPIP331 SPIP335 SPIP430": Model(lines=2),
        "SPIP450": Model(lines=3, keys=2),
        "SPIP501": Model(lines=3),
        "SPIP550 SPIP560": Model(lines=4, keys=3),
        "SPIP600 SPIP601": Model(lines=6),
        "SPIP650 SPIP670": Model(lines=6, keys=47),  # with its sidecars
        "SSIP4000 SSIP5000 SSIP6000 SSIP7000": Model(lines=1, kind="conference"),
        "VVX101": Model(lines=1, keys=2, traits=_NO_BROWSER),
        "VVX150 VVX201": Model(lines=2, keys=2, traits=_NO_BROWSER),
        "VVX250": Model(lines=4, keys=4, traits=_NO_BROWSER),
        "VVX300 VVX301 VVX310 VVX311": Model(lines=6, keys=6, module=_MODULE),
        "VVX350 VVX1500": Model(lines=6, keys=6),
        "VVX400 VVX401 VVX410 VVX411 VVX450": Model(lines=12, keys=12, module=_MODULE, switchboard=True),
        "VVX500 VVX501": Model(lines=12, keys=12, module=_MODULE),
        "VVX600 VVX601": Model(lines=16, keys=16, module=_MODULE),
    }
)
NO_KEYS = Model(lines=6)  # a VVX1500 with firmware 3
