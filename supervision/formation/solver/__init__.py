"""Forms groups that fit people's shifts. Knows neither Flask nor the database; see docs/formation.md."""

from supervision.formation.solver.keep import why_moved
from supervision.formation.solver.solving import Progress, solve

__all__ = ["Progress", "solve", "why_moved"]
