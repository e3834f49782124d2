#define _GNU_SOURCE
#include "CHost.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int result(int value) { return value < 0 ? -errno : value; }

int chost_open(const char *path, int flags, unsigned mode) {
  int fd;
  do fd = open(path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return result(fd);
}

int chost_duplicate(int fd) { return result(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

int chost_set_nonblocking(int fd, int on) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  return result(fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

int chost_terminal_width(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) < 0 ? -errno : size.ws_col;
}

int chost_eventfd(void) { return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int chost_memfd(const char *name, size_t size) {
  int fd = memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) return -errno;
  if (ftruncate(fd, (off_t)size) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

int chost_pipe(int ends[2], size_t capacity) {
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
  // A courtesy: users over their pipe quota keep the default size.
  if (capacity) (void)fcntl(ends[1], F_SETPIPE_SZ, (int)capacity);
  return 0;
}

long chost_getrandom(void *bytes, size_t count) {
  ssize_t got = getrandom(bytes, count, 0);
  return got < 0 ? -errno : got;
}

int chost_processor_count(void) {
  // The kernel refuses a mask smaller than its own.
  for (int most = 1024; most <= 1 << 20; most *= 4) {
    cpu_set_t *set = CPU_ALLOC(most);
    if (!set) return -ENOMEM;
    size_t size = CPU_ALLOC_SIZE(most);
    int failed = sched_getaffinity(0, size, set) < 0 ? errno : 0;
    int count = failed ? 0 : CPU_COUNT_S(size, set);
    CPU_FREE(set);
    if (!failed) return count;
    if (failed != EINVAL) return -failed;
  }
  return -EINVAL;
}

int64_t chost_boot_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int chost_signal_source(const int *signals, size_t count) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
  int failed = pthread_sigmask(SIG_BLOCK, &set, NULL);
  if (failed) return -failed;
  return result(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int chost_signal_next(int fd) {
  struct signalfd_siginfo info;
  ssize_t got;
  do got = read(fd, &info, sizeof info);
  while (got < 0 && errno == EINTR);
  if (got < 0) return errno == EAGAIN ? 0 : -errno;
  return got == sizeof info ? (int)info.ssi_signo : 0;
}

int chost_signal_is_ignored(int signal) {
  struct sigaction now;
  return sigaction(signal, NULL, &now) < 0 ? -errno : now.sa_handler == SIG_IGN;
}

int chost_signal_set(int signal, int ignored) {
  struct sigaction wanted = {.sa_handler = ignored ? SIG_IGN : SIG_DFL};
  sigemptyset(&wanted.sa_mask);
  return result(sigaction(signal, &wanted, NULL));
}

int chost_reap(pid_t pid, int wait, int *code, int *status) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  int got;
  do got = waitid(P_PID, (id_t)pid, &info, WEXITED | (wait ? 0 : WNOHANG));
  while (got < 0 && errno == EINTR);
  if (got < 0) return -errno;
  if (info.si_pid == 0) return 0;
  *code = info.si_code;
  *status = info.si_status;
  return 1;
}

int chost_notify(const char *path, const char *text, size_t count) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length < 2 || length >= sizeof address.sun_path) return -EINVAL;
  memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  ssize_t sent = sendto(fd, text, count, MSG_NOSIGNAL, (struct sockaddr *)&address, size);
  int error = sent < 0 ? errno : 0;
  close(fd);
  return -error;
}
