/*
 * What the machine itself can do for a packet forwarder, in CPU nanoseconds per 1200 B packet:
 * AES-128-GCM (and AES-CM + HMAC-SHA1-80) through OpenSSL EVP, and UDP transmit to loopback by
 * sendto, sendmmsg and UDP GSO, alone and combined with the encryption; then receive by recvfrom, recvmmsg,
 * GRO. The sinks are sockets that nobody reads: their queue is full, so the kernel drops at the queue; a
 * second pass has a spinning reader thread on the other core ("read"), which is the honest figure for
 * loopback. cc -O2 -o udp-limits udp-limits.c -lcrypto -lpthread && taskset -c 0 ./udp-limits [sinks]
 *
 * `udp-limits mix [sinks]` measures instead the traffic of the benchmark: 29 % audio singles of 100 B, video
 * of about 1180 B in GSO runs of 2.3 packets on average, sealed and sent to 200 destinations with a reader on
 * the other core. Nothing that seals every packet and sends through this network stack can cost less on this
 * machine: the C floor.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#define SZ 1200
#define MAXS 256
#define B 64

static uint64_t cpu_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int sink[MAXS], nsink = 50, tx;
static struct sockaddr_in dst[MAXS];
static volatile int stop_reader;
static volatile uint64_t rd;
static uint8_t pkt[B][2048], out[B][2048];

static int mksock(int gro) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1, v = 4 << 20;
  if (gro) setsockopt(fd, IPPROTO_UDP, UDP_GRO, &one, 4);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &v, 4);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &v, 4);
  return fd;
}

static void mksinks(int gro) {
  for (int i = 0; i < nsink; i++) {
    if (sink[i]) close(sink[i]);
    sink[i] = mksock(gro);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t l = sizeof a;
    bind(sink[i], (void *)&a, l);
    getsockname(sink[i], (void *)&a, &l);
    dst[i] = a;
  }
}

static void *reader(void *x) {
  int gro = (int)(intptr_t)x;
  cpu_set_t s;
  CPU_ZERO(&s);
  CPU_SET(1, &s);
  pthread_setaffinity_np(pthread_self(), sizeof s, &s);
  static uint8_t b[32][65536];
  struct mmsghdr m[32];
  struct iovec v[32];
  (void)gro;
  for (int i = 0; i < 32; i++) {
    v[i] = (struct iovec){b[i], 65536};
    memset(&m[i], 0, sizeof m[i]);
    m[i].msg_hdr.msg_iov = &v[i];
    m[i].msg_hdr.msg_iovlen = 1;
  }
  while (!stop_reader)
    for (int i = 0; i < nsink; i++) {
      int n = recvmmsg(sink[i], m, 32, MSG_DONTWAIT, NULL);
      for (int k = 0; k < n; k++) rd += (m[k].msg_len + SZ - 1) / SZ;
    }
  return NULL;
}

static EVP_CIPHER_CTX *cc;
static uint8_t iv[12], aad[12];

static void gcm(uint8_t *o, const uint8_t *i, int n) {
  int l;
  iv[11]++;
  EVP_EncryptInit_ex(cc, NULL, NULL, NULL, iv);
  EVP_EncryptUpdate(cc, NULL, &l, aad, 12);
  EVP_EncryptUpdate(cc, o, &l, i, n);
  EVP_EncryptFinal_ex(cc, o, &l);
  EVP_CIPHER_CTX_ctrl(cc, EVP_CTRL_GCM_GET_TAG, 16, o + n);
}

static void t_sendto(long n) {
  for (long i = 0; i < n; i++) sendto(tx, pkt[i % B], SZ, 0, (void *)&dst[i % nsink], sizeof dst[0]);
}
static struct mmsghdr mm[B];
static struct iovec iov[B * 64];

static void t_mmsg(long n, int enc) {
  for (long i = 0; i < n; i += B) {
    for (int k = 0; k < B; k++) {
      int d = (i + k) % nsink;
      if (enc) gcm(out[k], pkt[k], SZ - 28);
      iov[k] = (struct iovec){enc ? out[k] : pkt[k], SZ};
      memset(&mm[k].msg_hdr, 0, sizeof mm[k].msg_hdr);
      mm[k].msg_hdr.msg_iov = &iov[k];
      mm[k].msg_hdr.msg_iovlen = 1;
      mm[k].msg_hdr.msg_name = &dst[d];
      mm[k].msg_hdr.msg_namelen = sizeof dst[0];
    }
    for (int s = 0; s < B;) {
      int r = sendmmsg(tx, mm + s, B - s, 0);
      if (r <= 0) break;
      s += r;
    }
  }
}

/* G packets of the same destination in one GSO message: what a frame of G packets to one subscriber is */
static void t_gso(long n, int G, int enc) {
  static char c[B][CMSG_SPACE(2)];
  int msgs = B / G;
  for (long i = 0; i < n; i += B) {
    for (int m = 0; m < msgs; m++) {
      struct msghdr *h = &mm[m].msg_hdr;
      memset(h, 0, sizeof *h);
      for (int g = 0; g < G; g++) {
        int k = m * G + g;
        if (enc) gcm(out[k], pkt[k], SZ - 28);
        iov[k] = (struct iovec){enc ? out[k] : pkt[k], SZ};
      }
      h->msg_iov = &iov[m * G];
      h->msg_iovlen = G;
      h->msg_name = &dst[(i / B * msgs + m) % nsink];
      h->msg_namelen = sizeof dst[0];
      h->msg_control = c[m];
      h->msg_controllen = sizeof c[m];
      struct cmsghdr *x = CMSG_FIRSTHDR(h);
      x->cmsg_level = IPPROTO_UDP;
      x->cmsg_type = UDP_SEGMENT;
      x->cmsg_len = CMSG_LEN(2);
      *(uint16_t *)CMSG_DATA(x) = SZ;
    }
    for (int s = 0; s < msgs;) {
      int r = sendmmsg(tx, mm + s, msgs - s, 0);
      if (r <= 0) {
        perror("gso");
        return;
      }
      s += r;
    }
  }
}

