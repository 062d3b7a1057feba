/* Settings as text: what is printed reads the same and prints the same; which
 * lines are refused, with their number; which file SQLite's params name. */
#include "core/time.h"
#include "core/vendor.h"
#include "core_fixture.h"

#define DB "UbalIngestDB sqlite3 /var/lib/ubal/ubal.db\n"

static ubal_settings_t *parse(const char *text)
{
    ubal_settings_t *settings = NULL;
    ubal_error_t *err = ubal_settings_parse(&settings, text, "test", pool);

    if (err) {
        tap_ok(0, "settings that should read: %s", err->message);
        printf("# in: %s\n", text);
    }
    return settings;
}

static ubal_vendor_t *vendor_at(const ubal_settings_t *settings, int i)
{
    return APR_ARRAY_IDX(settings->vendors, i, ubal_vendor_t *);
}

static void refuses(const char *text, int line, const char *part)
{
    ubal_settings_t *settings;
    ubal_error_t *err = ubal_settings_parse(&settings, text, "a file", pool);
    const char *begin = apr_psprintf(pool, "a file line %d: ", line);

    core_refused(err, part, "refused: %s", part);
    tap_ok(err && strncmp(err->message, begin, strlen(begin)) == 0,
           "in line %d%s%s", line, err ? ": " : "", err ? err->message : "");
}

static void check_example(void)
{
    ubal_settings_t *s = parse(
        UBAL_SETTINGS_BEGIN
        "1\n"
        "UbalIngestDB sqlite3 \"/var/lib/ubal/ubal.db\"\n"
        "UbalIngestLock /run/x.lock\n"
        "UbalIngestLog '/var/log/u b.log'\n"
        "\n"
        "  # a comment with 'a quote and far more words than a line may have\n"
        "\tUBALSCALE 4 \r\n"
        "<ubalvendor game>\n"
        "    UbalURL https://vendor.example/transactions\n"
        "    ubalRATE 7 30s\n"
        "</UBALVENDOR>\n"
        "<UbalVendor Other>\n"
        "UbalURL http://b\n"
        "</UbalVendor>\n" UBAL_SETTINGS_END);

    tap_is_str(s->driver, "sqlite3", "the driver");
    tap_is_str(s->params, "/var/lib/ubal/ubal.db", "its parameters");
    tap_is_str(s->lock, "/run/x.lock", "the lock");
    tap_is_str(s->log, "/var/log/u b.log", "the log");
    tap_is_int(s->scale, 4, "the scale");
    tap_is_int(s->vendors->nelts, 2, "two vendors");
    tap_is_str(vendor_at(s, 0)->name, "game", "in order");
    tap_is_str(vendor_at(s, 1)->name, "Other", "with their case");
    tap_is_int(vendor_at(s, 0)->rate_count, 7, "directives in any case");
    tap_is_int(vendor_at(s, 1)->rate_count, 5, "each with its own defaults");
}

static void check_defaults(void)
{
    ubal_settings_t *s = ubal_settings_make(pool);

    tap_is_int(s->scale, 2, "made with scale 2");
    tap_is_int(s->vendors->nelts, 0, "and without vendors");
    s = parse(DB);
    tap_is_int(s->scale, 2, "scale 2 where none is given");
    tap_is_str(s->log, NULL, "no log");
    tap_is_str(s->lock, "/var/lib/ubal/ubal.db.ingest.lock",
               "the lock beside the database");
    s = parse("UbalIngestDB sqlite3 \"file:/a%20b?mode=rwc\"");
    tap_is_str(s->lock, "/a b.ingest.lock", "where its file is");
}

/* One word as httpd writes it, and what it is. */
static void word(const char *written, const char *expected)
{
    ubal_settings_t *s =
        parse(apr_pstrcat(pool, DB "UbalIngestLog ", written, "\n", NULL));

    tap_is_str(s ? s->log : NULL, expected, "the word %s", written);
}

