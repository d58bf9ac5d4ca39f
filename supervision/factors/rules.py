"""Rules of the second factor: one-time passwords (RFC 6238) and recovery codes (PRIVACY: signing in)."""

import secrets
from datetime import datetime
from hmac import compare_digest

import pyotp

STEP_S = 30  # RFC 6238, 5.2: the step everyone uses
SKEW_STEPS = 1  # RFC 6238, 6: one step either way, for a clock that is off and a code typed slowly
RECOVERY_CODES = 10  # our choice
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without i, l, o, 0 and 1, which are misread on paper
_GROUPS, _GROUP = 4, 4  # 16 characters of 31: 79 random bits, so that a plain hash keeps them


def new_secret() -> str:
    """Return a new secret for an authenticator app: 160 random bits, as base32 (RFC 4226, 4: R6)."""
    return pyotp.random_base32(32)


def step_of(at: datetime) -> int:
    """Return the step of 30 s an instant lies in."""
    return int(at.timestamp()) // STEP_S


def password_of(secret: str, step: int) -> str:
    """Return the six digits of a step."""
    return pyotp.TOTP(secret, interval=STEP_S).at(step * STEP_S)


def matching_step(secret: str, typed: str, at: datetime) -> int | None:
    """Return the step whose password was typed, if it is the present one or one beside it."""
    digits = "".join(typed.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    steps = range(step_of(at) - SKEW_STEPS, step_of(at) + SKEW_STEPS + 1)
    found = [step for step in steps if compare_digest(password_of(secret, step), digits)]
    return found[-1] if found else None


def address_for_app(secret: str, account: str) -> str:
    """Return what the QR code holds: the otpauth address that authenticator apps read."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=account, issuer_name="Rundan")


def new_recovery_codes() -> list[str]:
    """Return ten recovery codes, as they are shown."""
    return ["-".join(_letters() for _group in range(_GROUPS)) for _code in range(RECOVERY_CODES)]


def _letters() -> str:
    return "".join(secrets.choice(_ALPHABET) for _letter in range(_GROUP))


def tidy_recovery_code(typed: str) -> str:
    """Return a recovery code as it is compared: letters and digits only, in lower case."""
    return "".join(letter for letter in typed.lower() if letter in _ALPHABET)