static void run(const char *name, long n, int kind, int G, int enc, int withReader, int gro) {
  pthread_t th;
  mksinks(gro);
  stop_reader = 0;
  rd = 0;
  if (withReader) pthread_create(&th, NULL, reader, (void *)(intptr_t)gro);
  usleep(20000);
  double best = 1e18;
  for (int rep = 0; rep < 5; rep++) {
    uint64_t a = cpu_ns();
    if (kind == 0)
      t_sendto(n);
    else if (kind == 1)
      t_mmsg(n, enc);
    else
      t_gso(n, G, enc);
    double v = (double)(cpu_ns() - a) / n;
    if (v < best) best = v;
  }
  usleep(20000);
  stop_reader = 1;
  if (withReader) pthread_join(th, NULL);
  printf("%-58s %7.0f ns/pkt%s", name, best, withReader ? "" : "\n");
  if (withReader) printf("   (%.0f%% read)\n", 100.0 * rd / (5.0 * n));
  fflush(stdout);
}

/* ---- the mix ---- */
#define AUDIO 100
#define VIDEO 1180
#define MIX_BATCH 64 /* messages handed to one sendmmsg */
/* Runs of a video frame as libwebrtc cuts it: lengths 1, 2, 3 and 4 with the mean 2.3 (PERFORMANCE.md section
 * 6). */
static const int RUNS[10] = {1, 1, 2, 2, 2, 2, 2, 3, 4, 4};
static struct mmsghdr xm[MIX_BATCH];
static struct iovec xv[MIX_BATCH][4];
static char xc[MIX_BATCH][CMSG_SPACE(2)];
static uint8_t sealed[MIX_BATCH * 4][2048];
static uint32_t mix_seed = 1;

static uint32_t mix_random(void) {
  mix_seed ^= mix_seed << 13;
  mix_seed ^= mix_seed >> 17;
  mix_seed ^= mix_seed << 5;
  return mix_seed;
}

static void add_segment_size(int m, int size) {
  struct msghdr *h = &xm[m].msg_hdr;
  h->msg_control = xc[m];
  h->msg_controllen = sizeof xc[m];
  struct cmsghdr *x = CMSG_FIRSTHDR(h);
  x->cmsg_level = IPPROTO_UDP;
  x->cmsg_type = UDP_SEGMENT;
  x->cmsg_len = CMSG_LEN(2);
  *(uint16_t *)CMSG_DATA(x) = size;
}

