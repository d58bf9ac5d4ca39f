"""`make run` at a port of one's own: the mails of the jobs lead there."""

from supervision import launch


def test_the_jobs_know_the_port(monkeypatch) -> None:
    monkeypatch.delenv("BASE_URL", raising=False)
    monkeypatch.setenv("RUNDAN_ENV", "development")
    around = launch.surroundings(8092)
    assert (around["BASE_URL"], around["RUNDAN_ENV"]) == ("http://localhost:8092", "development")
    monkeypatch.setenv("BASE_URL", "https://rundan.example")
    assert launch.surroundings(8092)["BASE_URL"] == "https://rundan.example"
