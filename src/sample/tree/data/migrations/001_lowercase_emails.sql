-- Brings old addresses into lower case, 1000 rows at a time, so that locks stay short.
-- Needed before Alembic revision 0004. Safe to stop and to run again.
--   psql "$DATABASE_URL" -f data/migrations/001_lowercase_emails.sql

DO $$
DECLARE
    changed integer;
BEGIN
    LOOP
        UPDATE users
        SET email = lower(email), updated_at = now()
        WHERE id IN (
            SELECT id FROM users
            WHERE email <> lower(email)
            LIMIT 1000
            FOR UPDATE SKIP LOCKED
        );
        GET DIAGNOSTICS changed = ROW_COUNT;
        RAISE NOTICE 'lowercased % rows', changed;
        EXIT WHEN changed = 0;
        COMMIT;
    END LOOP;
END
$$;