static void check_words(void)
{
    word("plain", "plain");
    word("\"two words\"", "two words");
    word("'two words'", "two words");
    word("\"\"", "");
    word("''", "");
    word("\"a\\\"b\"", "a\"b");
    word("'a\\'b'", "a'b");
    word("\"a'b\"", "a'b");
    word("'a\"b'", "a\"b");
    word("\"a\\\\\"", "a\\");
    word("\"a\\\\\\\"b\"", "a\\\"b");
    word("\"a\\nb\"", "a\\nb");
    word("\"a\\'b\"", "a\\'b");
    word("a\\b", "a\\b");
    word("a\\\\b", "a\\b");
    word("a\\", "a\\");
    word("a\"b", "a\"b");
    word("it's", "it's");
    word("a#b", "a#b");
    word("#b", "#b");
    word("\t  spaced \t\r", "spaced");
    word("\xc3\xa4", "\xc3\xa4");
}

/* PostgreSQL's params are taken, or are refused with `part`; no word of them
 * is repeated. */
static void pgsql(const char *params, const char *part)
{
    const char *text = apr_pstrcat(pool,
                                   "UbalIngestLock /run/x.lock\n"
                                   "UbalIngestDB pgsql \"",
                                   params, "\"\n", NULL);
    ubal_settings_t *settings;
    ubal_error_t *err;

    if (!part) {
        settings = parse(text);
        tap_is_str(settings ? settings->params : NULL, params, "taken: %s",
                   params);
        return;
    }
    err = ubal_settings_parse(&settings, text, "a file", pool);
    core_refused(err, part, "refused: %s", params);
    tap_ok(err && !strstr(err->message, "s3cret"), "and not repeated");
}

static void check_pgsql(void)
{
    pgsql("", NULL);
    pgsql("service=ubal", NULL);
    pgsql("host=/run/postgresql dbname=ubal passfile=/etc/p", NULL);
    pgsql("host = a , user = 'it\\'s me' dbname=x", "key=value");
    pgsql("host = a user = 'it\\'s me' dbname=x", NULL);
    pgsql("dbname='password=x'", NULL);
    pgsql("postgresql://user@host:5432/name?passfile=/etc/p", NULL);
    pgsql("postgresql:///name?host=/run/postgresql", NULL);
    pgsql("host=a password=s3cret", "passfile=");
    pgsql("password = 's3cret' host=a", "passfile=");
    pgsql("host='a b'\tpassword=s3cret", "service=");
    pgsql("sslpassword=s3cret", "passfile=");
    pgsql("postgresql://user:s3cret@host/name", "passfile=");
    pgsql("postgres://user:s3cret@host", "passfile=");
    pgsql("postgresql://host/name?user=a&password=s3cret", "passfile=");
    pgsql("postgresql://me:s3?ret@host/name", "passfile=");
    pgsql("postgresql://host/name?%70assword=s3cret", "passfile=");
    pgsql("ubal", "key=value");
    pgsql("=x", "key=value");
    pgsql("dbname='s3cret", "quote");
    refuses("UbalIngestDB pgsql service=x\n", 2, "UbalIngestLock /run/");
    refuses("UbalIngestDB mysql host=x\n", 2, "sqlite3 or pgsql");
}

