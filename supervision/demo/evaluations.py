"""The demonstration's evaluations: released ones of the past years. The one of now is opened by the jobs process."""

from typing import TYPE_CHECKING

from supervision.demo.draw import answers_of_a_year
from supervision.evaluations import rules
from supervision.evaluations.models import Campaign, EvaluationRelease
from supervision.evaluations.questionnaire import standard
from supervision.groups.models import Group
from supervision.kernel.walltime import local_day
from supervision.orgs.models import Assignment

if TYPE_CHECKING:
    from supervision.demo.seed import World

MOST_YEARS = 10


def write(world: "World") -> None:
    """Write what was released after each anniversary that has passed."""
    for assignment in world.assignments.values():
        groups = [g for g in world.groups.values() if g.assignment is assignment and g.status == "running"]
        first_on = min(group.first_on for group in groups)
        for year in range(1, MOST_YEARS):
            window = rules.campaign_window(rules.anniversary(first_on, year), assignment.organisation.zone)
            if window.closes_at >= world.now:
                break
            _release(world, assignment, groups, window, year)


def _release(world: "World", assignment: Assignment, groups: list[Group], window: rules.Window, year: int) -> None:
    questions = standard()
    ballots = {
        group.id: [answers_of_a_year(world.draw, questions.keys, year) for _ in range(max(0, group.taken - year % 2))]
        for group in groups
    }
    campaign = Campaign(
        assignment=assignment,
        status="released",
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        questionnaire=questions.as_data(),
        created_at=window.opens_at,
    )
    released = rules.release(ballots, questions.keys)
    world.session.add(campaign)
    world.session.add(
        EvaluationRelease(
            campaign=campaign,
            released_at=window.closes_at,
            content={
                "release": released.as_data(),
                "groups": {str(group.id): group.name for group in groups},
                "questionnaire": questions.as_data(),
                "closed_on": local_day(window.closes_at, assignment.organisation.zone).isoformat(),
            },
        )
    )
