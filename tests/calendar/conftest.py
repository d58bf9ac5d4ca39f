"""Two readers that share no code: the Python library and ical.js in a real browser. Both must see the same dates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

ICAL_JS = (Path(__file__).parents[1] / "vendor" / "ical.js" / "ical.js").read_text(encoding="utf-8")
READ_IN_JS = """text => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const instant = time => time.toJSDate().toISOString();
  return {
    method: calendar.getFirstPropertyValue("method"),
    entries: calendar.getAllSubcomponents("vevent").map(part => {
      const event = new ICAL.Event(part);
      return {
        uid: event.uid, starts: instant(event.startDate), ends: instant(event.endDate), sequence: event.sequence,
        status: part.getFirstPropertyValue("status"), summary: event.summary, place: event.location || "",
        stamped: instant(part.getFirstPropertyValue("dtstamp")), zone: event.startDate.zone.tzid,
      };
    }),
  };
}"""


@dataclass(frozen=True)
class Read:
    """One entry, as a reader understood it."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    status: str
    summary: str
    place: str
    stamped_at: datetime


def read_in_python(text: str) -> tuple[str | None, list[Read]]:
    calendar = Calendar.from_ical(text)
    assert not [error for part in calendar.walk() for error in part.errors]
    method = calendar.get("method")
    return (str(method) if method else None), [
        Read(
            str(event["uid"]),
            event.start,
            event.end,
            int(event["sequence"]),
            str(event["status"]),
            str(event["summary"]),
            str(event.get("location", "")),
            event["dtstamp"].dt,
        )
        for event in calendar.walk("VEVENT")
    ]


@pytest.fixture(scope="session")
def read_in_js(chromium) -> Callable[[str], tuple[str | None, list[Read]]]:
    page = chromium.new_context(timezone_id="America/New_York").new_page()  # the reader's zone must not matter
    source = ICAL_JS.replace("export { ICALmodule as default };", "window.ICAL = ICALmodule;")
    page.add_script_tag(content=source, type="module")
    page.wait_for_function("window.ICAL")

    def read(text: str) -> tuple[str | None, list[Read]]:
        found = page.evaluate(READ_IN_JS, text)
        assert {one["zone"] for one in found["entries"]} <= {"UTC"}
        return found["method"], [
            Read(
                one["uid"],
                datetime.fromisoformat(one["starts"]),
                datetime.fromisoformat(one["ends"]),
                one["sequence"],
                one["status"],
                one["summary"],
                one["place"],
                datetime.fromisoformat(one["stamped"]),
            )
            for one in found["entries"]
        ]

    return read


@pytest.fixture
def read_by_both(read_in_js) -> Callable[[str], tuple[str | None, list[Read]]]:
    """Read a text with both; what they see must be equal."""

    def read(text: str) -> tuple[str | None, list[Read]]:
        one, other = read_in_python(text), read_in_js(text)
        assert one == other
        assert all(entry.starts_at.utcoffset() == timedelta(0) for entry in one[1])
        return one

    return read
