"""Two jobs processes: one leads, the other takes over."""

from threading import Event, Thread

from supervision import jobs


def test_only_one_leads_and_the_other_takes_over(app, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "LEADER_PAUSE_S", 0.05)
    stop, leads, done = Event(), Event(), Event()

    def second() -> None:
        with jobs.leadership(app, stop) as is_leader:
            if is_leader:
                leads.set()
                done.wait(5)

    with jobs.leadership(app, Event()) as first:
        assert first
        other = Thread(target=second)
        other.start()
        assert not leads.wait(0.3)
    assert leads.wait(5)
    done.set()
    other.join(5)


def test_who_is_told_to_stop_while_waiting_does_not_lead(app, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "LEADER_PAUSE_S", 0.05)
    stop = Event()
    stop.set()
    with jobs.leadership(app, Event()) as first, jobs.leadership(app, stop) as second:
        assert first
        assert not second


def test_all_sweeps_run_on_an_empty_database(app) -> None:
    jobs.sweep_all(app)
    jobs.sweep_all(app)
