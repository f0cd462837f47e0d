"""
Association: which lines sit on which positions of a device, and what follows from it.

`seating.py` decides who may sit where, `building.py` makes the device's config of its lines, `following.py` keeps
devices and configs true to their lines whatever is changed, `ports.py` reads how many lines a device can carry.
"""
