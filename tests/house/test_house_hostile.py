"""Hostile values in every form and address, as everyone: nothing breaks, nothing typed comes back as markup."""

from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from supervision.groups.models import QueuePlace, SignUp
from tests import factories
from tests.client import Browser, check_page

SCRIPT = "<script>alert(1)</script>"
HOSTILE = [
    "\0",
    "a\0b\x01",
    SCRIPT,
    "'\"><img src=x onerror=alert(1)>" + SCRIPT,
    "Anna\r\nBcc: everyone@example.se",
    "x" * 70_000,
    "9" * 5_000,
    "99999999999999999999",
    "2147483648",
    "-1",
    "0",
    "²",
    "1e999",
    "0001-01-01",
    "9999-12-31",
    "23:59",
    "00000000-0000-0000-0000-000000000000",
    "\u202e\ufeff😀\U0010ffff",
    "{{ 7*7 }}%(x)s%s",
    "//evil.example/",
    "anna@example.se\nBcc: b@example.se",
    "",
]
RAW = b"%ED%A0%80%FF"
