"""Return codes as they are kept: slow hashes only."""

import hashlib

from sqlalchemy import insert, select, update

from storage.tables import return_codes
from storage.tx import Tx

# scrypt at 16 MiB: about 50 ms a try, so that 10**15 codes are not tried.
COST, BLOCK, PARALLEL = 2**14, 8, 1


def add(tx: Tx, code: str, person_id: str) -> None:
    """Keep a code for a person; earlier ones stop working."""
    revoke(tx, person_id)
    tx.conn.execute(
        insert(return_codes).values(code_hash=_hash(tx, code), person_id=person_id, made_at=tx.now)
    )


def find(tx: Tx, code: str) -> str | None:
    """Whose code this is."""
    digits = code.replace(" ", "")
    hashes = [_slow(digits, salt) for salt in tx.sealer.blind_indexes("return_code", digits)]
    return tx.conn.execute(
        select(return_codes.c.person_id).where(
            return_codes.c.code_hash.in_(hashes) & return_codes.c.revoked_at.is_(None)
        )
    ).scalar_one_or_none()


def revoke(tx: Tx, person_id: str) -> None:
    """Stop a person's codes."""
    tx.conn.execute(
        update(return_codes).where(return_codes.c.person_id == person_id).values(revoked_at=tx.now)
    )


def _hash(tx: Tx, code: str) -> str:
    """The salt is the store's own blind index, so that the table alone cannot be searched."""
    digits = code.replace(" ", "")
    return _slow(digits, tx.sealer.blind_index("return_code", digits))


def _slow(digits: str, salt: str) -> str:
    return hashlib.scrypt(digits.encode(), salt=salt.encode(), n=COST, r=BLOCK, p=PARALLEL, dklen=32).hex()
