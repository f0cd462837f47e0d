"""The PBX's whole side, in its own words: what `provd-pbx` prints."""
