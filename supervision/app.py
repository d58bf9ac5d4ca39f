"""Wires an app from its settings; decides nothing."""

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import config as settings
from supervision import cli, tables
from supervision.audit import routes as audit_routes
from supervision.calendar import routes as calendar_routes
from supervision.cases import follow_up_routes
from supervision.cases import routes as cases_routes
from supervision.certificates import routes as certificates_routes
from supervision.cover import routes as cover_routes
from supervision.demo import routes as demo_routes
from supervision.evaluations import questionnaire_routes, statement_routes
from supervision.evaluations import routes as evaluations_routes
from supervision.factors import passkey_routes
from supervision.factors import routes as factors_routes
from supervision.formation import own_routes as formation_own_routes
from supervision.formation import proposal_routes as formation_proposal_routes
from supervision.formation import routes as formation_routes
from supervision.formats import routes as formats_routes
from supervision.groups import life_routes as group_life_routes
from supervision.groups import queries as groups
from supervision.groups import routes as groups_routes
from supervision.groups import sign_up_routes, staff_list_routes
from supervision.home import routes as home_routes
from supervision.home.menu import menu
from supervision.invoices import routes as invoices_routes
from supervision.kernel.clock import Clock, system_clock
from supervision.live import after_routes as live_after_routes
from supervision.live import before_routes as live_before_routes
from supervision.live import presence as live_presence
from supervision.live import room_routes as live_room_routes
from supervision.live import routes as live_routes
from supervision.meetings import routes as meetings_routes
from supervision.notes import routes as notes_routes
from supervision.operations import routes as operations_routes
from supervision.orgs import queries as orgs
from supervision.orgs import routes as orgs_routes
from supervision.outbox import routes as outbox_routes
from supervision.people import identity, own_sign_in_routes
from supervision.people import routes as people_routes
from supervision.privacy import routes as privacy_routes
from supervision.reminders import routes as reminders_routes
from supervision.single_sign_on import routes as single_sign_on_routes
from supervision.store import database, forgetting
from supervision.store.keyring import Keyring
from supervision.store.wrapping import WrappingKey
from supervision.web import context, edge, errors, guard, headers, i18n, limits, logs, typed

FEATURES = (
    demo_routes,
    home_routes,
    privacy_routes,
    people_routes,
    own_sign_in_routes,
    factors_routes,
    passkey_routes,
    single_sign_on_routes,
    audit_routes,
    orgs_routes,
    operations_routes,
    outbox_routes,
    groups_routes,
    group_life_routes,
    sign_up_routes,
    staff_list_routes,
    formats_routes,
    cases_routes,
    follow_up_routes,
    calendar_routes,
    meetings_routes,
    reminders_routes,
    notes_routes,
    live_before_routes,
    live_routes,
    live_room_routes,
    live_after_routes,
    evaluations_routes,
    questionnaire_routes,
    statement_routes,
    cover_routes,
    certificates_routes,
    invoices_routes,
    formation_routes,
    formation_own_routes,
    formation_proposal_routes,
)
ROOT = Path(__file__).parent.parent
MOST_BYTES = 2 * 1024 * 1024


def create_app(config: settings.Config | None = None, *, clock: Clock = system_clock) -> Flask:
    """Return the app of these settings; raises `SettingsMissing` or `Unguarded` rather than start half-safe."""
    config = config or settings.load()
    app = Flask(__name__, template_folder=str(ROOT / "templates"), instance_path=str(config.instance))
    _configure(app, config)
    logs.install(app)
    database.connect(app, config.database_url)
    _attach_keyring(app, config)
    app.extensions["tables"] = tables.metadata
    Migrate(app, database.db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    edge.install(
        app,
        edge.Edge(
            clock=clock,
            identity=identity.read,
            relations=[orgs.relations, groups.relations],
            menu=menu,
            keep_alive=identity.touch,
            presence=live_presence.presence_of,
        ),
    )
    app.before_request(guard.decide_writing)
    limits.install(app)
    headers.install(app)
    typed.install(app)
    identity.install(app)
    i18n.install(app)
    errors.install(app)
    context.install(app)
    _register(app)
    cli.install(app)
    guard.check_every_route(app)
    return app


def _attach_keyring(app: Flask, config: settings.Config) -> None:
    """Say where the keys of sealed texts lie; it is opened when the first one is needed."""
    earlier = WrappingKey(config.text_key_old) if config.text_key_old else None
    keyring = Keyring(config.keyring, WrappingKey(config.text_key), earlier, is_durable=not config.testing)
    app.extensions["keyring"] = keyring
    with app.app_context():
        forgetting.attach(database.db.engine, keyring)


def _configure(app: Flask, config: settings.Config) -> None:
    secure = config.is_production
    app.config.update(
        SETTINGS=config,
        TESTING=config.testing,
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="__Host-rundan" if secure else "rundan",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        TRUSTED_HOSTS=list(config.trusted_hosts) if config.trusted_hosts else None,
        PREFERRED_URL_SCHEME="https" if secure else "http",
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="sv",
    )
    if config.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=config.proxies
        )


def _register(app: Flask) -> None:
    for blueprint in dict.fromkeys(feature.bp for feature in FEATURES):  # a feature may have several modules of pages
        app.register_blueprint(blueprint)
