// What libzmq alone can do with the bytes that spinodal moves: one ROUTER and two DEALER processes over
// loopback TCP. The workers do nothing; nothing is kept on disk; each unit is checked to come back once.
//
//   cc -O2 -o zmq_peer zmq_peer.c -lzmq
//   zmq_peer UNITS WINDOW BATCH UNIT_BYTES ROW_BYTES plain|curve
//
// WINDOW: units that one worker has outstanding. BATCH: units in one message. UNIT_BYTES go out for each
// unit and ROW_BYTES come back, at least 8, since both begin with the unit's number. One line of JSON.
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { WORKERS = 2, KEY_TEXT = 41, LONGEST_WAIT_MS = 30000 };

typedef struct {
  long units, window, batch, unit_bytes, row_bytes;
  int curve;
} options;

// All that a worker process is told, over its standard input.
typedef struct {
  options options;
  int number;
  char endpoint[256];
  char server_public[KEY_TEXT], client_public[KEY_TEXT], client_secret[KEY_TEXT];
} orders;

static void fail(const char *what) {
  fprintf(stderr, "zmq_peer: %s: %s\n", what, zmq_strerror(zmq_errno()));
  exit(1);
}

static void need(int result, const char *what) {
  if (result < 0) fail(what);
}

static double wall_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double processor_seconds(int who) {
  struct rusage use;
  getrusage(who, &use);
  return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
         (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
}

static void set_number(void *socket, int option, int value) {
  need(zmq_setsockopt(socket, option, &value, sizeof value), "option");
}

static void set_text(void *socket, int option, const char *text) {
  need(zmq_setsockopt(socket, option, text, strlen(text)), "option");
}

static void *open_socket(void *context, int kind) {
  void *socket = zmq_socket(context, kind);
  if (!socket) fail("socket");
  set_number(socket, ZMQ_SNDHWM, 0);
  set_number(socket, ZMQ_RCVHWM, 0);
  set_number(socket, ZMQ_LINGER, 0);
  set_number(socket, ZMQ_RCVTIMEO, LONGEST_WAIT_MS);
  return socket;
}

// Answers every batch with as many rows, until a message of one byte.
static int work(const orders *orders) {
  const options *o = &orders->options;
  void *context = zmq_ctx_new();
  void *socket = open_socket(context, ZMQ_DEALER);
  char name[8];
  snprintf(name, sizeof name, "w%d", orders->number);
  set_text(socket, ZMQ_ROUTING_ID, name);
  if (o->curve) {
    set_text(socket, ZMQ_CURVE_SERVERKEY, orders->server_public);
    set_text(socket, ZMQ_CURVE_PUBLICKEY, orders->client_public);
    set_text(socket, ZMQ_CURVE_SECRETKEY, orders->client_secret);
  }
  need(zmq_connect(socket, orders->endpoint), "connect");
  need(zmq_send(socket, "h", 1, 0), "send");
  char *rows = calloc((size_t)o->batch, (size_t)o->row_bytes);
  zmq_msg_t message;
  zmq_msg_init(&message);
  for (;;) {
    need(zmq_msg_recv(&message, socket, 0), "receive");
    size_t size = zmq_msg_size(&message);
    if (size == 1) break;
    long count = (long)size / o->unit_bytes;
    const char *units = zmq_msg_data(&message);
    for (long i = 0; i < count; i++) memcpy(rows + i * o->row_bytes, units + i * o->unit_bytes, 8);
    need(zmq_send(socket, rows, (size_t)(count * o->row_bytes), 0), "send");
  }
  zmq_msg_close(&message);
  zmq_close(socket);
  zmq_ctx_term(context);
  return 0;
}

static void start_worker(const orders *orders) {
  int ends[2];
  if (pipe(ends) != 0) fail("pipe");
  if (write(ends[1], orders, sizeof *orders) != sizeof *orders) fail("pipe");
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    // A fresh program: libzmq's context and threads are not for two processes.
    dup2(ends[0], 0);
    execl("/proc/self/exe", "zmq_peer", "worker", (char *)0);
    _exit(127);
  }
  close(ends[0]);
  close(ends[1]);
}

typedef struct {
  const options *options;
  void *socket;
  char *buffer;
  long sent;
} desk;

static void hand_out(desk *d, const void *name, size_t name_bytes) {
  long left = d->options->units - d->sent;
  long count = left < d->options->batch ? left : d->options->batch;
  if (count <= 0) return;
  for (long i = 0; i < count; i++) {
    int64_t unit = d->sent + i;
    memcpy(d->buffer + i * d->options->unit_bytes, &unit, 8);
  }
  need(zmq_send(d->socket, name, name_bytes, ZMQ_SNDMORE), "send");
  need(zmq_send(d->socket, d->buffer, (size_t)(count * d->options->unit_bytes), 0), "send");
  d->sent += count;
}

