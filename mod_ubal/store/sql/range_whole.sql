-- Around a border: where the window that it ends begins, and where the first
-- whole second is a border again.
SELECT
    (SELECT MIN(begins_at) FROM windows WHERE vendor = %lld AND ends_at = %lld),
    (SELECT MIN(ends_at) FROM windows
        WHERE vendor = %lld AND ends_at > %lld AND ends_at %% 1000000 = 0)
