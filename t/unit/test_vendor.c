/* The directives of <UbalVendor>: what each takes, what it refuses and how it
 * says so; the defaults; what only the whole section shows. */
#include "core/vendor.h"

#include "core/time.h"
#include "core_fixture.h"

#define SECOND UBAL_TIME_SECOND

static ubal_vendor_t *fresh(void)
{
    return ubal_vendor_make("game", pool);
}

/* Applies "UbalName word word", cut at blanks; "~" stands for one in a word,
 * "''" for an empty word. */
static ubal_error_t *set(ubal_vendor_t *vendor, const char *line)
{
    const char *words[12] = {""};
    char *rest = apr_pstrdup(pool, line), *last, *word;
    int count = 0;

    for (word = apr_strtok(rest, " ", &last); word;
         word = apr_strtok(NULL, " ", &last)) {
        words[count++] = strcmp(word, "''") == 0 ? "" : word;
        for (; *word; word++) {
            *word = *word == '~' ? ' ' : *word;
        }
    }
    return ubal_vendor_set(vendor, words[0], count - 1, words + 1, pool);
}

/* A line as one line of TAP. */
static const char *shown(const char *line)
{
    char *text = apr_pstrdup(pool, line), *at;

    for (at = text; *at; at++) {
        *at = *at == '\n' || *at == '\r' ? '|' : *at == '#' ? '+' : *at;
    }
    return text;
}

static ubal_vendor_t *with(const char *line)
{
    ubal_vendor_t *vendor = fresh();

    core_fine(set(vendor, line), "%s", line);
    return vendor;
}

/* The sentence names the directive, and `part` of what is wrong. */
static void refuses(const char *line, const char *part)
{
    ubal_error_t *err = set(fresh(), line);
    const char *name = apr_pstrmemdup(pool, line, strcspn(line, " "));

    core_refused(err, part, "%s: refused", shown(line));
    if (err) {
        tap_ok(strstr(err->message, name) != NULL, "naming %s", name);
    }
}

static void check_defaults(void)
{
    ubal_vendor_t *v = fresh();

    tap_is_str(v->name, "game", "a vendor has its name");
    tap_is_str(v->url, NULL, "no URL");
    tap_is_int(v->auth, UBAL_AUTH_NONE, "no credentials");
    tap_ok(!v->auth_name && !v->secret_source && !v->secret, "none at all");
    tap_ok(apr_is_empty_table(v->headers), "no headers");
    tap_ok(apr_is_empty_table(v->params), "no parameters");
    tap_is_int(v->rate_count, 5, "5 requests");
    tap_is_int(v->rate_period, 60 * SECOND, "in 60 s");
    tap_is_int(v->interval, 20 * SECOND, "a round each 20 s");
    tap_is_int(v->timeout, 15 * SECOND, "15 s for a request");
    tap_is_int((long long)v->max_body, 16777216, "16 MB for a reply");
    tap_is_int(v->page_size, 1000, "1000 items a page");
    tap_is_str(v->page_size_param, "limit", "asked for with limit");
    tap_is_int(v->settle, 5 * SECOND, "5 s to settle");
    tap_is_int(v->tick, SECOND, "a tick of 1 s");
    tap_is_int(v->lookback, 3600 * SECOND, "an hour is read again");
    tap_is_int(v->reconcile, UBAL_TIME_DAY, "a day is compared");
    tap_is_int(v->since, 0, "since the first start");
    tap_is_int(v->retries, 10, "10 retries");
    tap_is_int(v->given, 0, "nothing was given");
}

static const char *const urls[] = {"http://h",
                                   "https://vendor.example/transactions",
                                   "HTTP://H/",
                                   "http://127.0.0.1:8080/x?a=b",
                                   "http://[::1]:8080/x",
                                   "http://h:/x",
                                   "http://h:1/",
                                   "http://h:65535/",
                                   "http://h/a@b",
                                   "http://h?q=a@b",
                                   "http://h/a%20b",
                                   "http://a-b_c.d/"};

