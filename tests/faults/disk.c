/* A disk that fails on command: LD_PRELOAD this between a program and the C library.
 *
 * The file FAULTS_CONTROL holds one mode and a part of a path. While the mode is not 'n', calls on files whose path
 * holds that part fail or wait:  f full (writing fails with ENOSPC)   r read-only (EROFS, opening to write too)
 * s syncing fails (EIO)   h syncing waits until the mode changes.
 * How many calls were made to fail or wait is counted in the file, 32 bits at byte 2048.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static volatile char *control;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("FAULTS_CONTROL");
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int file = name ? real_open(name, O_RDWR) : -1;
    if (file < 0) return;
    void *found = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (found != MAP_FAILED) control = found;
    close(file);
}

static char mode(void) { return control ? control[0] : 'n'; }

static void count(void) { __atomic_add_fetch((unsigned *)(control + 2048), 1, __ATOMIC_SEQ_CST); }

static int concerns_path(const char *path) { return strstr(path, (const char *)control + 1) != NULL; }

static int concerns(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return concerns_path(path);
}

static int refused(int file) {
    char now = mode();
    if ((now != 'f' && now != 'r') || !concerns(file)) return 0;
    count();
    errno = now == 'f' ? ENOSPC : EROFS;
    return 1;
}

#define REAL(name, type) __typeof__(type) *real = dlsym(RTLD_NEXT, name)

ssize_t write(int file, const void *from, size_t count) {
    REAL("write", ssize_t(int, const void *, size_t));
    return refused(file) ? -1 : real(file, from, count);
}

ssize_t pwrite(int file, const void *from, size_t count, off_t at) {
    REAL("pwrite", ssize_t(int, const void *, size_t, off_t));
    return refused(file) ? -1 : real(file, from, count, at);
}

ssize_t pwrite64(int file, const void *from, size_t count, off64_t at) {
    REAL("pwrite64", ssize_t(int, const void *, size_t, off64_t));
    return refused(file) ? -1 : real(file, from, count, at);
}

static int sync_refused(int file) {
    if (mode() == 'n' || !concerns(file)) return 0;
    count();
    while (mode() == 'h') usleep(10000);
    if (mode() != 's') return 0;
    errno = EIO;
    return 1;
}

int fsync(int file) {
    REAL("fsync", int(int));
    return sync_refused(file) ? -1 : real(file);
}

int fdatasync(int file) {
    REAL("fdatasync", int(int));
    return sync_refused(file) ? -1 : real(file);
}

static int open_refused(const char *path, int flags) {
    if (mode() != 'r' || !(flags & (O_WRONLY | O_RDWR | O_CREAT)) || !concerns_path(path)) return 0;
    count();
    errno = EROFS;
    return 1;
}

#define OPEN(name)                                                     \
    int name(const char *path, int flags, ...) {                       \
        va_list more;                                                  \
        va_start(more, flags);                                         \
        mode_t rights = flags & O_CREAT ? va_arg(more, mode_t) : 0;    \
        va_end(more);                                                  \
        REAL(#name, int(const char *, int, ...));                  \
        return open_refused(path, flags) ? -1 : real(path, flags, rights); \
    }
OPEN(open)
OPEN(open64)
