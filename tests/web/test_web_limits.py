"""How much a request may bring, and that more is refused before it costs anything."""

import json
import re
from io import BytesIO

import pytest

from supervision.store import database
from supervision.web import limits
from tests import factories

FORM = "application/x-www-form-urlencoded"


def parts(count: int) -> bytes:
    """A multipart body of so many fields."""
    return b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * count + b"--b--\r\n"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (FORM, b"email=" + b"x" * limits.MOST_BYTES, 413),
        (FORM, b"a=1&" * limits.MOST_FIELDS, 413),
        (FORM, b"&" * 100_000, 413),
        ("multipart/form-data; boundary=b", parts(1), 415),
        ("application/json", b"{}", 415),
        ("application/json; charset=utf-16", b"[" * 100_000, 415),
        ("application/x+json", b"{}", 415),
        ("text/plain", b"email=a@example.se", 400),
    ],
)
def test_what_is_too_much_or_of_another_kind_is_refused(browser, kind, body, status) -> None:
    answer = browser().get("/sign-in").client.post("/sign-in", data=body, content_type=kind)
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert f'data-status="{status}"' in answer.text


def test_a_body_of_unknown_length_is_counted_while_it_comes(browser) -> None:
    class Endless:
        sent = 0

        def read(self, size: int) -> bytes:
            self.sent += size
            return b"a" * size

        def readinto(self, buffer: bytearray) -> int:
            self.sent += len(buffer)
            return len(buffer)

    stream = Endless()
    answer = browser().client.post(
        "/sign-in",
        content_type=FORM,
        environ_overrides={"wsgi.input": stream, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code in {400, 413}
    assert 0 < stream.sent <= limits.MOST_BYTES + 65_536


def test_a_long_address_and_long_headers_are_refused_in_the_readers_language(browser) -> None:
    for path in (f"/{'a' * 4_000}", f"/sign-in?next=/{'a' * 4_000}"):
        assert "för lång" in browser().get(path).text
    answer = browser().client.get("/sign-in", headers={"X-Long": "x" * 20_000, "Accept-Language": "da"})
    assert answer.status_code == 431
    assert "Browseren sendte for meget" in answer.text


def test_only_the_round_takes_json_and_what_is_broken_there_is_refused(app, browser, session) -> None:
    takers = {name for name, view in app.view_functions.items() if getattr(view, "takes_json", False)}
    assert "live.take_in" in takers
    assert len(takers) < 5
    group = factories.make_group(session)
    meeting = factories.make_meeting(session, group)
    path = f"/meetings/{meeting.id}/live/events"
    maria = factories.sign_in(browser(), group.assignment.supervisor, session).get("/me")
    token = maria.soup.find("input", {"name": "csrf_token"})["value"]
    for body in (b"[" * 200_000, b'{"events":[{"id":"a\\u0000b"}]}', b'"\\ud800"', b"\xff", b"9" * 5_000, b""):
        answer = maria.client.post(
            path,
            data=body,
            content_type="application/json",
            headers={"X-CSRFToken": token},
        )
        assert (answer.status_code, json.loads(answer.data)["code"]) == (400, "command_incomplete")


def test_what_a_device_sends_is_read_before_anything_is_asked_or_locked(browser, session) -> None:
    class Slow:
        asked_before: list[bool]

        def __init__(self, body: bytes) -> None:
            self.rest, self.asked_before = BytesIO(body), []

        def read(self, size: int = -1) -> bytes:
            self.asked_before.append(database.session().in_transaction())
            return self.rest.read(size)

        def readinto(self, buffer: bytearray) -> int:
            self.asked_before.append(database.session().in_transaction())
            return self.rest.readinto(buffer)

    meeting = factories.make_meeting(session, factories.make_group(session))
    maria = factories.sign_in(browser(), meeting.group.assignment.supervisor, session).get("/me")
    token = maria.soup.find("input", {"name": "csrf_token"})["value"]
    path = f"/meetings/{meeting.id}/live/events"
    session.commit()
    sent = Slow(b'{"sent_at": 1, "after": 0, "events": []}')
    answer = maria.client.post(
        path,
        content_type="application/json",
        headers={"X-CSRFToken": token},
        environ_overrides={"wsgi.input": sent, "CONTENT_LENGTH": "40"},
    )
    assert answer.status_code == 200
    assert sent.asked_before
    assert not any(sent.asked_before)


def test_only_the_upload_of_a_list_takes_files_and_more_of_them_at_once_are_refused(app, browser, session) -> None:
    assert {name for name, view in app.view_functions.items() if getattr(view, "takes_files", False)} == {
        "staff_lists.upload"
    }
    assignment = factories.make_assignment(session)
    path = f"/assignments/{assignment.id}/staff-list"
    desk = factories.sign_in(browser(), assignment.supervisor, session)
    body = parts(limits.MOST_FIELDS + 1)
    answer = desk.client.post(path, data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413


@pytest.mark.parametrize("host", ["localhost:99999", "localhost:0", "a:b:c"])
def test_a_host_that_is_none_is_refused(browser, host) -> None:
    for path in ("/sign-in", "/sign-in/passkey/options", "/health"):
        assert browser().client.get(path, headers={"Host": host}).status_code == 400


def test_nobody_is_sent_on_by_a_doubled_slash(browser) -> None:
    for path in ("//sign-in", "/sign-in//code"):
        doubled = {"PATH_INFO": path, "HTTP_HOST": "evil.example"}
        assert "Location" not in browser().client.get("/", environ_overrides=doubled).headers


def test_only_the_upload_of_a_list_takes_more(app) -> None:
    larger = {name for name, view in app.view_functions.items() if getattr(view, "most_bytes", 0) > limits.MOST_BYTES}
    assert larger == {"staff_lists.upload"}


def test_a_field_sent_twice_and_a_foreign_charset_change_nothing(browser, session) -> None:
    page = browser().get("/sign-in")
    token = page.soup.find("input", {"name": "csrf_token"})["value"]
    body = f"csrf_token={token}&email=a@example.se&email=b@example.se&csrf_token=x"
    answer = page.client.post("/sign-in", data=body, content_type=f"{FORM}; charset=utf-7")
    assert answer.status_code == 303
    assert re.fullmatch(r"/sign-in/code\?next=/?(%2F)?", answer.headers["Location"])