static void check_refused(void)
{
    refuses("", 1, "no UbalIngestDB");
    refuses("# nothing\n\n", 3, "no UbalIngestDB");
    refuses(DB "UbalScale 10\n", 2, "'10'");
    refuses(DB "UbalScale -1\n", 2, "'-1'");
    refuses(DB "UbalScale ''\n", 2, "''");
    refuses(DB "UbalScale\n", 2, "UbalScale");
    refuses(DB "UbalScale 2 2\n", 2, "UbalScale");
    refuses(DB "UbalScale 2\nUbalScale 3\n", 3, "UbalScale is given twice");
    refuses(DB DB, 2, "UbalIngestDB is given twice");
    refuses(DB "UbalIngestLog a\nubalingestlog b", 3, "given twice");
    refuses(DB "UbalIngestLock a\nUbalIngestLock b", 3, "given twice");
    refuses("UbalIngestDB sqlite3\n", 1, "UbalIngestDB");
    refuses("UbalIngestDB sqlite3 ubal.db\n", 2, "no absolute path");
    refuses(DB "Nonsense 1\n", 2, "Nonsense");
    refuses(DB "UbalURL http://h/\n", 2, "UbalURL");
    refuses(DB "UbalIngestLog \"a\n", 2, "quote is not closed");
    refuses(DB "UbalIngestLog \"a\\\"\n", 2, "quote is not closed");
    refuses(DB "a b c d e f g h\n", 2, "a with 7 words is no setting");
    refuses(DB "a b c d e f g h i\n", 2, "too many words");
    refuses(DB "<UbalVendor>\n", 2, "UbalVendor");
    refuses(DB "<UbalVendor game\n", 2, "<UbalVendor NAME>");
    refuses(DB "<UbalVendor >\n", 2, "<UbalVendor NAME>");
    refuses(DB "<UbalVendor a b>\n", 2, "<UbalVendor NAME>");
    refuses(DB "<UbalVendor 1a>\n", 2, "'1a' does not begin");
    refuses(DB "<UbalVendor a>\n<UbalVendor b>\n", 3, "within another");
    refuses(DB "</UbalVendor>\n", 2, "without <UbalVendor>");
    refuses(DB "<UbalVendor a>\n</UbalVendor>\n", 3, "no UbalURL");
    refuses(DB "<UbalVendor a>\nUbalURL http://h\n", 4, "is not closed");
    refuses(DB "<UbalVendor a>\nUbalURL http://h\nUbalRate 0 1s\n", 4,
            "UbalRate: '0'");
    refuses(DB "<UbalVendor a>\nUbalScale 2\n", 3, "UbalScale");
    refuses(DB "<UbalVendor a>\nUbalURL http://h\n</UbalVendor>\n"
               "<UbalVendor a>\n",
            5, "vendor a is there twice");
    refuses(DB "<UbalVendor a>\nUbalURL http://h/x\n</UbalVendor>\n"
               "<UbalVendor b>\nUbalURL http://H:80/y\n</UbalVendor>\n",
            7,
            "<UbalVendor b> of line 5 has the origin and credentials of "
            "<UbalVendor a> of line 2");
    refuses(DB "<UbalVendor a>\nUbalURL http://h\nUbalAuth bearer env:A\n"
               "</UbalVendor>\n<UbalVendor b>\nUbalURL http://h\n"
               "UbalAuth bearer env:B\n</UbalVendor>\n<UbalVendor c>\n"
               "UbalURL http://h\nUbalAuth bearer env:A\n</UbalVendor>\n",
            13, "<UbalVendor c> of line 10 has the origin");
}

/* What is printed reads, and prints the same again. */
static const char *fixed(const ubal_settings_t *settings, const char *what)
{
    const char *once = ubal_settings_print(settings, pool);
    ubal_settings_t *again = NULL;
    ubal_error_t *err = ubal_settings_parse(&again, once, "print", pool);

    core_fine(err, "%s: what is printed reads", what);
    if (!err) {
        tap_is_str(ubal_settings_print(again, pool), once,
                   "%s: and prints the same", what);
    }
    return once;
}

static void check_print(void)
{
    const char *text = "UbalIngestDB sqlite3 \"/var/lib/u b/ubal.db\"\n"
                       "UbalIngestLock \"/var/lib/u b/ubal.db.ingest.lock\"\n"
                       "UbalIngestLog /var/log/ubal\n"
                       "UbalScale 0\n"
                       "<UbalVendor game>\n"
                       "UbalURL https://vendor.example/transactions\n"
                       "UbalAuth basic \"m e\" file:/etc/token\n"
                       "UbalHeader X-A \"a b\"\n"
                       "UbalHeader X-A \"\"\n"
                       "UbalParam q \"\\\"\"\n"
                       "UbalParam Q 2\n"
                       "UbalRate 5 1500ms\n"
                       "UbalInterval 1s\n"
                       "UbalTimeout 3600s\n"
                       "UbalWindow settle=2s tick=10ms lookback=off\n"
                       "UbalReconcile 21600s\n"
                       "UbalSince 2026-03-01T00:00:00.000001Z\n"
                       "UbalMaxBody 1024\n"
                       "UbalPageSize 1000 per_page\n"
                       "UbalRetries 3\n"
                       "UbalMap id id type\n"
                       "UbalMap userId user.id\n"
                       "UbalMap amount \"the amount\"\n"
                       "UbalType earned credit\n"
                       "UbalType earned \"a \\\"bonus\\\"\"\n"
                       "UbalType spent earned\n"
                       "</UbalVendor>\n"
                       "<UbalVendor plain>\n"
                       "UbalURL http://h\n"
                       "UbalPageSize 50\n"
                       "</UbalVendor>\n";

    tap_is_str(fixed(parse(text), "all of it"), text,
               "each value that is no default is printed as it is written");
    tap_is_str(fixed(parse(DB "<UbalVendor a>\nUbalURL http://h\n"
                              "UbalRate 5 1min\nUbalRetries 10\n"
                              "UbalMap id id\nUbalReconcile 24h\n"
                              "UbalWindow settle=5s\n"
                              "</UbalVendor>\n"),
                     "defaults"),
               "UbalIngestDB sqlite3 /var/lib/ubal/ubal.db\n"
               "UbalIngestLock /var/lib/ubal/ubal.db.ingest.lock\n"
               "<UbalVendor a>\nUbalURL http://h\n</UbalVendor>\n",
               "and no other");
}

