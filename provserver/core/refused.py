"""Refused: what ends the chain early."""

from attrs import frozen

from provserver.model import Outcome, Step


@frozen
class Refused(Exception):
    """The reason is the last step of the answer."""

    step: Step
    outcome: Outcome = "nothing"
    retry_s: int = 0
