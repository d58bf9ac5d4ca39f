from tests.jobs.mailing import deliver


def test_killing_the_sender_loses_no_mail_and_repeats_at_most_one_each_time(app, database_url, tmp_path) -> None:
    """The whole size, 2,000 mails and 50 kills, is measured by `make bench ONLY=mail`."""
    done = deliver(database_url, tmp_path, mails=120, kills=5, within_s=180)
    assert (done.lost, done.delivered, done.unsettled) == (0, 120, 0)
    assert done.duplicates <= done.kills
    assert 0 < done.early < 120, "the kills hit nothing"
