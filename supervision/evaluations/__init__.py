"""The yearly evaluation: questionnaire, ballots, release, report."""
