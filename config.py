"""Settings: the only reader of the environment. Defaults are safe; production without its secrets refuses to start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEVELOPMENT_SECRET_FILE = "secret"  # noqa: S105 - a file's name, not a secret
SHORTEST_SECRET = 32


class SettingsMissing(RuntimeError):
    """The environment lacks what production needs; the text says what and where to set it."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """Where mail goes: from `SMTP_URL`, as smtp://user:password@host:587 (STARTTLS) or smtps://… (TLS)."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool


@dataclass(frozen=True, slots=True)
class Oidc:
    """An organisation's own sign-in (OpenID Connect): from `OIDC_ISSUER`, `OIDC_CLIENT_ID` and the others."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of one installation."""

    env: str
    secret_key: str
    text_key: str
    database_url: str
    instance: Path
    base_url: str | None = None
    smtp: Smtp | None = None
    mail_from: str = "Rundan <rundan@localhost>"
    trusted_hosts: tuple[str, ...] | None = None
    proxies: int = 0
    most_streams: int = 5_000
    testing: bool = False
    keyring_url: str = ""
    text_key_old: str | None = None
    oidc: Oidc | None = None

    @property
    def keyring(self) -> str:
        """Where the data keys of sealed texts lie: apart from the database, and never in its backups."""
        return self.keyring_url or f"sqlite:///{self.instance / 'keyring.sqlite'}"

    @property
    def is_production(self) -> bool:
        """Whether people's real data is behind this installation."""
        return self.env == "production"


def read_database_url(url: str) -> str:
    """Return an SQLAlchemy URL; `postgres://` and `postgresql://` mean psycopg 3."""
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def read_smtp(url: str | None) -> Smtp | None:
    """Return the mail server of `SMTP_URL`, or None where mail is only shown at the development mailbox."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SettingsMissing("SMTP_URL is not of the form smtp://user:password@host:587 or smtps://…")
    tls = parts.scheme == "smtps"
    return Smtp(parts.hostname, parts.port or (465 if tls else 587), parts.username, parts.password, tls)


def read_oidc(env: Mapping[str, str], *, production: bool) -> Oidc | None:
    """Return the organisation's own sign-in, or None where there is none; raises `SettingsMissing` for half of it."""
    needed = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    missing = [name for name in needed if not env.get(name)]
    if len(missing) == len(needed):
        return None
    if missing:
        raise SettingsMissing(f"{' and '.join(missing)} missing: signing in through an organisation needs all three")
    issuer = env["OIDC_ISSUER"]
    parts = urlsplit(issuer)
    if not parts.hostname or (parts.scheme != "https" and (production or parts.scheme != "http")):
        raise SettingsMissing("OIDC_ISSUER is not an https address")
    return Oidc(
        issuer=issuer,
        client_id=env["OIDC_CLIENT_ID"],
        client_secret=env["OIDC_CLIENT_SECRET"],
        name=env.get("OIDC_NAME") or parts.hostname,
        acr=tuple(env.get("OIDC_ACR", "").split()),
        amr=tuple(env.get("OIDC_AMR", "").split()),
        domains=tuple(domain.lower().lstrip("@") for domain in env.get("OIDC_DOMAINS", "").replace(",", " ").split()),
    )


def _secret(env: Mapping[str, str], name: str, instance: Path, *, production: bool) -> str:
    value = env.get(name, "")
    if production:
        if len(value) < SHORTEST_SECRET:
            raise SettingsMissing(
                f"{name} is missing or shorter than {SHORTEST_SECRET} characters. "
                f'Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        return value
    if value:
        return value
    kept = instance / DEVELOPMENT_SECRET_FILE
    if kept.exists():
        return kept.read_text().strip() + name
    return f"development only, never in production: {name}"


def _old_key(env: Mapping[str, str], instance: Path, *, production: bool) -> str | None:
    """Return the earlier `TEXT_KEY` while keys are rotated; empty means there is none."""
    return _secret(env, "TEXT_KEY_OLD", instance, production=production) if env.get("TEXT_KEY_OLD") else None


def _keyring_url(env: Mapping[str, str], database_url: str) -> str:
    url = read_database_url(env.get("KEYRING_URL", ""))
    if url and url == database_url:
        raise SettingsMissing("KEYRING_URL names the database itself; the keyring has to lie apart from it")
    return url


def load(env: Mapping[str, str] | None = None) -> Config:
    """Return the settings of the environment; raises `SettingsMissing` with a plain sentence."""
    env = os.environ if env is None else env
    kind = env.get("RUNDAN_ENV", "development")
    if kind not in {"development", "production"}:
        raise SettingsMissing("RUNDAN_ENV is either development or production")
    production = kind == "production"
    instance = Path(env.get("RUNDAN_INSTANCE") or Path(__file__).parent / "instance").resolve()
    hosts = tuple(host.strip() for host in env.get("TRUSTED_HOSTS", "").split(",") if host.strip())
    base_url = env.get("BASE_URL", "").rstrip("/") or None
    if production and not hosts:
        raise SettingsMissing("TRUSTED_HOSTS is missing: the host names this installation answers to")
    if production and not (base_url or "").startswith("https://"):
        raise SettingsMissing("BASE_URL is missing: the https address people open, used in mail and posters")
    database_url = read_database_url(env.get("DATABASE_URL") or f"sqlite:///{instance / 'rundan.sqlite'}")
    return Config(
        env=kind,
        secret_key=_secret(env, "SECRET_KEY", instance, production=production),
        text_key=_secret(env, "TEXT_KEY", instance, production=production),
        database_url=database_url,
        instance=instance,
        base_url=base_url,
        smtp=read_smtp(env.get("SMTP_URL")),
        mail_from=env.get("MAIL_FROM", "Rundan <rundan@localhost>"),
        trusted_hosts=hosts or None,
        proxies=int(env.get("TRUSTED_PROXIES", "0")),
        most_streams=int(env.get("MOST_STREAMS", "5000")),
        oidc=read_oidc(env, production=production),
        keyring_url=_keyring_url(env, database_url),
        text_key_old=_old_key(env, instance, production=production),
    )
