-- Schema 3. A user's transactions lie together, in the order of time, so that
-- what one user asks for is one stretch of one tree; the other index keeps
-- each (vendor, id) once.
CREATE TABLE transactions_3 (
    vendor INTEGER NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 3),
    amount INTEGER NOT NULL CHECK (
        amount BETWEEN -1000000000000000 AND 1000000000000000),
    commit_seq INTEGER NOT NULL,
    PRIMARY KEY (user_id, created_at, vendor, id)
) STRICT, WITHOUT ROWID;

INSERT INTO transactions_3
SELECT vendor, id, user_id, created_at, type, amount, commit_seq
FROM transactions ORDER BY user_id, created_at, vendor, id;

DROP TABLE transactions;

ALTER TABLE transactions_3 RENAME TO transactions;

CREATE UNIQUE INDEX transactions_id ON transactions (vendor, id);

-- n: how many transactions the sums are of.
ALTER TABLE balances ADD COLUMN n INTEGER NOT NULL DEFAULT 0;

UPDATE balances SET n = (SELECT COUNT(*) FROM transactions t
    WHERE t.user_id = balances.user_id);

CREATE INDEX balances_outstanding ON balances (user_id)
    WHERE payout > paid_out;

-- From which commit on which owner wrote: a database that was restored has
-- other commits under the same numbers, and another owner's token beside them.
CREATE TABLE owners (
    first_seq INTEGER PRIMARY KEY,
    token TEXT NOT NULL
) STRICT;

-- A user's sums over stretches of time, for users who have much in them.
-- bucket is created_at divided by the width of the level: 0, 64 days; 1, 8
-- days; 2, a day; 3, 6 hours; 4, an hour; 5, 10 minutes; 6, a minute; 7, 10
-- seconds; 8, a second. A user with more than 128 transactions has a row of
-- level 0 for each stretch that holds any, and a stretch that has more than
-- 128 its parts, on the next level.
CREATE TABLE sums (
    user_id TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 8),
    bucket INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n > 0),
    earned INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    payout INTEGER NOT NULL,
    paid_out INTEGER NOT NULL,
    PRIMARY KEY (user_id, level, bucket)
) STRICT, WITHOUT ROWID;

DROP TABLE daily_sums;

INSERT INTO sums
SELECT user_id, 0, created_at / 5529600000000, COUNT(*),
    SUM(CASE WHEN type = 0 THEN amount ELSE 0 END),
    SUM(CASE WHEN type = 1 THEN amount ELSE 0 END),
    SUM(CASE WHEN type = 2 THEN amount ELSE 0 END),
    SUM(CASE WHEN type = 3 THEN amount ELSE 0 END)
FROM transactions
WHERE user_id IN (SELECT user_id FROM balances WHERE n > 128)
GROUP BY user_id, created_at / 5529600000000;

INSERT INTO sums
SELECT t.user_id, 1, t.created_at / 691200000000, COUNT(*),
    SUM(CASE WHEN t.type = 0 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 1 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 2 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 3 THEN t.amount ELSE 0 END)
FROM sums s JOIN transactions t ON t.user_id = s.user_id
    AND t.created_at >= s.bucket * 5529600000000
    AND t.created_at < (s.bucket + 1) * 5529600000000
WHERE s.level = 0 AND s.n > 128
GROUP BY t.user_id, t.created_at / 691200000000;

INSERT INTO sums
SELECT t.user_id, 2, t.created_at / 86400000000, COUNT(*),
    SUM(CASE WHEN t.type = 0 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 1 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 2 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 3 THEN t.amount ELSE 0 END)
FROM sums s JOIN transactions t ON t.user_id = s.user_id
    AND t.created_at >= s.bucket * 691200000000
    AND t.created_at < (s.bucket + 1) * 691200000000
WHERE s.level = 1 AND s.n > 128
GROUP BY t.user_id, t.created_at / 86400000000;

INSERT INTO sums
SELECT t.user_id, 3, t.created_at / 21600000000, COUNT(*),
    SUM(CASE WHEN t.type = 0 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 1 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 2 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 3 THEN t.amount ELSE 0 END)
FROM sums s JOIN transactions t ON t.user_id = s.user_id
    AND t.created_at >= s.bucket * 86400000000
    AND t.created_at < (s.bucket + 1) * 86400000000
WHERE s.level = 2 AND s.n > 128
GROUP BY t.user_id, t.created_at / 21600000000;

INSERT INTO sums
SELECT t.user_id, 4, t.created_at / 3600000000, COUNT(*),
    SUM(CASE WHEN t.type = 0 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 1 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 2 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 3 THEN t.amount ELSE 0 END)
FROM sums s JOIN transactions t ON t.user_id = s.user_id
    AND t.created_at >= s.bucket * 21600000000
    AND t.created_at < (s.bucket + 1) * 21600000000
WHERE s.level = 3 AND s.n > 128
GROUP BY t.user_id, t.created_at / 3600000000;

INSERT INTO sums
SELECT t.user_id, 5, t.created_at / 600000000, COUNT(*),
    SUM(CASE WHEN t.type = 0 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 1 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 2 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 3 THEN t.amount ELSE 0 END)
FROM sums s JOIN transactions t ON t.user_id = s.user_id
    AND t.created_at >= s.bucket * 3600000000
    AND t.created_at < (s.bucket + 1) * 3600000000
WHERE s.level = 4 AND s.n > 128
GROUP BY t.user_id, t.created_at / 600000000;

INSERT INTO sums
SELECT t.user_id, 6, t.created_at / 60000000, COUNT(*),
    SUM(CASE WHEN t.type = 0 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 1 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 2 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 3 THEN t.amount ELSE 0 END)
FROM sums s JOIN transactions t ON t.user_id = s.user_id
    AND t.created_at >= s.bucket * 600000000
    AND t.created_at < (s.bucket + 1) * 600000000
WHERE s.level = 5 AND s.n > 128
GROUP BY t.user_id, t.created_at / 60000000;

INSERT INTO sums
SELECT t.user_id, 7, t.created_at / 10000000, COUNT(*),
    SUM(CASE WHEN t.type = 0 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 1 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 2 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 3 THEN t.amount ELSE 0 END)
FROM sums s JOIN transactions t ON t.user_id = s.user_id
    AND t.created_at >= s.bucket * 60000000
    AND t.created_at < (s.bucket + 1) * 60000000
WHERE s.level = 6 AND s.n > 128
GROUP BY t.user_id, t.created_at / 10000000;

INSERT INTO sums
SELECT t.user_id, 8, t.created_at / 1000000, COUNT(*),
    SUM(CASE WHEN t.type = 0 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 1 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 2 THEN t.amount ELSE 0 END),
    SUM(CASE WHEN t.type = 3 THEN t.amount ELSE 0 END)
FROM sums s JOIN transactions t ON t.user_id = s.user_id
    AND t.created_at >= s.bucket * 10000000
    AND t.created_at < (s.bucket + 1) * 10000000
WHERE s.level = 7 AND s.n > 128
GROUP BY t.user_id, t.created_at / 1000000;
