"""What a database says when it cannot be opened, read or written, in words for an operator."""

import sqlite3

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

DRIVERS = ("psycopg",)


def words_of(error: BaseException) -> str | None:
    """One line of what a database said, or None when the error is not one of a database.

    The statement and its values are left out, since they may hold what a person said.
    """
    if isinstance(error, ArgumentError | NoSuchModuleError):
        return "the address is not one of a database it knows"
    if isinstance(error, ModuleNotFoundError) and error.name in DRIVERS:
        return "PostgreSQL needs its driver: install steward[pg]"
    if isinstance(error, DBAPIError) and error.orig is not None:
        return _first_line(error.orig)
    if isinstance(error, sqlite3.Error):
        return _first_line(error)
    return type(error).__name__ if isinstance(error, SQLAlchemyError) else None


def _first_line(error: BaseException) -> str:
    """A database's own words; those about a row are kept from view, since they may quote it."""
    lines = str(error).strip().splitlines()
    told = isinstance(error, sqlite3.Error) or type(error).__name__ == "OperationalError"
    return lines[0] if lines and told else type(error).__name__
