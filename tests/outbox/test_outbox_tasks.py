import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from sqlalchemy import select

import config
from supervision import jobs
from supervision.outbox import tasks
from supervision.outbox.courier import courier
from supervision.outbox.models import Mail
from supervision.outbox.services import CalendarPart, Letter, post
from tests import factories

LETTER = Letter(
    "test", "Hälsning från gruppen", ("Första raden, å ä ö.", "<b>inte fet</b>"), "https://x.example/?a=1&b=2", "Öppna"
)


def put(session, count: int = 1) -> None:
    for number in range(count):
        post(session, to=f"a{number}@example.se", language="sv", letter=LETTER, now=factories.NOW)
    session.commit()


class Inbox:
    def __init__(self) -> None:
        self.got: list[bytes] = []

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        self.got.append(envelope.content)
        return "250 ok"


@contextmanager
def served(inbox: Inbox) -> Iterator[int]:
    """A mail server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def test_mail_goes_out_once_through_a_real_server(app, session) -> None:
    put(session, 3)
    inbox = Inbox()
    with (
        served(inbox) as port,
        app.app_context(),
        courier(config.Smtp("127.0.0.1", port, None, None, tls=False)) as send,
    ):
        assert tasks.send_due(jobs.transaction, send, sender="Rundan <r@x.se>", now=factories.NOW) == 3
        assert tasks.send_due(jobs.transaction, send, sender="Rundan <r@x.se>", now=factories.NOW) == 0
    assert len(inbox.got) == 3
    assert len({mail.message_id for mail in session.scalars(select(Mail))}) == 3
    assert b"multipart/alternative" in inbox.got[0]


def test_a_failing_server_is_tried_again_later_and_in_the_end_given_up(app, session) -> None:
    put(session)

    def broken(_message) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    now = factories.NOW
    with app.app_context():
        for attempt in range(1, tasks.MOST_ATTEMPTS + 1):
            assert tasks.send_due(jobs.transaction, broken, sender="r@x.se", now=now) == 0
            session.expire_all()
            mail = session.scalars(select(Mail)).one()
            assert mail.attempts == attempt
            assert mail.send_after_at > now
            session.commit()
            now += timedelta(days=1)
    assert session.scalars(select(Mail.given_up_at)).one() is not None


def test_html_is_escaped_and_the_text_says_the_same(session) -> None:
    put(session)
    mail = session.scalars(select(Mail)).one()
    assert "<b>" not in mail.html
    assert "a=1&amp;b=2" in mail.html
    assert "<b>inte fet</b>" in mail.text
    message = tasks.as_message(mail, "r@x.se")
    assert message["Message-ID"] == mail.message_id


def test_a_calendar_part_is_the_last_alternative_with_its_method(session) -> None:
    text = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nX-PLACE:Hälsans hus\r\nEND:VCALENDAR\r\n"
    letter = replace(LETTER, calendar=CalendarPart("CANCEL", text))
    post(session, to="a@example.se", language="sv", letter=letter, now=factories.NOW)
    message = tasks.as_message(session.scalars(select(Mail)).one(), "r@x.se")
    read = message_from_bytes(message.as_bytes(policy=policy.SMTP), policy=policy.default)
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    part = list(read.iter_parts())[-1]
    assert (part.get_param("method"), part.get_param("charset")) == ("CANCEL", "utf-8")
    assert part.get_content().replace("\r\n", "\n") == text.replace("\r\n", "\n")


def test_a_refused_mail_stops_no_other_and_is_tried_again(app, session) -> None:
    put(session, 3)

    class Picky(Inbox):
        refused = False

        async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802
            if address == "a1@example.se" and not self.refused:
                self.refused = True
                return "450 later"
            envelope.rcpt_tos.append(address)
            return "250 ok"

    inbox = Picky()
    with served(inbox) as port, app.app_context():
        for at, sent in ((factories.NOW, 2), (factories.NOW + timedelta(seconds=59), 0)):
            with courier(config.Smtp("127.0.0.1", port, None, None, tls=False)) as send:
                assert tasks.send_due(jobs.transaction, send, sender="r@x.se", now=at) == sent
        with courier(config.Smtp("127.0.0.1", port, None, None, tls=False)) as send:
            assert tasks.send_due(jobs.transaction, send, sender="r@x.se", now=at + timedelta(seconds=1)) == 1
    assert len(inbox.got) == 3
    session.expire_all()
    assert sorted(session.scalars(select(Mail.attempts))) == [1, 1, 2]


def test_a_connection_that_was_cut_is_made_anew(app, session) -> None:
    put(session, 3)

    class Cutting(Inbox):
        async def handle_DATA(self, server, smtp_session, envelope) -> str:  # noqa: N802
            answer = await super().handle_DATA(server, smtp_session, envelope)
            server.transport.close() if len(self.got) == 1 else None
            return answer

    inbox = Cutting()
    with (
        served(inbox) as port,
        app.app_context(),
        courier(config.Smtp("127.0.0.1", port, None, None, tls=False)) as send,
    ):
        assert tasks.send_due(jobs.transaction, send, sender="r@x.se", now=factories.NOW) == 2
        assert tasks.send_due(jobs.transaction, send, sender="r@x.se", now=factories.NOW + timedelta(minutes=1)) == 1
    assert len(inbox.got) == 4  # taken in and never confirmed: sent once more, with the same Message-ID
    ids = [message_from_bytes(one)["Message-ID"] for one in inbox.got]
    assert len(set(ids)) == 3


def test_what_opens_an_account_is_in_no_row_once_it_is_sent_or_given_up(app, session) -> None:
    for kind in ("invitation", "new_password", "code", "reminder"):
        letter = replace(LETTER, kind=kind, link="https://x.example/invitation/hemlig-nyckel")
        post(session, to=f"{kind}@example.se", language="sv", letter=letter, now=factories.NOW)
    session.commit()

    def flaky(message) -> None:
        if message["To"].startswith("code"):
            raise smtplib.SMTPServerDisconnected("gone")

    with app.app_context():
        assert tasks.send_due(jobs.transaction, flaky, sender="r@x.se", now=factories.NOW) == 3
        waits = session.scalars(select(Mail).where(Mail.kind == "code")).one()
        assert "hemlig-nyckel" in waits.text
        waits.attempts = tasks.MOST_ATTEMPTS - 1
        session.commit()
        later = factories.NOW + timedelta(days=1)
        assert tasks.send_due(jobs.transaction, flaky, sender="r@x.se", now=later) == 0
    session.expire_all()
    holding = {mail.kind for mail in session.scalars(select(Mail)) if "hemlig-nyckel" in mail.text + mail.html}
    assert holding == {"reminder"}
    assert {mail.to_email for mail in session.scalars(select(Mail)) if mail.kind == "invitation"} == {
        "invitation@example.se"
    }


def test_the_development_mailbox_keeps_what_it_shows(app, session) -> None:
    post(session, to="a@example.se", language="sv", letter=replace(LETTER, kind="code"), now=factories.NOW)
    session.commit()
    with app.app_context():
        jobs.send_mail(app)
    session.expire_all()
    assert session.scalars(select(Mail)).one().text != ""
