-- Kept: it is run for every page, and takes longer to plan than to run.
UPDATE vendors SET largest_page = %lld WHERE id = %lld AND largest_page < %lld