static const char *const no_urls[] = {"''",
                                      "h",
                                      "/transactions",
                                      "//h/x",
                                      "ftp://h/",
                                      "file:///etc/passwd",
                                      "http:",
                                      "http:h",
                                      "http://",
                                      "http:///x",
                                      "http://:80/",
                                      "http://h~/",
                                      "http://h\\x/",
                                      "http://[::1",
                                      "http://[::1]x/",
                                      "javascript:alert(1)",
                                      "http://h/\r\nX:y",
                                      "http://h/\x7f",
                                      "http://\xc3\xa4/",
                                      "http://h%41/",
                                      "http://h:x/",
                                      "http://h:80x/"};

static void check_url(void)
{
    static const char *const ports[] = {
        "http://h:0/",  "http://h:65536/", "http://h:99999/",
        "http://h:-1/", "http://h:+80/",   "http://h:18446744073709551696/"};
    size_t i;

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        ubal_vendor_t *v = with(apr_pstrcat(pool, "UbalURL ", urls[i], NULL));

        tap_is_str(v->url, urls[i], "and is kept as it is");
    }
    for (i = 0; i < sizeof(no_urls) / sizeof(no_urls[0]); i++) {
        refuses(apr_pstrcat(pool, "UbalURL ", no_urls[i], NULL),
                "is no http or https URL");
    }
    for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        refuses(apr_pstrcat(pool, "UbalURL ", ports[i], NULL), ports[i]);
    }
    refuses("UbalURL ftp://h/x", "'ftp://h/x'");
    refuses("UbalURL http://h/#", "fragment");
    refuses("UbalURL http://h/x#top", "'http://h/x#top' must not have");
    refuses("UbalURL http://u@h/", "UbalAuth");
    refuses("UbalURL http://@h/", "UbalAuth");
    refuses("UbalURL http://h\\@evil/", "UbalAuth");
}

static const char *const no_auths[] = {"UbalAuth S3CR3T",
                                       "UbalAuth none S3CR3T",
                                       "UbalAuth bearer",
                                       "UbalAuth bearer S3CR3T",
                                       "UbalAuth bearer S3CR3T env:X",
                                       "UbalAuth bearer FILE:/S3CR3T",
                                       "UbalAuth bearer file:S3CR3T",
                                       "UbalAuth bearer env:",
                                       "UbalAuth bearer file:",
                                       "UbalAuth bearer ''",
                                       "UbalAuth bearer env:S3~CR3T",
                                       "UbalAuth bearer file:/S3CR3T\n",
                                       "UbalAuth basic S3CR3T",
                                       "UbalAuth basic me:S3CR3T env:X",
                                       "UbalAuth basic '' env:X",
                                       "UbalAuth basic me S3CR3T",
                                       "UbalAuth header X:S3CR3T env:X",
                                       "UbalAuth header X~S3CR3T env:X",
                                       "UbalAuth header '' env:X",
                                       "UbalAuth header X-Key S3CR3T",
                                       "UbalAuth query '' env:X",
                                       "UbalAuth query k S3CR3T",
                                       "UbalAuth query k\nS3CR3T env:X",
                                       "UbalAuth digest me env:S3CR3T",
                                       "UbalAuth ''",
                                       "UbalAuth",
                                       "UbalAuth basic me env:X S3CR3T"};

