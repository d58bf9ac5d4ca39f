"""Replaced when evaluations land."""


def open_for(*_a):
    return []


def reports_of(*_a):
    return []