/* Bytes that a line may hold and that are awkward in one. */
static const char *awkward(void)
{
    static const char some[] = "\"'\\\\ \t\v\f\r#<>ab/$%{}~;=&?\xc3\xa4\xff";
    apr_size_t length = (apr_size_t)core_upto(6), i;
    char *text = apr_pcalloc(pool, length + 1);

    for (i = 0; i < length; i++) {
        text[i] = some[core_upto((apr_int64_t)sizeof(some) - 2)];
    }
    return text;
}

/* The same without control characters, which a vendor's lines refuse. */
static const char *mild(void)
{
    char *text = apr_pstrdup(pool, awkward());
    apr_size_t i;

    for (i = 0; text[i]; i++) {
        text[i] = strchr("\t\v\f\r", text[i]) ? '\\' : text[i];
    }
    return text;
}

/* As a value of PostgreSQL's params. */
static const char *pgsql_quoted(const char *text)
{
    const char *out = "";

    for (; *text; text++) {
        out = apr_psprintf(pool, "%s%s%c", out,
                           strchr("'\\", *text) ? "\\" : "", *text);
    }
    return apr_psprintf(pool, "dbname='%s'", out);
}

static int is_same(const ubal_settings_t *a, const ubal_settings_t *b)
{
    const ubal_vendor_t *v = vendor_at(a, 0), *w = vendor_at(b, 0);

    return strcmp(a->params, b->params) == 0 && strcmp(a->log, b->log) == 0 &&
           strcmp(a->lock, b->lock) == 0 &&
           strcmp(v->auth_name, w->auth_name) == 0 &&
           strcmp(v->secret_source, w->secret_source) == 0 &&
           strcmp(apr_table_get(v->headers, "X"),
                  apr_table_get(w->headers, "X")) == 0 &&
           strcmp(apr_table_get(v->params, "p"),
                  apr_table_get(w->params, "p")) == 0 &&
           strcmp(v->page_size_param, w->page_size_param) == 0;
}

static ubal_settings_t *random_settings(void)
{
    ubal_settings_t *s = ubal_settings_make(pool);
    ubal_vendor_t *v = ubal_vendor_make("a", pool);

    s->driver = "pgsql";
    s->params = pgsql_quoted(awkward());
    s->log = awkward();
    s->lock = awkward();
    v->url = "http://h/a'b\"?<x>=\\";
    v->auth = UBAL_AUTH_QUERY;
    v->auth_name = apr_pstrcat(pool, "n", mild(), NULL);
    v->secret_source = apr_pstrcat(pool, "file:/", mild(), NULL);
    v->secret = "S3CR3T";
    apr_table_add(v->headers, "X", mild());
    apr_table_add(v->params, "p", mild());
    v->page_size_param = apr_pstrcat(pool, mild(), "z", NULL);
    APR_ARRAY_PUSH(s->vendors, ubal_vendor_t *) = v;
    return s;
}