/* Sends at least n packets; returns how many. */
static long t_mix(long n, int seal) {
  long done = 0;
  int to = 0;
  while (done < n) {
    int buf = 0;
    for (int m = 0; m < MIX_BATCH; m++) {
      /* A message is audio with such a chance that 29 % of the packets are: 0.29 = a / (a + 2.3 (1 - a)). */
      int audio = mix_random() % 1000 < 484, size = audio ? AUDIO : VIDEO - (int)(mix_random() % 60),
          count = audio ? 1 : RUNS[mix_random() % 10];
      struct msghdr *h = &xm[m].msg_hdr;
      memset(h, 0, sizeof *h);
      for (int i = 0; i < count; i++, buf++) {
        uint8_t *from = pkt[buf % B];
        if (seal) {
          memcpy(sealed[buf], from, 12);
          gcm(sealed[buf] + 12, from + 12, size - 28);
        }
        xv[m][i] = (struct iovec){seal ? sealed[buf] : from, size};
      }
      h->msg_iov = xv[m];
      h->msg_iovlen = count;
      h->msg_name = &dst[to];
      h->msg_namelen = sizeof dst[0];
      to = (to + 1) % nsink;
      if (count > 1) add_segment_size(m, size);
    }
    for (int s = 0; s < MIX_BATCH;) {
      int r = sendmmsg(tx, xm + s, MIX_BATCH - s, 0);
      if (r <= 0) {
        perror("sendmmsg");
        exit(1);
      }
      s += r;
    }
    done += buf;
  }
  return done;
}

static double run_mix(const char *name, int seal, int gro) {
  const long n = 300000;
  pthread_t th;
  double rounds[5];
  long sent = 0;
  mksinks(gro);
  stop_reader = 0;
  rd = 0;
  pthread_create(&th, NULL, reader, (void *)(intptr_t)gro);
  usleep(20000);
  for (int r = 0; r < 5; r++) {
    uint64_t a = cpu_ns();
    long k = t_mix(n, seal);
    rounds[r] = (double)(cpu_ns() - a) / k;
    sent += k;
  }
  usleep(20000);
  stop_reader = 1;
  pthread_join(th, NULL);
  for (int i = 0; i < 5; i++)
    for (int k = i + 1; k < 5; k++)
      if (rounds[k] < rounds[i]) {
        double t = rounds[i];
        rounds[i] = rounds[k];
        rounds[k] = t;
      }
  printf("{\"floor\":\"%s\",\"sinks\":%d,\"ns_per_pkt\":%.0f,\"best\":%.0f,\"worst\":%.0f,\"packets\":%ld}\n",
         name, nsink, rounds[2], rounds[0], rounds[4], sent);
  fflush(stdout);
  return rounds[2];
}

static int main_mix(void) {
  run_mix("seal + send, traffic mix", 1, 0);
  run_mix("send only, traffic mix", 0, 0);
  run_mix("seal + send, traffic mix, receiver with UDP_GRO", 1, 1);
  return 0;
}

