// What Swift cannot reach through `import Glibc`: calls that Glibc's module map leaves out, variadic
// ones, and everything between fork and exec. Every function returns a negative errno on failure, so
// that no other code can run between the call and the reading of errno.
#ifndef SPINODAL_CHOST_H
#define SPINODAL_CHOST_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

int chost_open(const char *path, int flags, unsigned mode);
/// The same file under another number, close-on-exec.
int chost_duplicate(int fd);
int chost_set_nonblocking(int fd, int on);
int chost_terminal_width(int fd);

int chost_eventfd(void);
int chost_memfd(const char *name, size_t size);
int chost_pipe(int ends[2], size_t capacity);
long chost_getrandom(void *bytes, size_t count);
int chost_processor_count(void);
int64_t chost_boot_nanoseconds(void);

/// Blocks the signals in the calling thread and returns a descriptor that is readable when one waits.
int chost_signal_source(const int *signals, size_t count);
/// The next waiting signal; 0 if none.
int chost_signal_next(int fd);
int chost_signal_is_ignored(int signal);
int chost_signal_set(int signal, int ignored);

struct chost_spawn {
  const char *path;
  char *const *arguments;
  char *const *environment;
  const char *directory;  // NULL: the caller's
  const int *sources;     // sources[i] becomes targets[i]; nothing else from 3 up is inherited
  const int *targets;
  size_t descriptor_count;
  const int *ignored;     // signals the program starts with ignored; all others have their default
  size_t ignored_count;
  int own_group;
  int death_signal;       // sent when the calling thread ends; 0: none
};
pid_t chost_start(const struct chost_spawn *wanted);

/// 1 and the facts, 0 if the child still runs, or a negative errno. `wait` blocks.
int chost_reap(pid_t pid, int wait, int *code, int *status);

/// One datagram to systemd's socket (`@` first: an abstract address).
int chost_notify(const char *path, const char *text, size_t count);

/// A page that one process writes and another reads, also after the writer was killed between any two
/// instructions. Two copies: the writer fills the one that is not current and then makes it current,
/// so that `generation` always names a whole one.
struct chost_progress {
  _Atomic uint64_t generation;
  struct {
    _Atomic int64_t unit, start, progress;
  } copies[2];
  // Written by the worker, read by the child: how often unstarted units were called back.
  _Atomic uint32_t recalls;
};

static inline void chost_progress_recall(struct chost_progress *page, uint32_t recalls) {
  atomic_store_explicit(&page->recalls, recalls, memory_order_release);
}

static inline uint32_t chost_progress_recalls(struct chost_progress *page) {
  return atomic_load_explicit(&page->recalls, memory_order_relaxed);
}

static inline void chost_progress_store(struct chost_progress *page, int64_t unit, int64_t start,
                                        int64_t progress) {
  uint64_t next = atomic_load_explicit(&page->generation, memory_order_relaxed) + 1;
  // Release also here: the copy's old words must not be overwritten before the other copy is current.
  atomic_store_explicit(&page->copies[next & 1].unit, unit, memory_order_release);
  atomic_store_explicit(&page->copies[next & 1].start, start, memory_order_release);
  atomic_store_explicit(&page->copies[next & 1].progress, progress, memory_order_release);
  atomic_store_explicit(&page->generation, next, memory_order_release);
}

static inline void chost_progress_load(struct chost_progress *page, int64_t *unit, int64_t *start,
                                       int64_t *progress) {
  uint64_t seen, again = atomic_load_explicit(&page->generation, memory_order_acquire);
  do {
    seen = again;
    *unit = atomic_load_explicit(&page->copies[seen & 1].unit, memory_order_acquire);
    *start = atomic_load_explicit(&page->copies[seen & 1].start, memory_order_acquire);
    *progress = atomic_load_explicit(&page->copies[seen & 1].progress, memory_order_acquire);
    again = atomic_load_explicit(&page->generation, memory_order_acquire);
  } while (again != seen);
}

#endif
