-- Kept: it is run for every page, and takes longer to plan than to run.
-- Numbers the commit that this transaction will be, and says what a page of a
-- vendor is stored by: from when on opening balances have it all, but for a
-- page of theirs, and whether letters are open that an item can close.
UPDATE coverage SET commit_seq = commit_seq + 1 WHERE id = 1
RETURNING commit_seq, COALESCE((
        SELECT since FROM vendors WHERE name = 'opening' AND id <> %lld
    ), 0), CASE WHEN EXISTS (
        SELECT 1 FROM dead_letters
        WHERE state = 'open' AND kind = 'dead' AND vendor = %lld
    ) THEN 1 ELSE 0 END
