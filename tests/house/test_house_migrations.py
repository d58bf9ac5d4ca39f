"""The migrations make the tables the models describe, go down and up again with data, on both databases."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.app import create_app
from supervision.groups.models import Membership
from supervision.people.models import Person
from supervision.store.base import Base
from supervision.store.database import db, writing
from tests import factories
from tests.conftest import make_config


def test_head_equals_the_models(engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_down_and_up_with_data(database_url: str, tmp_path: Path, request) -> None:
    if database_url.startswith("sqlite"):
        url, drop = f"sqlite:///{tmp_path / 'migrate.sqlite'}", None
    else:
        server = request.getfixturevalue("postgres")
        name = f"migrate_{tmp_path.name[-20:].replace('-', '_')}".lower()
        server.create_database(name)
        url, drop = server.url(name), name
    app = create_app(make_config(url, tmp_path))
    with app.app_context():
        upgrade()
        writing.set(True)
        with Session(db.engine) as session:
            factories.make_member(session, factories.make_group(session))
            session.commit()
        downgrade(revision="0001")  # tables are written anew on SQLite; what refers to them must live through it
        upgrade()
        with Session(db.engine) as session:
            assert len(session.scalars(select(Membership)).all()) == 1
        downgrade(revision="base")
        upgrade()
        with Session(db.engine) as session:
            assert session.scalars(select(Person)).all() == []
        db.engine.dispose()
    if drop:
        server.drop_database(drop)