static void check_awkward(void)
{
    apr_pool_t *all = pool;
    int i, wrong = 0, shown = 0;

    apr_pool_create(&pool, all);
    for (i = 0; i < 20000; i++) {
        ubal_settings_t *s = random_settings(), *back;
        const char *text = ubal_settings_print(s, pool);

        if (ubal_settings_parse(&back, text, "print", pool) ||
            !is_same(s, back) ||
            strcmp(ubal_settings_print(back, pool), text) != 0) {
            wrong++;
        }
        shown += strstr(text, "S3CR3T") != NULL;
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    pool = all;
    tap_is_int(wrong, 0, "20000 settings of awkward words go round");
    tap_is_int(shown, 0, "and no secret is in them");
}

static void path(const char *params, int reader, const char *expected)
{
    const char *got = NULL;
    ubal_error_t *err = ubal_settings_sqlite_path(&got, params, reader, pool);

    tap_is_str(got, expected, "'%s'%s%s%s", params, reader ? " to read" : "",
               err ? ": " : "", err ? err->message : "");
}

static void no_path(const char *params, int reader, const char *part)
{
    const char *got = NULL;

    core_refused(ubal_settings_sqlite_path(&got, params, reader, pool), part,
                 "'%s'%s is refused", params, reader ? " to read" : "");
    tap_is_str(got, NULL, "and nothing is set");
}

static void check_paths(void)
{
    path("/var/lib/ubal/ubal.db", 0, "/var/lib/ubal/ubal.db");
    path("/a b?c#d%20", 0, "/a b?c#d%20");
    path("file:/a/b.db", 0, "/a/b.db");
    path("file:///a/b.db", 0, "/a/b.db");
    path("file://localhost/a/b.db", 0, "/a/b.db");
    path("file:/a/b.db?mode=ro", 1, "/a/b.db");
    path("file:/a/b.db?cache=private&mode=ro", 1, "/a/b.db");
    path("file:/a/b.db?mode=ro&cache=private", 1, "/a/b.db");
    path("file:/a/b.db?mode=ro#x", 1, "/a/b.db");
    path("file:/a/b.db?mode=rwc&mode=ro", 1, "/a/b.db");
    path("file:/a%20b%3fc+d.db?mode=ro", 1, "/a b?c+d.db");
    no_path("/a/b.db", 1, "DBDParams \"file:/a/b.db?mode=ro\"");
    no_path("/a?b%c", 1, "DBDParams \"file:/a%3Fb%25c?mode=ro\"");
    no_path("file:/a/b.db", 1, "DBDParams \"file:/a/b.db?mode=ro\"");
    no_path("file:/a%20b", 1, "DBDParams \"file:/a%20b?mode=ro\"");
    no_path("file:/a?mode=rw", 1, "lacks mode=ro");
    no_path("file:/a?mode=rot", 1, "lacks mode=ro");
    no_path("file:/a?xmode=ro", 1, "lacks mode=ro");
    no_path("file:/a?mode=ro&mode=rwc", 1, "lacks mode=ro");
    no_path("file:/a#?mode=ro", 1, "lacks mode=ro");
    no_path("file:/a?", 1, "lacks mode=ro");
    no_path("file:/a?mode=ro&immutable=1", 1, "immutable");
    no_path("file:/a?mode=ro&%6dode=rwc", 1, "has an escape");
    no_path("ubal.db", 0, "DBDParams \"file:/var/lib/ubal/ubal.db?mode=ro\"");
    no_path("", 0, "DBDParams \"file:/var/lib/ubal/ubal.db?mode=ro\"");
    no_path("", 1, "DBDParams \"file:/var/lib/ubal/ubal.db?mode=ro\"");
    no_path("/", 0, "no absolute path");
    no_path("file:", 0, "DBDParams \"file:/var/lib/ubal/ubal.db?mode=ro\"");
    no_path("file:ubal.db?mode=ro", 1, "no absolute path");
    no_path("file:/?mode=ro", 1, "no absolute path");
    no_path("file:?mode=ro", 1, "no absolute path");
    no_path("file://host/a?mode=ro", 1, "no absolute path");
    no_path("file:////a?mode=ro", 1, "no absolute path");
    no_path("file:/a%00b?mode=ro", 1, "no absolute path");
    no_path("file:/a%zz?mode=ro", 1, "no absolute path");
    no_path("file:%2e/a?mode=ro", 1, "no absolute path");
    no_path(":memory:", 0, "no absolute path");
}

int main(void)
{
    core_begin();
    check_example();
    check_defaults();
    check_words();
    check_refused();
    check_pgsql();
    check_print();
    check_awkward();
    check_paths();
    return tap_done();
}
