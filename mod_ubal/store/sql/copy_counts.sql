SELECT (SELECT COUNT(*) FROM transactions), (SELECT COUNT(*) FROM balances),
    (SELECT COUNT(*) FROM sums), (SELECT COUNT(*) FROM requests),
    (SELECT COUNT(*) FROM windows), (SELECT COUNT(*) FROM vendors),
    (SELECT COUNT(*) FROM dead_letters), (SELECT COUNT(*) FROM owners),
    (SELECT COUNT(*) FROM backfills), (SELECT COUNT(*) FROM imports),
    (SELECT COUNT(*) FROM import_hours), (SELECT COUNT(*) FROM pass_keys)
