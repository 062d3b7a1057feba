-- PostgreSQL's alone. A session whose host has gone is to end soon, and its
-- lock with it, but one that has nothing to do is not; what a server does not
-- know is left out.
SELECT COUNT(set_config(name, CASE name
    WHEN 'tcp_user_timeout' THEN '3000'
    WHEN 'client_connection_check_interval' THEN '500'
    WHEN 'tcp_keepalives_count' THEN '3'
    WHEN 'idle_session_timeout' THEN '0'
    ELSE '1' END, false))
FROM pg_settings
WHERE name IN ('tcp_keepalives_idle', 'tcp_keepalives_interval',
    'tcp_keepalives_count', 'tcp_user_timeout',
    'client_connection_check_interval', 'idle_session_timeout')
