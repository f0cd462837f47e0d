"""What a DHCP server gives to a Snom; README.md says where it comes from."""

from provserver.vendors.table import DhcpOffer, DhcpOption

from .identify import OUIS

_URL = DhcpOption(66, "{url}/")

DHCP = (
    DhcpOffer(
        (_URL,),
        source="wazo-provd's DHCP rules, by the word that all models begin with and not by model",
        option_60=("snom*",),
        ouis=OUIS,
    ),
    # It looks for its server only where it was given a name server, although the URL has an address in it.
    DhcpOffer(
        (_URL, DhcpOption(6, "{ip}", "ip")),
        source="wazo-provd's DHCP rules: the name server for the 715 alone, which needs one",
        option_60=("snom715*", "snomD715*"),
    ),
)