static void check_auth(void)
{
    static const struct {
        const char *line, *name, *source;
        ubal_auth_e auth;
    } right[] = {
        {"UbalAuth none", NULL, NULL, UBAL_AUTH_NONE},
        {"UbalAuth bearer file:/a~b", NULL, "file:/a b", UBAL_AUTH_BEARER},
        {"UbalAuth BEARER env:T", NULL, "env:T", UBAL_AUTH_BEARER},
        {"UbalAuth basic me env:P", "me", "env:P", UBAL_AUTH_BASIC},
        {"UbalAuth header X-Key env:K", "X-Key", "env:K", UBAL_AUTH_HEADER},
        {"UbalAuth query k~y env:K", "k y", "env:K", UBAL_AUTH_QUERY}};
    size_t i;

    for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        ubal_vendor_t *v = with(right[i].line);

        tap_is_int(v->auth, right[i].auth, "sets the kind");
        tap_is_str(v->auth_name, right[i].name, "the name");
        tap_is_str(v->secret_source, right[i].source, "and the source");
        tap_is_str(v->secret, NULL, "reads nothing");
    }
    for (i = 0; i < sizeof(no_auths) / sizeof(no_auths[0]); i++) {
        ubal_error_t *err = set(fresh(), no_auths[i]);

        core_refused(err, "UbalAuth", "%s: refused", shown(no_auths[i]));
        tap_ok(err && !strstr(err->message, "CR3T"),
               "and what may be a secret is not shown");
    }
}

/* Before an "@" and after a "?" of a URL that is refused. */
static void check_url_secrets(void)
{
    static const char *const lines[] = {
        "UbalURL http://me:S3CR3T@h/", "UbalURL http://S3CR3T@h/",
        "UbalURL ftp://h/?key=S3CR3T", "UbalURL http://h:0/?key=S3CR3T",
        "UbalURL http://h/?key=S3CR3T#top"};
    size_t i;

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        ubal_error_t *err = set(fresh(), lines[i]);

        core_refused(err, "UbalURL: '...'", "%s: refused", shown(lines[i]));
        tap_ok(err && !strstr(err->message, "CR3T"),
               "and what may be a secret is not shown");
    }
}

/* Joins a table's entries as key=value, in order. */
static const char *joined(const apr_table_t *table)
{
    const apr_array_header_t *entries = apr_table_elts(table);
    const char *text = "";
    int i;

    for (i = 0; i < entries->nelts; i++) {
        const apr_table_entry_t *e =
            &APR_ARRAY_IDX(entries, i, apr_table_entry_t);

        text = apr_pstrcat(pool, text, e->key, "=", e->val, ";", NULL);
    }
    return text;
}

/* What the daemon sets itself, or must not be sent. */
static void check_our_headers(void)
{
    static const char *const ours[] = {
        "Host",       "Content-Length",  "Transfer-Encoding",
        "connection", "Accept-Encoding", "Expect",
        "TE",         "Upgrade",         "RANGE",
        "Cookie"};
    size_t i;

    for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        refuses(apr_pstrcat(pool, "UbalHeader ", ours[i], " x", NULL),
                apr_pstrcat(pool, "'", ours[i], "' cannot be set", NULL));
    }
    refuses("UbalHeader authorization S3CR3T", "UbalAuth");
    tap_ok(!strstr(set(fresh(), "UbalHeader authorization S3CR3T")->message,
                   "CR3T"),
           "credentials given as a header are not shown");
}

static void check_tables(void)
{
    ubal_vendor_t *v = with("UbalHeader X-B b");

    core_fine(set(v, "UbalHeader X-A a~a"), "a second header");
    core_fine(set(v, "ubalheader x-b ''"), "one again, empty");
    tap_is_str(joined(v->headers), "X-B=b;X-A=a a;x-b=;",
               "headers are kept, each, in order");
    v = with("UbalParam status new");
    core_fine(set(v, "UbalParam status old"), "a parameter twice");
    core_fine(set(v, "UbalParam Status ''"), "in another case");
    tap_is_str(joined(v->params), "status=new;status=old;Status=;",
               "parameters are kept, each, in order");
    refuses("UbalHeader X:Y z", "'X:Y'");
    refuses("UbalHeader X~Y z", "'X Y'");
    refuses("UbalHeader '' z", "''");
    refuses("UbalHeader X a\r\nY:b", "'X'");
    refuses("UbalHeader X", "takes");
    refuses("UbalHeader X a b", "takes");
    refuses("UbalParam '' x", "''");
    refuses("UbalParam a\nb x", "is no query parameter");
    refuses("UbalParam a x\ny", "'a'");
    refuses("UbalParam a", "takes");
}

