/*
** Messages that C itself has, because there is no Java to say them (dev.rivulet.log.Log writes
** the others, in the same form). Never to stdout, which belongs to the host.
*/
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/time.h>
#include <time.h>

#include "shim.h"

void report(const Registration *registration, int code, const char *message) {
  if (registration != NULL) {
    SQLITE_OF(registration);
    sqlite3_log(code, "%s", message);
  }
  const char *level = getenv("LITESTREAM_LOG_LEVEL");
  if (level != NULL && strcasecmp(level, "OFF") == 0) return;
  struct timeval now;
  struct tm utc;
  char when[32];
  gettimeofday(&now, NULL);
  gmtime_r(&now.tv_sec, &utc);
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
  const char *path = getenv("LITESTREAM_LOG_FILE");
  FILE *file = path != NULL && *path != 0 ? fopen(path, "ae") : NULL;
  FILE *out = file != NULL ? file : stderr;
  fprintf(out, "%s.%03dZ ERROR rivulet: %s\n", when, (int)(now.tv_usec / 1000), message);
  fflush(out);
  if (file != NULL) fclose(file);
}
