"""Rundan: group supervision in social care. The app is wired in `supervision.app`."""
