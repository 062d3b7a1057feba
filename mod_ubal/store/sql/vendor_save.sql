-- Coverage that begins elsewhere is worked out anew from there.
UPDATE vendors SET
    as_of = CASE WHEN since = %lld OR as_of = 0 THEN as_of ELSE %lld END,
    since = %lld,
    largest_page = %lld
WHERE id = %lld
