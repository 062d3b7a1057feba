/* Times of the demo vendor: RFC 3339 to and from int64 microseconds UTC. Its
 * own, so that what it says is a check on the project's reader of times.
 * Knows the C library only. */
#ifndef DEMO_TIME_H
#define DEMO_TIME_H

#include <stddef.h>
#include <stdint.h>

/* What demo_time_print writes at most, with the final NUL. */
#define DEMO_TIME_SIZE 40

/* Reads "2026-02-01", "2026-02-01T10:20:30", with an optional fraction and
 * an optional Z or +hh:mm, into `*time`. Years 1970 to 2199; a date that no
 * calendar has is refused. Returns 1, or 0 and leaves `*time`. */
int demo_time_parse(int64_t *time, const char *text);

/* Writes `time`, which is at or after 1970, to the millisecond, as
 * 2026-02-01T10:20:30.123Z. Returns `text`. */
const char *demo_time_print(char text[DEMO_TIME_SIZE], int64_t time);

#endif
