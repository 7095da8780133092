"""Make the audit log append-only, and index the inbox's search text.

On PostgreSQL a GIN index over `to_tsvector('simple', body)`; on SQLite an FTS5 table that triggers keep equal
to `case_text`. Its `secure-delete` option keeps erased words out of the index's pages.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE_UP = (
    """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    "CREATE VIRTUAL TABLE case_fts USING fts5(body, tokenize = 'unicode61 remove_diacritics 0')",
    "INSERT INTO case_fts(case_fts, rank) VALUES('secure-delete', 1)",
    """CREATE TRIGGER case_text_insert AFTER INSERT ON case_text
       BEGIN INSERT INTO case_fts(rowid, body) VALUES (new.case_id, new.body); END""",
    """CREATE TRIGGER case_text_update AFTER UPDATE ON case_text
       BEGIN UPDATE case_fts SET body = new.body WHERE rowid = new.case_id; END""",
    """CREATE TRIGGER case_text_delete AFTER DELETE ON case_text
       BEGIN DELETE FROM case_fts WHERE rowid = old.case_id; END""",
)
SQLITE_DOWN = (
    "DROP TRIGGER case_text_delete",
    "DROP TRIGGER case_text_update",
    "DROP TRIGGER case_text_insert",
    "DROP TABLE case_fts",
    "DROP TRIGGER audit_entry_no_delete",
    "DROP TRIGGER audit_entry_no_update",
)
POSTGRESQL_UP = (
    """CREATE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
    """CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
       FOR EACH ROW EXECUTE FUNCTION audit_entry_append_only()""",
    "CREATE INDEX ix_case_text_search ON case_text USING gin (to_tsvector('simple', body))",
)
POSTGRESQL_DOWN = (
    "DROP INDEX ix_case_text_search",
    "DROP TRIGGER audit_entry_append_only ON audit_entry",
    "DROP FUNCTION audit_entry_append_only()",
)


def upgrade() -> None:
    """Apply."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_UP if sqlite else POSTGRESQL_UP:
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_DOWN if sqlite else POSTGRESQL_DOWN:
        op.execute(statement)
