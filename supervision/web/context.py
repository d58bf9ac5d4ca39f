"""What every template may use."""

from typing import Any

from flask import Flask
from flask_babel import gettext

from supervision.kernel.walltime import local_day
from supervision.web import dates
from supervision.web.edge import edge, now
from supervision.web.guard import current_actor
from supervision.web.i18n import LANGUAGES


def install(app: Flask) -> None:
    """Add filters and the names of the layout to the app's templates."""
    app.jinja_env.filters.update(dates.FILTERS)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def names() -> dict[str, Any]:
        actor = current_actor()
        return {
            "_": gettext,
            "actor": actor,
            "menu": edge().menu(actor),
            "current_language": dates.language(),
            "languages": list(LANGUAGES.items()),
            "now": now(),
            "today_on": local_day(now(), "Europe/Stockholm"),
        }
