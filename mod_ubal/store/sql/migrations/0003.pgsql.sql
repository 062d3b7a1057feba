-- Schema 3; 0003.sqlite.sql says what it is for.
ALTER TABLE transactions DROP CONSTRAINT transactions_pkey;

DROP INDEX transactions_user;

ALTER TABLE transactions
    ADD PRIMARY KEY (user_id, created_at, vendor, id);

CREATE UNIQUE INDEX transactions_id ON transactions (vendor, id);

ALTER TABLE balances ADD COLUMN n BIGINT NOT NULL DEFAULT 0;

UPDATE balances SET n = (SELECT COUNT(*) FROM transactions t
    WHERE t.user_id = balances.user_id);

CREATE INDEX balances_outstanding ON balances (user_id)
    WHERE payout > paid_out;

CREATE TABLE sums (
    user_id TEXT NOT NULL,
    level BIGINT NOT NULL CHECK (level BETWEEN 0 AND 8),
    bucket BIGINT NOT NULL,
    n BIGINT NOT NULL CHECK (n > 0),
    earned BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    payout BIGINT NOT NULL,
    paid_out BIGINT NOT NULL,
    PRIMARY KEY (user_id, level, bucket)
);

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
