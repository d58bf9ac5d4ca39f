"""Supervision groups: sign-up, seats, waiting line, offers, agreement."""
