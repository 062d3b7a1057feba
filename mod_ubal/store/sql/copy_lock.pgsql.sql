-- Keeps owners and other copies out, until the transaction ends.
LOCK TABLE ubal_meta IN SHARE ROW EXCLUSIVE MODE NOWAIT
