SELECT id, since FROM vendors WHERE name = 'opening'
