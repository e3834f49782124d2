#define _GNU_SOURCE
#include "CHost.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Between fork and exec only async-signal-safe calls: another thread of the parent may have held any
// lock at the fork.

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define CLOSE_ON_EXEC (1U << 2)

struct entry64 {  // linux_dirent64, which no header has
  uint64_t inode;
  int64_t offset;
  unsigned short size;
  unsigned char type;
  char name[];
};

/// For kernels before 5.11: marks each open descriptor from 3 up, as /proc lists them.
static int mark_each_listed(void) {
  int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -1;
  _Alignas(struct entry64) char buffer[4096];
  long got;
  while ((got = syscall(SYS_getdents64, folder, buffer, sizeof buffer)) > 0) {
    for (long at = 0; at < got;) {
      const struct entry64 *entry = (const struct entry64 *)(buffer + at);
      int fd = 0;
      const char *digit = entry->name;
      while (*digit >= '0' && *digit <= '9') fd = fd * 10 + (*digit++ - '0');
      if (digit != entry->name && fd > 2 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) return -1;
      at += entry->size;
    }
  }
  close(folder);
  return got < 0 ? -1 : 0;
}

static int place_descriptors(const struct chost_spawn *wanted, int *report) {
  int moved[16];
  int floor = 3;
  if (wanted->descriptor_count > sizeof moved / sizeof moved[0]) {
    errno = EINVAL;
    return -1;
  }
  for (size_t i = 0; i < wanted->descriptor_count; i++)
    if (wanted->targets[i] >= floor) floor = wanted->targets[i] + 1;
  // First out of the way of every target, so that the order of placing them does not matter.
  if ((*report = fcntl(*report, F_DUPFD_CLOEXEC, floor)) < 0) return -1;
  for (size_t i = 0; i < wanted->descriptor_count; i++)
    if ((moved[i] = fcntl(wanted->sources[i], F_DUPFD_CLOEXEC, floor)) < 0) return -1;
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_ON_EXEC) < 0 && mark_each_listed() < 0) return -1;
  for (size_t i = 0; i < wanted->descriptor_count; i++)
    if (dup2(moved[i], wanted->targets[i]) < 0) return -1;
  return 0;
}

static void reset_signals(const struct chost_spawn *wanted) {
  struct sigaction plain = {.sa_handler = SIG_DFL};
  sigemptyset(&plain.sa_mask);
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &plain, NULL);
  plain.sa_handler = SIG_IGN;
  for (size_t i = 0; i < wanted->ignored_count; i++) sigaction(wanted->ignored[i], &plain, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become(const struct chost_spawn *wanted, int report, pid_t parent) {
  int failed = 0;
  if (wanted->own_group && setpgid(0, 0) < 0) failed = errno;
  if (!failed && wanted->death_signal) {
    if (prctl(PR_SET_PDEATHSIG, wanted->death_signal) < 0) failed = errno;
    else if (getppid() != parent) _exit(127);  // it died before the line above
  }
  if (!failed && place_descriptors(wanted, &report) < 0) failed = errno;
  if (!failed && wanted->directory && chdir(wanted->directory) < 0) failed = errno;
  if (!failed) {
    reset_signals(wanted);
    execve(wanted->path, wanted->arguments, wanted->environment);
    failed = errno;
  }
  if (report >= 0) (void)!write(report, &failed, sizeof failed);
  _exit(127);
}

pid_t chost_start(const struct chost_spawn *wanted) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
  pid_t parent = getpid();
  sigset_t all, before;
  sigfillset(&all);
  // So that no handler of the parent runs in the child before its dispositions are reset.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = fork();
  int failed = pid < 0 ? errno : 0;
  if (pid == 0) become(wanted, ends[1], parent);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(ends[1]);
  if (!failed) {
    ssize_t got;
    do got = read(ends[0], &failed, sizeof failed);
    while (got < 0 && errno == EINTR);
    if (got != sizeof failed) failed = 0;  // closed by a successful exec
    if (failed)
      while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
  }
  close(ends[0]);
  return failed ? -failed : pid;
}
