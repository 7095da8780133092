/* A disk that can be full, and that forgets what was not synced. Loaded by LD_PRELOAD into the process under test.

   DISK_PREFIX   how the paths of the files on this disk begin
   DISK_JOURNAL  where to write down each change, with what was there before; see disk.py, which undoes the unsynced ones
   DISK_FULL     while a file of this name exists, nothing on this disk can grow

   It sees the calls through which SQLite changes a file: pwrite64, ftruncate64, fsync, fdatasync. A sync is only written
   down, not made: the machine does not really lose power. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct record {
    int64_t kind;     /* 'W': changed; 'S': synced */
    int64_t offset;   /* W: where; S: the journal's length when the sync began: what stands before is safe */
    int64_t length;   /* W: how many bytes of what was there before follow */
    int64_t size;     /* W: the file's size before */
    char path[256];
};

static const char *path_of(int fd, char *path, size_t room) {
    const char *prefix = getenv("DISK_PREFIX");
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = prefix ? readlink(link, path, room - 1) : -1;
    if (length <= 0) return NULL;
    path[length] = 0;
    return strncmp(path, prefix, strlen(prefix)) ? NULL : path;
}

static int64_t size_of(int fd) {
    struct stat status;
    return fstat(fd, &status) ? 0 : status.st_size;
}

static int journal(void) {
    static int fd = -1;
    const char *name = getenv("DISK_JOURNAL");
    if (fd < 0 && name) fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return fd;
}

static int is_memory(const char *path) { /* the file that SQLite maps, which is lost in any case */
    size_t length = strlen(path);
    return length > 4 && !strcmp(path + length - 4, "-shm");
}

static void note(int kind, int fd, const char *path, int64_t offset, int64_t length) {
    if (journal() < 0 || is_memory(path)) return;
    char *buffer = calloc(1, sizeof(struct record) + length);
    struct record *record = (struct record *)buffer;
    record->kind = kind;
    record->offset = offset;
    record->size = size_of(fd);
    if (length > 0) {
        ssize_t got = pread(fd, buffer + sizeof *record, length, offset);
        record->length = got > 0 ? got : 0;
    }
    strncpy(record->path, path, sizeof record->path - 1);
    ssize_t size = sizeof *record + record->length;
    if (write(journal(), buffer, size) != size) abort();
    free(buffer);
}

static int is_full(int64_t end, int fd) {
    const char *name = getenv("DISK_FULL");
    return name && end > size_of(fd) && access(name, F_OK) == 0;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    char path[256];
    if (path_of(fd, path, sizeof path)) {
        if (is_full(offset + length, fd)) {
            errno = ENOSPC;
            return -1;
        }
        note('W', fd, path, offset, length);
    }
    return real(fd, data, length, offset);
}

int ftruncate64(int fd, off64_t length) {
    static int (*real)(int, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "ftruncate64");
    char path[256];
    if (path_of(fd, path, sizeof path)) {
        if (is_full(length, fd)) {
            errno = ENOSPC;
            return -1;
        }
        note('W', fd, path, length, size_of(fd) > length ? size_of(fd) - length : 0);
    }
    return real(fd, length);
}

static int sync_or(int fd, const char *name) {
    char path[256];
    if (path_of(fd, path, sizeof path) && journal() >= 0) {
        int64_t safe = size_of(journal());
        usleep(1000); /* as a disk takes its time, so that a power cut may come between a write and its sync */
        note('S', fd, path, safe, 0);
        return 0;
    }
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    return real(fd);
}

int fsync(int fd) { return sync_or(fd, "fsync"); }
int fdatasync(int fd) { return sync_or(fd, "fdatasync"); }
