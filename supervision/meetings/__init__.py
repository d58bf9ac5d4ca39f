"""Meetings: the series of dates, who comes, who was there."""
