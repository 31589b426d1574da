/* A disk under a whole program that fails, or is slow, on order: made into a library and named in LD_PRELOAD.
 *
 * FAILING_DISK names a file of orders, which may change while the program runs: see struct orders, which
 * failing_disk.py writes. What is not ordered to fail goes to the real disk. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct orders {
    int32_t sync_error;  /* errno of a sync that fails; 0: none does */
    int32_t write_error; /* of a write or a truncation */
    int32_t delay_ms;    /* of each sync */
    int32_t met;         /* how many operations an order has met: written here */
    char path[496];      /* part of the file's path; empty: no file's */
};

static struct orders* orders;

__attribute__((constructor)) static void take_orders(void) {
    const char* name = getenv("FAILING_DISK");
    int file = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void* at = mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (at != MAP_FAILED) orders = at;
    close(file);
}

static int concerns(int file) {
    char link[64], path[4096];
    if (!orders || !orders->path[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, orders->path) != NULL;
}

/* Whether the operation is to fail; errno says how. */
static int fails(int file, int error) {
    if (!error || !concerns(file)) return 0;
    __atomic_add_fetch(&orders->met, 1, __ATOMIC_SEQ_CST);
    errno = error;
    return 1;
}

static int sync_fails(int file) {
    if (!orders) return 0;
    if (orders->delay_ms && concerns(file)) {
        struct timespec time = {orders->delay_ms / 1000, orders->delay_ms % 1000 * 1000000L};
        __atomic_add_fetch(&orders->met, 1, __ATOMIC_SEQ_CST);
        nanosleep(&time, NULL);
    }
    return fails(file, orders->sync_error);
}

static int write_fails(int file) { return orders && fails(file, orders->write_error); }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int file) { return sync_fails(file) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return sync_fails(file) ? -1 : REAL(fdatasync)(file); }
ssize_t write(int file, const void* from, size_t bytes) { return write_fails(file) ? -1 : REAL(write)(file, from, bytes); }
ssize_t pwrite(int file, const void* from, size_t bytes, off_t at) {
    return write_fails(file) ? -1 : REAL(pwrite)(file, from, bytes, at);
}
ssize_t pwrite64(int file, const void* from, size_t bytes, off64_t at) {
    return write_fails(file) ? -1 : REAL(pwrite64)(file, from, bytes, at);
}
int ftruncate(int file, off_t bytes) { return write_fails(file) ? -1 : REAL(ftruncate)(file, bytes); }
int ftruncate64(int file, off64_t bytes) { return write_fails(file) ? -1 : REAL(ftruncate64)(file, bytes); }
