import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from supervision.formation.command import form_groups_command
from supervision.formation.rules.check import faults
from supervision.formation.rules.instance import Plan
from supervision.formation.rules.reading import BadInstance, read, read_groups
from tests.formation.making import HERE, load

SMALL = HERE / "base-30-0.json.gz"


def data() -> dict[str, Any]:
    return json.loads(gzip.decompress(SMALL.read_bytes()))


def run(*words: object) -> Result:
    return CliRunner().invoke(form_groups_command, [str(word) for word in words])


def test_the_plan_is_written_as_described(tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    assert run(SMALL, "--out", out, "--time-limit", 30, "--seed", 1).exit_code == 0
    plan = json.loads(out.read_text())
    assert (plan["placed"], plan["bound"], plan["optimal"]) == (25, 25, True)
    assert set(plan["groups"][0]) == {"supervisor", "slot", "place", "language", "people"}
    assert len(plan["unplaced"]) == 5
    assert {"id", "reason", "would_help"} <= set(plan["unplaced"][0])
    assert faults(load("base-30-0"), Plan(read_groups(plan), 25)) == []
    again = run(SMALL, "--out", tmp_path / "again.json", "--previous", out)
    assert "0 of the earlier plan are in another group" in again.output
    pinned = run(SMALL, "--out", tmp_path / "third.json", "--pinned", out)
    assert pinned.exit_code == 0


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("people", 12, "slots", 3, "id"), 999, "people[12].slots[3].id: no such slot"),
        (("people", 12, "slots", 3, "wish"), 7, "people[12].slots[3].wish: must be 0"),
        (("people", 2, "places", 0, "id"), "moon", "people[2].places[0].id: no such place"),
        (("people", 3, "id"), 2, "people[3].id: 2 is there twice"),
        (("people", 3, "id"), "three", "people[3].id: ids are either all numbers or all texts"),
        (("people", 3, "languages"), None, "people[3].languages: must be a list"),
        (("people", 3, "experience_years"), float("nan"), "people[3].experience_years: must be a number"),
        (("supervisors", 0, "max_groups"), -1, "supervisors[0].max_groups: must be a whole number"),
        (("supervisors", 0, "slots", 1), True, "supervisors[0].slots[1]: must be a whole number or a text"),
        (("slots", 4, "start"), "25:00", "slots[4].start: must be a time"),
        (("slots", 4, "week"), "C", 'slots[4].week: must be "A" or "B"'),
        (("apart", 0), [1], "apart[0]: must be a pair"),
        (("apart", 0), [1, 1], "apart[0]: must be two people"),
        (("apart", 0), [1, 1000], "apart[0][1]: no such person"),
        (("group_size",), {"min": 9, "max": 7}, "group_size.max: must be a whole number from 9"),
        (("rooms_per_slot",), 5, "rooms_per_slot: must be an object"),
        (("people",), {}, "people: must be a list"),
    ],
)
def test_a_fault_is_told_with_its_place(path: tuple, value: object, told: str, tmp_path: Path) -> None:
    broken = data()
    at: Any = broken
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    with pytest.raises(BadInstance) as error:
        read(broken)
    assert str(error.value).startswith(told)
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(broken))
    result = run(file)
    assert result.exit_code == 2
    assert told in result.output


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"people": []}', "\x00"])
def test_what_is_no_instance_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "instance.json"
    file.write_text(text)
    assert run(file).exit_code == 2
    zipped = tmp_path / "instance.json.gz"
    zipped.write_text(text)
    assert run(zipped).exit_code == 2


PEOPLE = "id,employer,team,times,places,languages,experience_years\n" + "".join(
    f"p{number},north,,A-mon-15:30=0;B-tue-09:00,hall=2.5;online,sv;en,{number}\n" for number in range(6)
)
SUPERVISORS = "id,employer,times,places,languages,max_groups\n=lena,,A-mon-15:30,hall,sv,2\n"


def folder(tmp_path: Path, people: str = PEOPLE, supervisors: str = SUPERVISORS) -> Path:
    (tmp_path / "people.csv").write_text(people)
    (tmp_path / "supervisors.csv").write_text(supervisors)
    (tmp_path / "rooms.csv").write_text("place,rooms\nhall,1\nonline,\n")
    return tmp_path


def test_spreadsheets_come_in_and_go_out(tmp_path: Path) -> None:
    out = tmp_path / "plan.csv"
    assert run(folder(tmp_path), "--out", out).exit_code == 0
    lines = out.read_text().splitlines()
    assert lines[0] == "group,supervisor,week,weekday,start,place,language,person,reason,would_help,moved"
    assert lines[1] == "1,'=lena,A,mon,15:30,hall,sv,p0,,,"
    assert len(lines) == 7
    (tmp_path / "people.csv").write_text(PEOPLE.replace(";", "|").replace(",", ";"))
    assert run(tmp_path, "--out", out).exit_code == 0
    assert out.read_text().splitlines() == lines