static void collect(desk *d, unsigned char *seen) {
  const options *o = d->options;
  char name[16];
  zmq_msg_t message;
  zmq_msg_init(&message);
  for (long done = 0; done < o->units;) {
    int name_bytes = zmq_recv(d->socket, name, sizeof name, 0);
    need(name_bytes, "receive");
    need(zmq_msg_recv(&message, d->socket, 0), "receive");
    long count = (long)zmq_msg_size(&message) / o->row_bytes;
    const char *rows = zmq_msg_data(&message);
    for (long i = 0; i < count; i++) {
      int64_t unit;
      memcpy(&unit, rows + i * o->row_bytes, 8);
      if (unit < 0 || unit >= o->units || seen[unit]++) {
        fprintf(stderr, "zmq_peer: unit %ld came twice or never was\n", (long)unit);
        exit(1);
      }
    }
    done += count;
    hand_out(d, name, (size_t)name_bytes);
  }
  zmq_msg_close(&message);
}

static int coordinate(const options *o) {
  orders orders = {.options = *o};
  char server_secret[KEY_TEXT];
  need(zmq_curve_keypair(orders.server_public, server_secret), "keys");
  need(zmq_curve_keypair(orders.client_public, orders.client_secret), "keys");
  void *context = zmq_ctx_new();
  void *socket = open_socket(context, ZMQ_ROUTER);
  if (o->curve) {
    set_number(socket, ZMQ_CURVE_SERVER, 1);
    set_text(socket, ZMQ_CURVE_SECRETKEY, server_secret);
  }
  need(zmq_bind(socket, "tcp://127.0.0.1:*"), "bind");
  size_t length = sizeof orders.endpoint;
  need(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, orders.endpoint, &length), "endpoint");
  for (int i = 0; i < WORKERS; i++) {
    orders.number = i;
    start_worker(&orders);
  }
  char names[WORKERS][16];
  int name_bytes[WORKERS];
  char hello[4];
  for (int i = 0; i < WORKERS; i++) {
    need(name_bytes[i] = zmq_recv(socket, names[i], sizeof names[i], 0), "receive");
    need(zmq_recv(socket, hello, sizeof hello, 0), "receive");
  }
  desk d = {o, socket, calloc((size_t)o->batch, (size_t)o->unit_bytes), 0};
  unsigned char *seen = calloc((size_t)o->units, 1);
  long messages = o->window / o->batch > 0 ? o->window / o->batch : 1;
  double wall = wall_seconds(), processor = processor_seconds(RUSAGE_SELF);
  for (long j = 0; j < messages; j++)
    for (int i = 0; i < WORKERS; i++) hand_out(&d, names[i], (size_t)name_bytes[i]);
  collect(&d, seen);
  wall = wall_seconds() - wall;
  processor = processor_seconds(RUSAGE_SELF) - processor;
  for (int i = 0; i < WORKERS; i++) {
    need(zmq_send(socket, names[i], (size_t)name_bytes[i], ZMQ_SNDMORE), "send");
    need(zmq_send(socket, "q", 1, 0), "send");
  }
  for (int i = 0; i < WORKERS; i++) {
    int status;
    if (wait(&status) < 0 || status != 0) fail("a worker");
  }
  zmq_close(socket);
  zmq_ctx_term(context);
  double units = (double)o->units;
  printf("{\"units\": %ld, \"units_per_second\": %.1f, \"coordinator_microseconds_per_unit\": %.5f, "
         "\"worker_microseconds_per_unit\": %.5f}\n",
         o->units, units / wall, processor / units * 1e6,
         processor_seconds(RUSAGE_CHILDREN) / units * 1e6);
  return 0;
}

int main(int count, char **texts) {
  if (count == 2 && strcmp(texts[1], "worker") == 0) {
    orders orders;
    if (read(0, &orders, sizeof orders) != sizeof orders) fail("orders");
    return work(&orders);
  }
  if (count != 7) {
    fprintf(stderr, "usage: zmq_peer UNITS WINDOW BATCH UNIT_BYTES ROW_BYTES plain|curve\n");
    return 2;
  }
  options o = {atol(texts[1]), atol(texts[2]), atol(texts[3]), atol(texts[4]), atol(texts[5]),
               strcmp(texts[6], "curve") == 0};
  if (o.units < 1 || o.window < 1 || o.batch < 1 || o.unit_bytes < 8 || o.row_bytes < 8) {
    fprintf(stderr, "zmq_peer: counts from 1, bytes from 8\n");
    return 2;
  }
  return coordinate(&o);
}
