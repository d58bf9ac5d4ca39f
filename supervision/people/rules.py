"""Rules of signing in (PRIVACY: signing in)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from supervision.kernel.errors import RuleBroken

CODE_LIFETIME = timedelta(minutes=10)
CODE_TRIES = 5
INVITATION_LIFETIME = timedelta(days=7)
NEW_PASSWORD_LIFETIME = timedelta(hours=1)  # our choice: long enough for slow mail
IDLE = timedelta(minutes=30)
IDLE_OWN_DEVICE = timedelta(hours=12)
ABSOLUTE = timedelta(hours=12)  # our choice: a working day on a device that others may use
ABSOLUTE_OWN_DEVICE = timedelta(days=30)
TOUCH_AFTER = timedelta(minutes=5)
FRESH = timedelta(minutes=15)  # our choice: how lately a factor was shown before one may change how one signs in
WHOLE_FACTORS = frozenset({"passkey", "oidc"})  # each stands for password and second factor at once
KEYS = WHOLE_FACTORS | {"recovery"}  # a recovery code opens, after a code by mail, what a lost passkey opened
PASSWORD_LEAST, PASSWORD_MOST = 15, 128
TRIES_FREE, TRIES_WINDOW = 5, timedelta(minutes=15)
FACTOR_WINDOW = timedelta(
    days=1
)  # our choice: six digits stand some 300 tries a day, and not five each quarter of an hour
NETWORK_TRIES_FREE = 60  # our choice: a whole workplace signs in behind one address at the start of a day
LONGEST_WAIT_S = 300

# Marks in a user agent, the telling ones first: Edge and Opera also say Chrome, Chrome also says Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def check_password(password: str) -> None:
    """Accept 15 to 128 characters of any kind; raises `password_short`, `password_long`."""
    if len(password) < PASSWORD_LEAST:
        raise RuleBroken("password_short", "password", least=PASSWORD_LEAST)
    if len(password) > PASSWORD_MOST:
        raise RuleBroken("password_long", "password", most=PASSWORD_MOST)


def is_session_over(started_at: datetime, seen_at: datetime, *, is_own_device: bool, now: datetime) -> bool:
    """Whether a session has ended: idle for 30 min or 12 h old; on one's own device idle for 12 h or 30 days old."""
    idle = IDLE_OWN_DEVICE if is_own_device else IDLE
    absolute = ABSOLUTE_OWN_DEVICE if is_own_device else ABSOLUTE
    return now - seen_at > idle or now - started_at > absolute


def has_key(*, has_password: bool, factor: str) -> bool:
    """Whether someone has a key of their own, so that roles count: a password, passkey, provider or recovery code."""
    return has_password or factor in KEYS


def is_fresh(factor_at: datetime | None, now: datetime) -> bool:
    """Whether a second factor was shown in the last 15 minutes."""
    return factor_at is not None and now - factor_at <= FRESH


def device_words(agent: str) -> str:
    """Return browser and system of a user agent in coarse words, such as "Firefox, Android"; empty if unknown."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(word for word in (browser, system) if word)


def check_code(*, expires_at: datetime, tries: int, used_at: datetime | None, now: datetime) -> None:
    """Accept a code that is young, unused and not tried too often; raises `code_wrong`."""
    if now > expires_at or used_at is not None or tries >= CODE_TRIES:
        raise RuleBroken("code_wrong", "code")


def wait_s(tries: Sequence[datetime], now: datetime, free: int = TRIES_FREE, window: timedelta = TRIES_WINDOW) -> int:
    """Return how many seconds one must wait after these recent tries: none after `free`, then 2, 4, 8 … at most 300.

    A delay, never a lock, so that nobody can shut another person out.
    """
    recent = [at for at in tries if now - at < window]
    over = len(recent) - free
    if over < 0:
        return 0
    pause = min(2 ** min(over + 1, 10), LONGEST_WAIT_S)
    left = pause - (now - max(recent)).total_seconds()
    return max(0, int(left + 0.999))


def network_of(address: str | None) -> str:
    """Return what stands for one network address: an IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or ""
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def tidy_email(address: str) -> str:
    """Return an address as it is kept: without blanks around it, in lower case."""
    return address.strip().lower()
