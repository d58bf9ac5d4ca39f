"""Who may have a calendar address: everyone signed in, for themselves; the page takes no other person's id."""

from supervision.people.policy import may_be_signed_in as may_follow_own_dates

__all__ = ["may_follow_own_dates"]
