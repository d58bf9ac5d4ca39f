"""Forms groups that fit people's shifts. Knows neither Flask nor the database; see docs/formation.md."""

from supervision.formation.solver.keep import why_moved
from supervision.formation.solver.solving import Progress, solve
from supervision.formation.solver.why import Help, Unplaced, reasons

__all__ = ["Help", "Progress", "Unplaced", "reasons", "solve", "why_moved"]
