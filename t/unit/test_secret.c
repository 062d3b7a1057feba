/* Secrets: read from files that few can read and from the environment, shown
 * in no message; and the accounts they stand for. */
#include <sys/stat.h>
#include <unistd.h>

#include "core/vendor.h"
#include "core_fixture.h"

static const char *file;
static const unsigned char key[16] = "0123456789abcdef";

static void write_file(const char *bytes, size_t length, mode_t mode)
{
    FILE *out;

    unlink(file);
    out = fopen(file, "w");
    if (!out || fwrite(bytes, 1, length, out) != length || fclose(out) != 0 ||
        chmod(file, mode) != 0) {
        printf("Bail out! %s cannot be written\n", file);
        exit(1);
    }
}

static ubal_vendor_t *vendor_of(const char *source)
{
    ubal_vendor_t *vendor = ubal_vendor_make("game", pool);
    const char *words[] = {"bearer", source};
    ubal_error_t *err = ubal_vendor_set(vendor, "UbalAuth", 2, words, pool);

    if (err) {
        printf("Bail out! %s\n", err->message);
        exit(1);
    }
    return vendor;
}

static const char *source_file(void)
{
    return apr_pstrcat(pool, "file:", file, NULL);
}

static void reads(const char *source, const char *expected, const char *what)
{
    ubal_vendor_t *vendor = vendor_of(source);

    core_fine(ubal_vendor_read_secret(vendor, pool), "%s", what);
    tap_ok(vendor->secret && strcmp(vendor->secret, expected) == 0,
           "%s: as it is there", what);
}

/* S3CR3T may be in no message. */
static void refuses(const char *source, const char *part, const char *what)
{
    ubal_vendor_t *vendor = vendor_of(source);
    ubal_error_t *err = ubal_vendor_read_secret(vendor, pool);

    core_refused(err, part, "%s", what);
    tap_ok(err && strstr(err->message, "vendor game") != NULL,
           "%s: the vendor is named", what);
    tap_ok(err && !strstr(err->message, "S3CR3T"), "%s: nothing shows", what);
    tap_is_str(vendor->secret, NULL, "%s: no secret", what);
}

static void check_contents(void)
{
    static char large[65538];
    size_t i;
    static const struct {
        const char *bytes;
        size_t length;
        const char *part;
    } wrong[] = {
        {"", 0, "is empty"},
        {"\n", 1, "is empty"},
        {"\r\n\r\n", 4, "is empty"},
        {"S3CR3T\nmore", 11, "control character"},
        {"S3CR3T\rmore\n", 12, "control character"},
        {"S3C\tR3T", 7, "control character"},
        {"S3CR3T\x7f", 7, "control character"},
        {"S3CR3T\0", 7, "NUL byte"},
        {"S3CR3T\0\n", 8, "NUL byte"},
        {"\0S3CR3T", 7, "NUL byte"},
        {"\n S3CR3T", 8, "control character"},
    };

    write_file("S3CR3T", 6, 0600);
    reads(source_file(), "S3CR3T", "a file without a line end");
    write_file("S3CR3T\n", 7, 0600);
    reads(source_file(), "S3CR3T", "a line");
    write_file(" S 3 \r\n\n\r\n", 10, 0600);
    reads(source_file(), " S 3 ", "line ends are cut off, blanks are not");
    write_file("S\xc3\xa4\xff", 4, 0600);
    reads(source_file(), "S\xc3\xa4\xff", "bytes of any kind");
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        write_file(wrong[i].bytes, wrong[i].length, 0600);
        refuses(source_file(), wrong[i].part,
                apr_psprintf(pool, "unfit content %d", (int)i));
    }
    memset(large, 'x', sizeof(large));
    write_file(large, 65537, 0600);
    refuses(source_file(), "64 KB", "a file of 64 KB and a byte");
    write_file(large, 65536, 0600);
    large[65536] = '\0';
    reads(source_file(), large, "a file of 64 KB");
}

static void check_modes(void)
{
    static const mode_t right[] = {0400, 0440, 0600, 0640};
    static const mode_t wrong[] = {0604, 0644, 0666, 0602, 0660, 0620, 0444};
    size_t i;

    for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        write_file("S3CR3T\n", 7, right[i]);
        reads(source_file(), "S3CR3T",
              apr_psprintf(pool, "mode %04o", (unsigned int)right[i]));
    }
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        write_file("S3CR3T\n", 7, wrong[i]);
        refuses(source_file(), "chmod 640",
                apr_psprintf(pool, "mode %04o", (unsigned int)wrong[i]));
    }
}

static void check_kinds(const char *folder)
{
    unlink(file);
    refuses(source_file(), file, "a file that is not there");
    refuses(apr_pstrcat(pool, "file:", folder, NULL), "no regular file",
            "a folder");
    mkfifo(file, 0600);
    refuses(source_file(), "no regular file", "a FIFO that nobody writes to");
    unlink(file);
    setenv("UBAL_TEST_SECRET", "S3CR3T", 1);
    reads("env:UBAL_TEST_SECRET", "S3CR3T", "a variable");
    setenv("UBAL_TEST_SECRET", "", 1);
    refuses("env:UBAL_TEST_SECRET", "is empty", "an empty variable");
    setenv("UBAL_TEST_SECRET", "S3CR3T\nX: y", 1);
    refuses("env:UBAL_TEST_SECRET", "control", "a variable of two lines");
    unsetenv("UBAL_TEST_SECRET");
    refuses("env:UBAL_TEST_SECRET", "UBAL_TEST_SECRET is not set",
            "a variable that is not set");
}

