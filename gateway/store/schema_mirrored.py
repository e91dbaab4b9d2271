"""Which entries of the directory came from which CRM, and how far each CRM's mirror is.

Personal data: none but the link itself: a CRM's id of a record, our id of the entry, and a keyless
digest of what the CRM told last, which tells only whether it tells something else now. A row lives
as long as the record in the CRM; that of an entry which people erased here stays, so that the next
sweep does not bring it back.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, text

from gateway.store.schema import UUID_TEXT, Instant, metadata

crm_people = Table(
    "crm_people",
    metadata,
    Column("crm", String, primary_key=True),
    # the record's id in the CRM
    Column("ref", String, primary_key=True),
    Column("contact_id", UUID_TEXT, nullable=False),
    # mirrored: the entry is the mirror's; edited: made by it and changed by people since;
    # linked: a CSV file's or somebody's entry, which the mirror only refers to the record
    Column("bond", String(8), nullable=False),
    Column("digest", String(32), nullable=False),
    # the entry's change number when the mirror last wrote it
    Column("change", BigInteger, nullable=False),
    # the last sweep that saw the record
    Column("sweep", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_crm_people_contact_id", crm_people.c.contact_id)
Index("ix_crm_people_crm_sweep", crm_people.c.crm, crm_people.c.sweep)

crm_mirrors = Table(
    "crm_mirrors",
    metadata,
    Column("crm", String, primary_key=True),
    # where the next poll for changes begins; None before the first sweep
    Column("cursor", Text),
    # where a sweep under way goes on, and where polls begin after it; None between sweeps
    Column("walk", Text),
    Column("mark", Text),
    Column("sweep", Integer, nullable=False, server_default=text("0")),
    # entries seen in the sweep under way or in the last one
    Column("seen", Integer, nullable=False, server_default=text("0")),
    Column("sweep_began_at", Instant),
    Column("swept_at", Instant),
    Column("polled_at", Instant),
    # a sweep ordered by a person: "", "sweep", or "confirmed": also one that deletes very much
    Column("wanted", String(16), nullable=False, server_default=text("''")),
)
