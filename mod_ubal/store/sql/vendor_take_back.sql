-- Nothing is known beyond an instant any more; what is known begins at since.
UPDATE vendors SET as_of = CASE WHEN since < %lld THEN %lld ELSE since END
WHERE id = %lld AND as_of > %lld
