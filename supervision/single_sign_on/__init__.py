"""Signing in through an organisation's own provider (OpenID Connect), where an installation has one."""
