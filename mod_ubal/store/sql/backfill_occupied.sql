-- What windows and open backfills there are already of a range, in order.
SELECT begins_at, ends_at FROM (
    SELECT begins_at, ends_at FROM windows
    WHERE vendor = %lld AND ends_at > %lld AND begins_at < %lld
    UNION ALL
    SELECT begins_at, cursor FROM backfills
    WHERE vendor = %lld AND state = 0 AND cursor > %lld AND begins_at < %lld
) AS taken
ORDER BY begins_at
