SELECT json_object(
    'user_id', user_id, 'earned', earned, 'spent', spent, 'payout', payout,
    'paid_out', paid_out, 'changed_at', changed_at, 'n', n)
FROM balances ORDER BY user_id
