SELECT first_seq, token FROM owners WHERE first_seq <= %lld
ORDER BY first_seq