@pytest.mark.parametrize(
    ("people", "supervisors", "told"),
    [
        (PEOPLE.replace("A-mon", "monday"), SUPERVISORS, "people.csv line 2 times"),
        (PEOPLE.replace("=2.5", "=far"), SUPERVISORS, "people.csv line 2 places"),
        (PEOPLE.replace("times", "time"), SUPERVISORS, "people.csv line 1: no column 'times'"),
        (PEOPLE, SUPERVISORS.replace(",2\n", ",two\n"), "supervisors.csv line 2 max_groups"),
        (PEOPLE.replace("p3", "p2"), SUPERVISORS, "people.csv line 5 id: 'p2' is there twice"),
        (PEOPLE.replace("=0;", "=7;"), SUPERVISORS, "people.csv line 2 times value 1: must be 0"),
        (PEOPLE, SUPERVISORS.replace(",2\n", ",-1\n"), "supervisors.csv line 2 max_groups: must be a whole number"),
    ],
)
def test_a_fault_in_a_spreadsheet_is_told_with_its_line(
    people: str, supervisors: str, told: str, tmp_path: Path
) -> None:
    result = run(folder(tmp_path, people, supervisors))
    assert result.exit_code == 2
    assert told in result.output


def test_who_has_no_group_stands_in_the_spreadsheet_with_the_reason(tmp_path: Path) -> None:
    people = PEOPLE + "late,,,B-tue-09:00,hall,sv,1\n"
    out = tmp_path / "plan.csv"
    assert run(folder(tmp_path, people), "--out", out).exit_code == 0
    assert out.read_text().splitlines()[-1] == (",,,,,,,late,no_supervisor_at_your_times,time A-mon-15:30 hall sv,")


def test_an_earlier_plan_comes_from_a_spreadsheet(tmp_path: Path) -> None:
    out = tmp_path / "plan.csv"
    assert run(folder(tmp_path), "--out", out).exit_code == 0
    kept = out.read_text().replace("'=lena", "=lena").replace(",15:30,", ",15:30,").replace(",", ";")
    out.write_text("\ufeff" + kept)  # as a spreadsheet saves it
    again = run(tmp_path, "--out", tmp_path / "again.csv", "--previous", out, "--pinned", out)
    assert "0 of the earlier plan are in another group" in again.output
    out.write_text(kept.replace("15:30", "16:30"))
    broken = run(tmp_path, "--previous", out)
    assert broken.exit_code == 2
    assert "plan.csv line 2 start: no such time" in broken.output


def test_many_moves_are_told_with_their_reasons(tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    assert run(folder(tmp_path), "--out", out).exit_code == 0
    people = PEOPLE.replace("A-mon-15:30=0;B-tue-09:00", "B-tue-09:00").replace(
        "p5,north,,B-tue", "p5,north,,A-mon-15:30;B-tue"
    )
    (tmp_path / "people.csv").write_text(people)
    (tmp_path / "supervisors.csv").write_text(SUPERVISORS.replace("A-mon-15:30", "A-mon-15:30;B-tue-09:00"))
    told = run(tmp_path, "--out", tmp_path / "again.json", "--previous", out).output
    assert "5 cannot come to theirs any more." in told
    assert "1 of the other 1 moved (100.0 %). That is more than 3 in 100." in told
    assert "Why: 1 whose group could not go on." in told
    again = json.loads((tmp_path / "again.json").read_text())
    assert {"id": "p5", "reason": "group_closed"} in again["moved_why"]


def test_ctrl_c_keeps_the_best_so_far(tmp_path: Path) -> None:
    given = data()
    big = load_big(given, 12)
    file, out = tmp_path / "big.json", tmp_path / "plan.json"
    file.write_text(json.dumps(big))
    code = "from supervision.formation.command import form_groups_command as run; run()"
    words = [sys.executable, "-c", code, str(file), "--out", str(out), "--no-why"]
    running = subprocess.Popen(words, stderr=subprocess.PIPE, env={**os.environ})
    assert running.stderr is not None
    heard = b""
    until = time.monotonic() + 60
    while b"placed" not in heard and time.monotonic() < until:
        heard += os.read(running.stderr.fileno(), 1000)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode == 0
    assert json.loads(out.read_text())["ended"] in {"stopped", "bound", "searched"}


def load_big(given: dict[str, Any], times: int) -> dict[str, Any]:
    """Return so many copies of the people, so that they wait for the same supervisors."""
    count = len(given["people"])
    given["people"] = [{**one, "id": one["id"] + copy * count} for copy in range(times) for one in given["people"]]
    given["supervisors"] = [{**given["supervisors"][0], "id": number} for number in range(9)]
    return given
