/* Write down what a program does to files whose path begins with TRACE_ROOT, in order, to the file TRACE_FILE.
 *
 * Each record: one letter, three 64-bit numbers (offset or size; length of the path; length of what follows it), the
 * path, then data or a second path. W write · T truncate · S sync a file · D sync a folder · C create · M make a folder ·
 * R rename · U unlink.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int trace = -1;
static const char *root;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name, type) __typeof__(type) *real = dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("TRACE_FILE");
    root = getenv("TRACE_ROOT");
    REAL("open", int(const char *, int, ...));
    if (name && root) trace = real(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int concerns(const char *path) { return trace >= 0 && strncmp(path, root, strlen(root)) == 0; }

static int named(int file, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, 4095);
    path[length < 0 ? 0 : length] = 0;
    return concerns(path);
}

static void record(char what, const char *path, int64_t at, const void *data, size_t count) {
    int64_t head[3] = {at, (int64_t)strlen(path), (int64_t)count};
    struct iovec parts[] = {{&what, 1}, {head, sizeof head}, {(void *)path, (size_t)head[1]}, {(void *)data, count}};
    pthread_mutex_lock(&order);
    if (syscall(SYS_writev, trace, parts, 4) < 0) abort();
    pthread_mutex_unlock(&order);
}

ssize_t write(int file, const void *from, size_t count) {
    REAL("write", ssize_t(int, const void *, size_t));
    char path[4096];
    ssize_t done = real(file, from, count);
    if (done > 0 && named(file, path)) record('W', path, lseek(file, 0, SEEK_CUR) - done, from, (size_t)done);
    return done;
}

#define PWRITE(name, offset)                                                            \
    ssize_t name(int file, const void *from, size_t count, offset at) {                 \
        REAL(#name, ssize_t(int, const void *, size_t, offset));                        \
        char path[4096];                                                                \
        ssize_t done = real(file, from, count, at);                                     \
        if (done > 0 && named(file, path)) record('W', path, at, from, (size_t)done);   \
        return done;                                                                    \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATE(name, offset)                                          \
    int name(int file, offset size) {                                   \
        REAL(#name, int(int, offset));                                  \
        char path[4096];                                                \
        int done = real(file, size);                                    \
        if (!done && named(file, path)) record('T', path, size, "", 0); \
        return done;                                                    \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(name)                                                                                     \
    int name(int file) {                                                                               \
        REAL(#name, int(int));                                                                         \
        char path[4096];                                                                               \
        struct stat found;                                                                             \
        int done = real(file);                                                                         \
        if (!done && named(file, path) && !fstat(file, &found))                                        \
            record(S_ISDIR(found.st_mode) ? 'D' : 'S', path, 0, "", 0);                                \
        return done;                                                                                   \
    }
SYNC(fsync)
SYNC(fdatasync)

#define OPEN(name)                                                                  \
    int name(const char *path, int flags, ...) {                                    \
        va_list more;                                                               \
        va_start(more, flags);                                                      \
        mode_t rights = flags & O_CREAT ? va_arg(more, mode_t) : 0;                 \
        va_end(more);                                                               \
        REAL(#name, int(const char *, int, ...));                                   \
        int was = access(path, F_OK) == 0, file = real(path, flags, rights);        \
        if (file >= 0 && concerns(path)) {                                          \
            if (!was && flags & O_CREAT) record('C', path, 0, "", 0);               \
            else if (was && flags & O_TRUNC) record('T', path, 0, "", 0);           \
        }                                                                           \
        return file;                                                                \
    }
OPEN(open)
OPEN(open64)

int mkdir(const char *path, mode_t mode) {
    REAL("mkdir", int(const char *, mode_t));
    int done = real(path, mode);
    if (!done && concerns(path)) record('M', path, 0, "", 0);
    return done;
}

int rename(const char *from, const char *to) {
    REAL("rename", int(const char *, const char *));
    int done = real(from, to);
    if (!done && concerns(from)) record('R', from, 0, to, strlen(to));
    return done;
}

int unlink(const char *path) {
    REAL("unlink", int(const char *));
    int done = real(path);
    if (!done && concerns(path)) record('U', path, 0, "", 0);
    return done;
}
