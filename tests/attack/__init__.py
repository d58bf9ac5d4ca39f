"""Attacks on the anonymity of the evaluation: small with every test run, in full with `make attack`."""

import os

FULL = bool(os.environ.get("RUNDAN_ATTACK_FULL"))


def size(small: int, full: int) -> int:
    """How many to try: few among the other tests, all in `make attack`."""
    return full if FULL else small
