"""Firmware versions: how near one is to a generation of releases."""

import re

FAREST = 99  # so that the nearness of a version never lifts the score of a plugin to the next one


def distance(generation: str, version: str) -> int:
    """Return how far a version is from a generation, or from the nearest of several, 0 to FAREST."""
    return min(_distance_of_one(one, version) for one in generation.split())


def _distance_of_one(generation: str, version: str) -> int:
    """The first number that differs decides: those behind it do not bring 8.7.5 nearer to 8.9.3."""
    wanted = generation.split(".")
    seen = [*numbers(version), *[0] * len(wanted)]
    steps = [abs(int(want) - number) for want, number in zip(wanted, seen, strict=False) if want != "*"]
    band = FAREST // len(steps)
    for place, step in enumerate(steps):
        if step:
            return band * (len(steps) - 1 - place) + min(step, band)
    return 0


def numbers(version: str) -> list[int]:
    """Return the numbers of a version, each of at most nine digits: `05.20.0001` gives 5, 20, 1."""
    return [int(number) for number in re.findall(r"\d{1,9}", version)]
