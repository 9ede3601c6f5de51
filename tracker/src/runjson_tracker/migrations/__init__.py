"""From the tables of an older version to those of this one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from runjson_tracker.errors import StoreError


def migrate(connection: Connection, stored: str | None) -> None:
    """Bring a database up to date, within the transaction of the connection.

    Args:
        connection: holds a transaction that writes.
        stored: the version that the database says it has; None if it has no tables.

    Raises:
        StoreError: a newer version of RunJSON made the database.
    """
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(configuration).walk_revisions()}
    if stored is not None and stored not in known:
        raise StoreError(
            f'The tracker has tables of version "{stored}", made by a newer RunJSON: `pip install --upgrade runjson` '
            "reads it. (Or by one from before the first release: upload the run files into a new tracker.)"
        )
    command.upgrade(configuration, "head")
