"""The simulated phone, `provd-phone`: it knows phones only, never what provd makes of them."""
