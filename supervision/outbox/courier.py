"""How mail leaves the house: over SMTP, several on one connection."""

import logging
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from config import Smtp

log = logging.getLogger(__name__)
WAIT_S = 30  # our choice: a server that says nothing for so long is not there


class Courier:
    """Carries mail to one server. It connects for the first mail and stays; after a fault it connects anew."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._server: smtplib.SMTP | None = None

    def __call__(self, message: EmailMessage) -> None:
        """Hand one mail over; raises what smtplib raises when the server did not take it."""
        try:
            if self._server is None:
                self._server = self._connect()
            self._server.send_message(message)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Take leave of the server."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        smtp, trusted = self._smtp, ssl.create_default_context()
        if smtp.tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=WAIT_S, context=trusted)
        else:
            server = smtplib.SMTP(smtp.host, smtp.port, timeout=WAIT_S)
        try:
            server.ehlo()
            if not smtp.tls and (smtp.user or server.has_extn("starttls")):  # a password never goes in the clear
                server.starttls(context=trusted)
            if smtp.user:
                server.login(smtp.user, smtp.password or "")
        except BaseException:
            server.close()
            raise
        return server


@contextmanager
def courier(smtp: Smtp | None) -> Iterator[Callable[[EmailMessage], None]]:
    """Return how mail leaves the house for a while; without a server it is only logged, without its text."""
    if smtp is None:
        yield lambda message: log.info("mail %s to the development mailbox", message["Message-ID"])
        return
    made = Courier(smtp)
    try:
        yield made
    finally:
        made.close()
