"""All tables in one place, for migrations and for the tests of what is kept."""

from supervision.audit import models as audit
from supervision.calendar import models as calendar
from supervision.cases import models as cases
from supervision.cover import models as cover
from supervision.evaluations import models as evaluations
from supervision.factors import models as factors
from supervision.formation import models as formation
from supervision.formats import models as formats
from supervision.groups import models as groups
from supervision.live import models as live
from supervision.meetings import models as meetings
from supervision.notes import models as notes
from supervision.operations import models as operations
from supervision.orgs import models as orgs
from supervision.outbox import models as outbox
from supervision.people import models as people
from supervision.reminders import models as reminders
from supervision.single_sign_on import models as single_sign_on
from supervision.store.base import Base

FEATURES = (
    audit,
    calendar,
    cases,
    cover,
    evaluations,
    factors,
    formation,
    formats,
    groups,
    live,
    meetings,
    notes,
    operations,
    orgs,
    outbox,
    people,
    reminders,
    single_sign_on,
)
metadata = Base.metadata
