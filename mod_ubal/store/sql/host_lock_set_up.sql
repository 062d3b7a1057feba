-- PostgreSQL's alone. A session whose host has gone is to end soon, and its
-- lock with it; what a server does not know is left out.
SELECT COUNT(set_config(name, CASE name
    WHEN 'tcp_user_timeout' THEN '3000'
    WHEN 'client_connection_check_interval' THEN '500'
    WHEN 'tcp_keepalives_count' THEN '3'
    ELSE '1' END, false))
FROM pg_settings
WHERE name IN ('tcp_keepalives_idle', 'tcp_keepalives_interval',
    'tcp_keepalives_count', 'tcp_user_timeout',
    'client_connection_check_interval')