static void check_numbers(void)
{
    ubal_vendor_t *v = with("UbalRate 10000 1ms");

    tap_is_int(v->rate_count, 10000, "requests");
    tap_is_int(v->rate_period, 1000, "in a period");
    tap_is_int((long long)with("UbalMaxBody 1024")->max_body, 1024, "least");
    tap_is_int((long long)with("UbalMaxBody 1073741824")->max_body, 1073741824,
               "most");
    v = with("UbalPageSize 1");
    tap_is_int(v->page_size, 1, "least");
    tap_is_str(v->page_size_param, "limit", "parameter as it was");
    v = with("UbalPageSize 100000 per_page");
    tap_is_int(v->page_size, 100000, "most");
    tap_is_str(v->page_size_param, "per_page", "with its parameter");
    tap_is_int(with("UbalRetries 1")->retries, 1, "least");
    tap_is_int(with("UbalRetries 100000")->retries, 100000, "most");
    refuses("UbalRate 0 60s", "'0'");
    refuses("UbalRate 10001 60s", "'10001'");
    refuses("UbalRate -5 60s", "'-5'");
    refuses("UbalRate 5x 60s", "'5x'");
    refuses("UbalRate 18446744073709551621 60s", "'18446744073709551621'");
    refuses("UbalRate 5 0s", "'0s'");
    refuses("UbalRate 5 minute", "'minute'");
    refuses("UbalRate 5", "takes");
    refuses("UbalMaxBody 1023", "'1023'");
    refuses("UbalMaxBody 1073741825", "'1073741825'");
    refuses("UbalMaxBody 16MB", "'16MB'");
    refuses("UbalMaxBody ''", "''");
    refuses("UbalPageSize 0", "'0'");
    refuses("UbalPageSize 100001", "'100001'");
    refuses("UbalPageSize 1e3", "'1e3'");
    refuses("UbalPageSize 1000 ''", "''");
    refuses("UbalPageSize 1000 a\nb", "is no query parameter");
    refuses("UbalPageSize 1000 a b", "takes");
    refuses("UbalRetries 0", "'0'");
    refuses("UbalRetries 100001", "'100001'");
    refuses("UbalRetries many", "'many'");
}

static void check_times(void)
{
    ubal_vendor_t *v = with("UbalWindow settle=2s tick=500ms");

    tap_is_int(v->settle, 2 * SECOND, "settle");
    tap_is_int(v->tick, SECOND / 2, "tick");
    v = with("UbalWindow TICK=2s");
    tap_is_int(v->settle, 5 * SECOND, "settle as it was");
    tap_is_int(v->tick, 2 * SECOND, "tick alone");
    v = with("UbalWindow lookback=48h settle=2s tick=2s");
    tap_is_int(v->lookback, 2 * UBAL_TIME_DAY, "lookback beside both");
    tap_is_int(v->settle, 2 * SECOND, "settle beside both");
    tap_is_int(with("UbalWindow lookback=OFF")->lookback, 0, "lookback off");
    tap_is_int(with("UbalReconcile 90min")->reconcile, 5400 * SECOND,
               "reconcile");
    tap_is_int(with("UbalReconcile 24h")->reconcile, UBAL_TIME_DAY, "a day");
    tap_is_int(with("UbalReconcile Off")->reconcile, 0, "reconcile off");
    tap_is_int(with("UbalInterval 500ms")->interval, 500000, "interval");
    tap_is_int(with("UbalTimeout 1min")->timeout, 60 * SECOND, "timeout");
    tap_is_int(with("UbalSince 2026-03-01")->since,
               APR_INT64_C(1772323200) * SECOND, "since");
    tap_is_int(with("UbalSince 1970-01-01")->since, SECOND,
               "the beginning of time is not the first start");
    refuses("UbalInterval 0", "'0'");
    refuses("UbalInterval 20x", "'20x'");
    refuses("UbalInterval", "takes");
    refuses("UbalTimeout -1s", "'-1s'");
    refuses("UbalTimeout 367h 1", "takes");
    refuses("UbalWindow settle=0s", "'0s'");
    refuses("UbalWindow settle=", "''");
    refuses("UbalWindow settle", "'settle'");
    refuses("UbalWindow 5s", "'5s'");
    refuses("UbalWindow settle=1s settle=2s", "'settle=2s' is given twice");
    refuses("UbalWindow tick=1s Tick=2s", "'Tick=2s' is given twice");
    refuses("UbalWindow settle=off", "'off'");
    refuses("UbalWindow lookback=soon", "nor off");
    refuses("UbalWindow lookback=1h lookback=off", "is given twice");
    refuses("UbalWindow settle=1s tick=1s lookback=1s tick=1s", "takes");
    refuses("UbalWindow look=1s", "none of settle=TIME, tick=TIME");
    refuses("UbalReconcile 25h", "'25h' is more than 24h");
    refuses("UbalReconcile 0", "nor off");
    refuses("UbalReconcile on", "nor off");
    refuses("UbalReconcile", "takes");
    refuses("UbalSince yesterday", "'yesterday'");
    refuses("UbalSince 2026-02-30", "'2026-02-30'");
    refuses("UbalSince 2026-02-28 00:00:00", "takes");
}

