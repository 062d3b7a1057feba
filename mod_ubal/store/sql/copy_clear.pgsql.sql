-- All but transactions and their ids, which are never changed.
WITH a AS (DELETE FROM vendors), b AS (DELETE FROM windows),
    c AS (DELETE FROM pass_keys), d AS (DELETE FROM requests),
    e AS (DELETE FROM dead_letters), f AS (DELETE FROM backfills),
    g AS (DELETE FROM imports), h AS (DELETE FROM import_hours),
    i AS (DELETE FROM owners), j AS (DELETE FROM ubal_meta),
    k AS (DELETE FROM balances), l AS (DELETE FROM sums)
DELETE FROM coverage
