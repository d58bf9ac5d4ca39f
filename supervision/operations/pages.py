"""How the installation stands now, as the start page, the operator's page and the command read it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from alembic.script import ScriptDirectory
from flask import current_app

import config as settings
from supervision.audit import tasks as audit
from supervision.operations import rules, services
from supervision.store.database import db, session
from supervision.store.keyring import Keyring
from supervision.web.edge import edge


@dataclass(frozen=True, slots=True)
class Board:
    """The state and what of it needs the operator."""

    state: rules.State
    troubles: list[rules.Trouble]

    @property
    def is_well(self) -> bool:
        """Whether nothing needs the operator."""
        return rules.is_well(self.troubles)


def board() -> Board:
    """Read how the installation stands at this moment."""
    config: settings.Config = current_app.config["SETTINGS"]
    around = services.Surroundings(
        db.engine.dialect.name,
        _wanted_revision(str(current_app.extensions["migrate"].directory)),
        cast("Keyring", current_app.extensions["keyring"]),
        audit.read_note(Path(config.instance)),
    )
    now = edge().clock()
    state = services.read_state(session(), around, now=now)
    return Board(state, rules.troubles(state, now))


@cache
def _wanted_revision(folder: str) -> str:
    return ScriptDirectory(folder).get_current_head() or ""
