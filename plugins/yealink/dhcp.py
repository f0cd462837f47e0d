"""What a DHCP server gives to a Yealink; README.md says where it comes from."""

from provserver.vendors.table import DhcpOffer, DhcpOption

from .identify import OUIS

DHCP = (
    DhcpOffer(
        (DhcpOption(66, "{url}/"),),
        source="wazo-provd's DHCP rules; Administrator's Guide V84, DHCP Options",
        option_60=("yealink*", "Yealink*"),
        ouis=OUIS,
    ),
)
