"""What a DHCP server gives to a Polycom; README.md says where it comes from."""

from provserver.vendors.table import DhcpOffer, DhcpOption

from .identify import OUIS

_MASTER = "{url}/000000000000.cfg"

DHCP = (
    DhcpOffer(
        # 160 is what the phone looks at where somebody else's 66 is in the way.
        (DhcpOption(66, _MASTER), DhcpOption(160, _MASTER)),
        source="wazo-provd's DHCP rules; option 160: Polycom's guide",
        option_60=("Polycom*",),  # where it is text; a binary one no DHCP server can be told to look for
        ouis=OUIS,
    ),
)
