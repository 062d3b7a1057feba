/* The database as a file: in memory where that can be had, copied as an
 * operator would, and put back. */
#include <apr_strings.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim.h"

static char folder[200];
static char path[240], copy[240];
static int has_copy;

const char *sim_disk_path(void)
{
    return path;
}

static int try_folder(const char *parent)
{
    apr_snprintf(folder, sizeof(folder), "%s/ubal-sim-XXXXXX", parent);
    return mkdtemp(folder) != NULL;
}

static void remove_database(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char name[260];
    int i;

    for (i = 0; i < 4; i++) {
        apr_snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
}

/* A new seed begins without a database; the folder is made once. */
void sim_disk_begin(void)
{
    const char *given = getenv("TMPDIR");

    if (!*folder && !try_folder("/dev/shm") &&
        !try_folder(given ? given : "/tmp")) {
        fputs("ubal-sim: no temporary folder\n", stderr);
        exit(1);
    }
    apr_snprintf(path, sizeof(path), "%s/ubal.db", folder);
    apr_snprintf(copy, sizeof(copy), "%s/copy.db", folder);
    remove_database();
    unlink(copy);
    has_copy = 0;
}

void sim_disk_remove(void)
{
    if (*folder && getenv("UBAL_KEEP")) {
        printf("kept: %s\n", folder);
    } else if (*folder) {
        remove_database();
        unlink(copy);
        rmdir(folder);
    }
}

void sim_disk_keep(void)
{
    sqlite3 *from = NULL, *to = NULL;
    sqlite3_backup *backup = NULL;
    int code;

    unlink(copy);
    code = sqlite3_open_v2(path, &from, SQLITE_OPEN_READWRITE, NULL);
    if (!code) {
        code = sqlite3_open(copy, &to);
    }
    if (!code) {
        backup = sqlite3_backup_init(to, "main", from, "main");
    }
    if (backup) {
        sqlite3_backup_step(backup, -1);
        code = sqlite3_backup_finish(backup);
    }
    sqlite3_close(from);
    sqlite3_close(to);
    has_copy = backup && !code;
    sim_ring_note("a copy of the database is kept");
}

/* By rename, as another file: the copy itself stays for another time. */
int sim_disk_restore(void)
{
    char name[240];
    sqlite3 *from = NULL, *to = NULL;
    sqlite3_backup *backup = NULL;

    if (!has_copy) {
        return 0;
    }
    apr_snprintf(name, sizeof(name), "%s/new.db", folder);
    sqlite3_open(copy, &from);
    sqlite3_open(name, &to);
    backup = sqlite3_backup_init(to, "main", from, "main");
    sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    sqlite3_close(from);
    sqlite3_close(to);
    remove_database();
    if (rename(name, path)) {
        fprintf(stderr, "ubal-sim: cannot rename %s\n", name);
        exit(1);
    }
    sim_ring_note("an older copy of the database is restored");
    return 1;
}
