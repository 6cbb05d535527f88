"""The PostgreSQL the suite brings along."""

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.postgres import drop_database, fresh_database


def said(url: str, question: str) -> object:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return connection.exec_driver_sql(question).scalar()


@pytest.mark.postgres
def test_each_test_has_a_database_of_its_own(postgres_server: str, postgres_url: str) -> None:
    other = fresh_database(postgres_server)
    assert said(postgres_url, "select current_database()") != said(other, "select current_database()")
    drop_database(other)
    name = other.rsplit("/", 1)[1]
    assert said(postgres_server, f"select count(*) from pg_database where datname = '{name}'") == 0


@pytest.mark.postgres
def test_chinese_is_kept_as_it_is(postgres_url: str) -> None:
    assert said(postgres_url, "select '工资被拖欠'") == "工资被拖欠"
