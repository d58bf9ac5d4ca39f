"""Random names for rows, links and codes."""

import hashlib
import secrets
import uuid


def new_id() -> uuid.UUID:
    """Return a random id (UUID version 4): it tells neither order nor time."""
    return uuid.uuid4()


def new_token() -> str:
    """Return a secret for a link or a session: 32 random bytes, URL-safe, 43 characters."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Return an 8-digit sign-in code, leading zeros kept (PRIVACY: signing in)."""
    return f"{secrets.randbelow(10**8):08d}"


def fingerprint(secret: str) -> str:
    """Return the SHA-256 of a *random* secret as hex; what is stored in place of the secret itself."""
    return hashlib.sha256(secret.encode()).hexdigest()