static void check_given(void)
{
    static const char *const once[] = {
        "UbalURL http://h/", "UbalAuth none",        "UbalRate 5 60s",
        "UbalInterval 20s",  "UbalTimeout 15s",      "UbalMaxBody 4096",
        "UbalPageSize 10",   "UbalWindow settle=9s", "UbalSince 2026-01-01",
        "UbalRetries 3",     "UbalReconcile 1h"};
    ubal_vendor_t *v = fresh();
    size_t i;

    for (i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
        unsigned int before = v->given;

        core_fine(set(v, once[i]), "%s", once[i]);
        tap_ok(__builtin_popcount(v->given) == __builtin_popcount(before) + 1,
               "is marked as given");
        core_refused(set(v, once[i]), "is given twice", "twice is too often");
    }
    refuses("UbalNonsense 1", "UbalNonsense");
    refuses("URL http://h/", "URL is no directive");
    core_fine(set(fresh(), "UBALRETRIES 3"), "names are in any case");
}

static void check_mapping(void)
{
    ubal_vendor_t *v = with("UbalType earned credit bonus");
    ubal_type_e type = UBAL_TYPE_SPENT;

    core_fine(set(v, "UbalType spent debit"), "another type");
    core_fine(set(v, "UbalType earned the~win"), "the first again");
    tap_ok(ubal_mapping_type(&type, v->mapping, "the win") &&
               type == UBAL_TYPE_EARNED,
           "each name is the vendor's");
    core_refused(set(v, "UbalType payout x bonus"),
                 "UbalType: 'bonus' cannot be both earned and payout",
                 "a name of two types is refused");
    core_fine(set(v, "UbalMap userId user.id"), "a field");
    core_fine(set(v, "UbalMap id id type"), "another, of two");
    tap_is_int(v->mapping->ids, 2, "which is kept");
    core_refused(set(v, "UbalMap USERID x"), "UbalMap: userId is given twice",
                 "a field twice");
    refuses("UbalType earned", "takes");
    refuses("UbalType earned 1 2 3 4 5 6 7", "takes");
    refuses("UbalType refund x", "'refund' is none of earned");
    refuses("UbalMap id", "takes");
    refuses("UbalMap id 1 2 3 4 5 6 7", "takes");
    refuses("UbalMap amount a b", "other fields have one");
    refuses("UbalMap currency c", "'currency' is none of id, userId");
}

/* Whose fault the last check found. */
static const char *at_fault;

static ubal_error_t *check(const ubal_vendor_t *v)
{
    return ubal_vendor_check(&at_fault, v, pool);
}