int main(int c, char **v) {
  int mix = c > 1 && !strcmp(v[1], "mix");
  if (mix) {
    nsink = 200;
    c--;
    v++;
  }
  if (c > 1) nsink = atoi(v[1]);
  if (nsink > MAXS) nsink = MAXS;
  cpu_set_t s;
  CPU_ZERO(&s);
  CPU_SET(0, &s);
  sched_setaffinity(0, sizeof s, &s);
  for (int i = 0; i < B; i++)
    for (int k = 0; k < SZ; k++) pkt[i][k] = rand();
  uint8_t key[32] = {1};
  cc = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(cc, EVP_aes_128_gcm(), NULL, key, iv);
  if (mix) {
    tx = mksock(0);
    struct sockaddr_in lo = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bind(tx, (void *)&lo, sizeof lo);
    return main_mix();
  }
  const long N = 400000;
  double best = 1e18;
  int sizes[] = {SZ - 28, 100};
  for (int z = 0; z < 2; z++) {
    best = 1e18;
    for (int r = 0; r < 5; r++) {
      uint64_t a = cpu_ns();
      for (long i = 0; i < N; i++) gcm(out[i % B], pkt[i % B], sizes[z]);
      double t = (double)(cpu_ns() - a) / N;
      if (t < best) best = t;
    }
    printf("AES-128-GCM EVP, %4d B payload                              %7.0f ns/pkt\n", sizes[z], best);
  }
  {
    EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(x, EVP_aes_128_ctr(), NULL, key, iv);
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mc = EVP_MAC_CTX_new(mac);
    OSSL_PARAM pp[2] = {OSSL_PARAM_construct_utf8_string("digest", "SHA1", 0), OSSL_PARAM_construct_end()};
    EVP_MAC_init(mc, key, 20, pp);
    uint8_t t20[20];
    size_t tl;
    int l;
    uint8_t iv16[16] = {0};
    for (int z = 0; z < 2; z++) {
      best = 1e18;
      for (int r = 0; r < 3; r++) {
        uint64_t a = cpu_ns();
        for (long i = 0; i < N / 4; i++) {
          iv16[13]++;
          EVP_EncryptInit_ex(x, NULL, NULL, NULL, iv16);
          EVP_EncryptUpdate(x, out[i % B], &l, pkt[i % B], sizes[z]);
          EVP_MAC_init(mc, NULL, 0, NULL);
          EVP_MAC_update(mc, out[i % B], sizes[z] + 16);
          EVP_MAC_final(mc, t20, &tl, 20);
        }
        double t = (double)(cpu_ns() - a) / (N / 4);
        if (t < best) best = t;
      }
      printf("AES-128-CTR + HMAC-SHA1 EVP, %4d B payload                  %7.0f ns/pkt\n", sizes[z], best);
    }
  }
  tx = mksock(0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  bind(tx, (void *)&a, sizeof a);
  printf("-- transmit to %d loopback sockets, 1200 B; 'read' = a spinning reader on core 1 empties them\n",
         nsink);
  for (int r = 0; r < 2; r++) {
    const char *q = r ? "read" : "full";
    char n[100];
#define R(k, G, e, gro, ...)                                                                                 \
  snprintf(n, sizeof n, __VA_ARGS__);                                                                        \
  run(n, N / (r ? 2 : 1), k, G, e, r, gro)
    R(0, 0, 0, 0, "sendto (%s)", q);
    R(1, 0, 0, 0, "sendmmsg x64 (%s)", q);
    R(2, 4, 0, 0, "sendmmsg GSO, 4 pkt/msg (%s)", q);
    R(2, 16, 0, 0, "sendmmsg GSO, 16 pkt/msg (%s)", q);
    R(2, 4, 0, 1, "sendmmsg GSO, 4 pkt/msg, receiver GRO (%s)", q);
    R(2, 16, 0, 1, "sendmmsg GSO, 16 pkt/msg, receiver GRO (%s)", q);
    R(1, 0, 1, 0, "AES-GCM + sendmmsg x64 (%s)", q);
    R(2, 4, 1, 0, "AES-GCM + GSO 4 pkt/msg (%s)", q);
    R(2, 16, 1, 0, "AES-GCM + GSO 16 pkt/msg (%s)", q);
    R(2, 4, 1, 1, "AES-GCM + GSO 4 pkt/msg, receiver GRO (%s)", q);
  }
  /* receive cost: fill a socket with 3000 packets, then time only the reading */
  mksinks(0);
  int fd = sink[0];
  static uint8_t big[64][2048];
  struct mmsghdr m[64];
  struct iovec vv[64];
  for (int i = 0; i < 64; i++) {
    vv[i] = (struct iovec){big[i], 2048};
    memset(&m[i], 0, sizeof m[i]);
    m[i].msg_hdr.msg_iov = &vv[i];
    m[i].msg_hdr.msg_iovlen = 1;
  }
  double b1 = 1e18, b2 = 1e18;
  for (int rep = 0; rep < 20; rep++)
    for (int k = 0; k < 2; k++) {
      long got = 0;
      for (int i = 0; i < 1500; i++) sendto(tx, pkt[i % B], SZ, 0, (void *)&dst[0], sizeof dst[0]);
      uint64_t s0 = cpu_ns();
      if (k == 0)
        while (recv(fd, big[0], 2048, MSG_DONTWAIT) > 0) got++;
      else {
        int n;
        while ((n = recvmmsg(fd, m, 64, MSG_DONTWAIT, NULL)) > 0) got += n;
      }
      double t = (double)(cpu_ns() - s0) / got;
      if (k == 0 && t < b1) b1 = t;
      if (k == 1 && t < b2) b2 = t;
    }
  printf("recv one by one                                            %7.0f ns/pkt\nrecvmmsg x64              "
         "                                 %7.0f ns/pkt\n",
         b1, b2);
  return 0;
}
