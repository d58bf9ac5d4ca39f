"""Rundan: group supervision in social care."""
