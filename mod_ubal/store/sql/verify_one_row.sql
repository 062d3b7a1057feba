SELECT 'coverage has ' || COUNT(*) || ' rows' FROM coverage
HAVING COUNT(*) <> 1
