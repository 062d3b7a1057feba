SELECT json_object(
    'user_id', user_id, 'level', level, 'bucket', bucket, 'n', n,
    'earned', earned, 'spent', spent, 'payout', payout, 'paid_out', paid_out)
FROM sums ORDER BY user_id, level, bucket