static void check_whole(void)
{
    ubal_vendor_t *v = fresh();

    core_refused(check(v), "<UbalVendor game> has no UbalURL",
                 "a vendor without a URL");
    set(v, "UbalURL http://h/");
    core_fine(check(v), "a URL is enough");
    v->timeout = UBAL_TIME_DAY - 1;
    core_fine(check(v), "a timeout just below a day");
    v->timeout = UBAL_TIME_DAY;
    core_refused(check(v), "UbalTimeout", "and of a day");
    v->timeout = SECOND;
    v->settle = v->tick = 3 * SECOND;
    core_fine(check(v), "a settle of one tick");
    v->settle--;
    core_refused(check(v), "UbalWindow", "and a shorter");
    tap_is_str(at_fault, "UbalWindow", "whose fault that is");
}

/* A vendor that is asked for page 1 and page 2 at once gives either. */
static void check_taken(void)
{
    static const struct {
        const char *lines[2], *fault, *directive;
    } wrong[] = {
        {{"UbalURL http://h/?page=1"}, "sets page=", "UbalURL"},
        {{"UbalURL http://h/?a=b&startDate=x"}, "sets startDate=", "UbalURL"},
        {{"UbalURL http://h/?end%44ate"}, "sets endDate=", "UbalURL"},
        {{"UbalURL http://h/?limit=5"}, "sets limit=", "UbalURL"},
        {{"UbalURL http://h/?size=5", "UbalPageSize 10 size"},
         "sets size=",
         "UbalURL"},
        {{"UbalParam page 1"}, "sets page=", "UbalParam"},
        {{"UbalParam size 1", "UbalPageSize 10 size"},
         "sets size=",
         "UbalParam"},
        {{"UbalAuth query endDate env:A"}, "sets endDate=", "UbalAuth"},
        {{"UbalPageSize 10 page"}, "sets page=", "UbalPageSize"},
    };
    static const char *const right[][2] = {
        {"UbalURL http://h/?limit=5&pages=1&Page=2&=&", "UbalPageSize 5 n"},
        {"UbalURL http://h/page=1?from=&to=", "UbalParam limits 3"},
        {"UbalURL http://h/?a=page", "UbalAuth header page env:A"},
    };
    unsigned int i;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ubal_vendor_t *v = fresh();

        v->url = "http://h/";
        set(v, wrong[i].lines[0]);
        if (wrong[i].lines[1]) {
            set(v, wrong[i].lines[1]);
        }
        core_refused(check(v), wrong[i].fault, "%s", wrong[i].lines[0]);
        tap_is_str(at_fault, wrong[i].directive, "its directive");
    }
    for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        ubal_vendor_t *v = fresh();

        v->url = "http://h/";
        set(v, right[i][0]);
        set(v, right[i][1]);
        core_fine(check(v), "%s", right[i][0]);
    }
}

static void check_names(void)
{
    static const char *const wrong[] = {
        "",    "1a",  "_a",       "-a",  "a b",
        "a.b", "a/b", "\xc3\xa4", "a\n", "a2345678901234567890123456789012x"};
    size_t i;

    tap_is_str(ubal_vendor_name_fault("a"), NULL, "a letter is a name");
    tap_is_str(ubal_vendor_name_fault("Game_2-b"), NULL, "so are more");
    tap_ok(ubal_vendor_name_fault("opening") != NULL,
           "the name of opening balances is none for a vendor");
    tap_is_str(ubal_vendor_name_fault("a2345678901234567890123456789012"),
               NULL, "and 32 bytes");
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        tap_ok(ubal_vendor_name_fault(wrong[i]) != NULL, "'%s' is no name",
               i == 8 ? "a\\n" : wrong[i]);
    }
}

int main(void)
{
    core_begin();
    check_defaults();
    check_url();
    check_url_secrets();
    check_auth();
    check_our_headers();
    check_tables();
    check_numbers();
    check_times();
    check_given();
    check_mapping();
    check_whole();
    check_taken();
    check_names();
    return tap_done();
}