static ubal_vendor_t *account_of(const char *url, ubal_auth_e auth,
                                 const char *name, const char *secret)
{
    ubal_vendor_t *vendor = ubal_vendor_make("game", pool);

    vendor->url = url;
    vendor->auth = auth;
    vendor->auth_name = name;
    vendor->secret = secret;
    return vendor;
}

static const char *digest(const char *url, ubal_auth_e auth, const char *name,
                          const char *secret)
{
    return ubal_vendor_account(account_of(url, auth, name, secret), key, pool);
}

static void check_form(const char *mine)
{
    unsigned char other[16] = "0123456789abcdeF";
    ubal_vendor_t *vendor =
        account_of("https://v.example/a", UBAL_AUTH_BASIC, "me", "S3CR3T");

    tap_is_int((long long)strlen(mine), 16, "an account has 16 characters");
    tap_is_int((long long)strspn(mine, "0123456789abcdef"), 16, "all hex");
    vendor->name = "another";
    vendor->rate_count = 7;
    vendor->page_size = 50;
    tap_is_str(ubal_vendor_account(vendor, key, pool), mine,
               "the name and the rate are no part of it");
    tap_ok(strcmp(ubal_vendor_account(vendor, other, pool), mine) != 0,
           "the key is");
}

static void check_accounts(void)
{
    static const char *const same[] = {
        "https://v.example/a",     "https://v.example",
        "https://v.example/b?c=d", "https://V.EXAMPLE/a",
        "HTTPS://v.example/a",     "https://v.example:443/a",
        "https://v.example:/a",    "https://v.example:0443/a",
    };
    static const char *const other[] = {
        "http://v.example/a",     "https://v.example:444/a",
        "https://w.example/a",    "https://v.example.org/a",
        "http://v.example:443/a",
    };
    const char *mine = digest(same[0], UBAL_AUTH_BASIC, "me", "S3CR3T");
    size_t i;

    check_form(mine);
    for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        tap_is_str(digest(same[i], UBAL_AUTH_BASIC, "me", "S3CR3T"), mine,
                   "%s is of the same server", same[i]);
    }
    for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        tap_ok(strcmp(digest(other[i], UBAL_AUTH_BASIC, "me", "S3CR3T"),
                      mine) != 0,
               "%s is not", other[i]);
    }
    tap_ok(strcmp(digest(same[0], UBAL_AUTH_BASIC, "me", "S3CR3t"), mine) != 0,
           "another secret is another account");
    tap_ok(strcmp(digest(same[0], UBAL_AUTH_BASIC, "Me", "S3CR3T"), mine) != 0,
           "another user too");
    tap_ok(strcmp(digest(same[0], UBAL_AUTH_BASIC, "meS", "3CR3T"), mine) != 0,
           "a join is not confused");
    tap_ok(strcmp(digest(same[0], UBAL_AUTH_BEARER, NULL, "S3CR3T"),
                  digest(same[0], UBAL_AUTH_NONE, NULL, NULL)) != 0,
           "a token is not no token");
    tap_ok(strcmp(digest(same[0], UBAL_AUTH_HEADER, "key", "S3CR3T"),
                  digest(same[0], UBAL_AUTH_QUERY, "key", "S3CR3T")) != 0,
           "the same words sent in another way are another account");
    tap_is_str(digest(same[0], UBAL_AUTH_HEADER, "X-Key", "S3CR3T"),
               digest(same[1], UBAL_AUTH_HEADER, "x-key", "S3CR3T"),
               "a header has no case");
    tap_ok(strcmp(digest(same[0], UBAL_AUTH_QUERY, "key", "S3CR3T"),
                  digest(same[0], UBAL_AUTH_QUERY, "Key", "S3CR3T")) != 0,
           "a parameter has");
}

static void check_echo(void)
{
    ubal_vendor_t *vendor = ubal_vendor_make("v", pool);
    const char *said[] = {"Bearer top/secret", "?key=top%2fsecret&a",
                          "%74op%2Fsecret", "dXNlcjp0b3Avc2VjcmV0"};
    int i;

    tap_ok(!ubal_vendor_is_echoed(vendor, "top/secret", 10, pool),
           "nothing is echoed where there is no secret");
    vendor->secret = "top/secret";
    vendor->auth = UBAL_AUTH_BASIC;
    vendor->auth_name = "user";
    for (i = 0; i < 4; i++) {
        tap_ok(ubal_vendor_is_echoed(vendor, said[i], strlen(said[i]), pool),
               "an echo is seen in %s", said[i]);
    }
    tap_ok(!ubal_vendor_is_echoed(vendor, "top/secre", 9, pool) &&
               !ubal_vendor_is_echoed(vendor, "top%2Gsecret", 12, pool),
           "not where it is cut or another");
}

int main(void)
{
    char folder[] = "/tmp/ubal-secret-XXXXXX";
    ubal_vendor_t *none;

    core_begin();
    if (!mkdtemp(folder)) {
        printf("Bail out! no folder\n");
        return 1;
    }
    file = apr_pstrcat(pool, folder, "/token", NULL);
    none = ubal_vendor_make("game", pool);
    core_fine(ubal_vendor_read_secret(none, pool), "none has nothing to read");
    tap_is_str(none->secret, NULL, "and no secret");
    check_contents();
    check_modes();
    check_kinds(folder);
    check_accounts();
    unlink(file);
    rmdir(folder);
    check_echo();
    return tap_done();
}
