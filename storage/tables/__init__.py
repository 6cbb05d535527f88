"""Every table, each with what it is for; sealed columns are `LargeBinary`."""

from storage.tables.browser import browser_feed, browser_keys, documents
from storage.tables.ledger import audit, case_events, case_links, case_messages, cases, evidence, law_answers
from storage.tables.path import dues, inbox, jobs, keyboards, outbox, sessions
from storage.tables.people import accounts, consents, members, people, return_codes
from storage.tables.schema import Id, metadata
from storage.tables.store import data_keys, meta
from storage.tables.union import absences, employers, entrances, invitations, passages, posts, units

__all__ = [
    "Id",
    "absences",
    "accounts",
    "audit",
    "browser_feed",
    "browser_keys",
    "case_events",
    "case_links",
    "case_messages",
    "cases",
    "consents",
    "data_keys",
    "documents",
    "dues",
    "employers",
    "entrances",
    "evidence",
    "inbox",
    "invitations",
    "jobs",
    "keyboards",
    "law_answers",
    "members",
    "meta",
    "metadata",
    "outbox",
    "passages",
    "people",
    "posts",
    "return_codes",
    "sessions",
    "units",
]
