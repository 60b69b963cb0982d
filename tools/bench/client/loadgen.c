/*
 * loadgen - a deliberately cheap WebRTC media endpoint farm for benchmarks.
 *
 * One single-threaded process holds many peers. Every peer has its own UDP socket on loopback and
 * speaks just enough of the protocols to be a real endpoint for an SFU: ICE connectivity checks and
 * consent (RFC 8445/7675), DTLS 1.2 with use_srtp (RFC 5764), SRTP/SRTCP (RFC 3711/7714), RTCP SR/RR.
 *
 * Publishers send paced VP8-like video and Opus-like audio. Subscribers count every packet by its
 * (clear) RTP header and authenticate+decrypt a hash-selected sample (1/16 by default) to verify the
 * content and to take the one-way latency: the publisher writes CLOCK_REALTIME into the payload, the
 * kernel stamps the arrival (SO_TIMESTAMPNS), so a busy client does not inflate the latency.
 *
 * While measuring it spins over its sockets instead of sleeping in epoll, so the server never pays
 * for waking a sleeping client (an IPI to an idle virtual CPU is expensive and would be charged to
 * the server's sendto).
 *
 * Controlled by lines on stdin, answers one JSON object a line on stdout. See ../README.md.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <srtp2/srtp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_PEERS 4096
#define VLEN 32
#define BUFSZ 2048
#define MAX_RX 128 /* RTP streams one subscriber can receive */
#define MAX_LAT (4u << 20)

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;

static u64 now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static u64 real_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void say(const char *f, ...) {
  va_list a;
  va_start(a, f);
  vprintf(f, a);
  va_end(a);
  putchar('\n');
  fflush(stdout);
}

static u32 rnd(void) {
  u32 x;
  RAND_bytes((u8 *)&x, 4);
  return x;
}

static void w16(u8 *p, u16 v) {
  p[0] = v >> 8;
  p[1] = v;
}

static void w32(u8 *p, u32 v) {
  p[0] = v >> 24;
  p[1] = v >> 16;
  p[2] = v >> 8;
  p[3] = v;
}

static u16 r16(const u8 *p) {
  return p[0] << 8 | p[1];
}

static u32 r32(const u8 *p) {
  return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* ---- traffic model (see README: "The media") ---- */
static struct {
  int fps, delta_pkts, key_pkts, vsize, asize, vary;
  double key_secs;
} M = {30, 4, 20, 1190, 80, 1, 3.0};

struct rx {
  u32 ssrc;
  int pt;
  u64 pkts, bytes;
  int64_t base, max;
  u64 late;
  u32 jit;
};

struct tx {
  u32 ssrc, ts;
  u16 seq;
  u8 pt;
  char mid[8];
  u64 pkts, bytes;
};

struct peer {
  int id, fd, have_remote, controlling, ice_ok, nominated, dtls_active, up, failed;
  u16 port;
  char lufrag[9], lpwd[25], rufrag[257], rpwd[257];
  struct sockaddr_in raddr;
  u64 tie, next_stun, t0, dtls_due;
  u8 txid[12];
  int stun_tries;
  SSL *ssl;
  BIO *rb, *wb;
  srtp_t stx, srx;
  const char *profile;
  int is_pub, media, mid_ext, level_ext;
  struct tx a, v;
  u64 next_a, next_v;
  u32 frame;
  u64 next_key;
  int want_key;
  u16 picid;
  int watch;
  u32 key_ssrc;
  u16 key_seq;
  int key_open; /* waiting for the first whole keyframe, see watch_keyframe */
  u64 next_rtcp;
  u32 rr_ssrc;
  struct rx rx[MAX_RX];
  int nrx;
  u64 drops0;
};
static struct peer *P[MAX_PEERS];
static int nP;
static SSL_CTX *ctx;
static char fp[100];
static int spin, sample_mask = 15, gro;

static struct {
  u64 t0, rx_pkts, rx_bytes, rx_rtcp, tx_pkts, tx_bytes, tx_err, auth_fail, bad_magic, sampled, pli, nack,
      stun_in, sweeps;
} S;

static u32 *lat_us, *lag_us, n_lat;
static u32 *late_us, n_late;
static u64 lat_seen;

/* ---- STUN ---- */
static u32 crc_tab[256];

static void crc_init(void) {
  for (u32 i = 0; i < 256; i++) {
    u32 c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
    crc_tab[i] = c;
  }
}

static u32 crc32b(const u8 *p, int n) {
  u32 c = ~0u;
  while (n--) c = crc_tab[(c ^ *p++) & 255] ^ (c >> 8);
  return ~c;
}

static int attr(u8 *b, int off, u16 t, const void *v, int n) {
  w16(b + off, t);
  w16(b + off + 2, n);
  if (n) memcpy(b + off + 4, v, n);
  int pad = (4 - (n & 3)) & 3;
  memset(b + off + 4 + n, 0, pad);
  return off + 4 + n + pad;
}

static int stun_seal(u8 *b, int n, const char *pwd) {
  u8 mac[20];
  unsigned ml = 20;
  w16(b + 2, n - 20 + 24);
  HMAC(EVP_sha1(), pwd, strlen(pwd), b, n, mac, &ml);
  n = attr(b, n, 0x0008, mac, 20);
  w16(b + 2, n - 20 + 8);
  u8 f[4];
  w32(f, crc32b(b, n) ^ 0x5354554e);
  return attr(b, n, 0x8028, f, 4);
}

static void stun_request(struct peer *p) {
  u8 b[600];
  memset(b, 0, 20);
  w16(b, 1);
  w32(b + 4, 0x2112A442);
  RAND_bytes(p->txid, 12);
  memcpy(b + 8, p->txid, 12);
  char u[520];
  snprintf(u, sizeof u, "%s:%s", p->rufrag, p->lufrag);
  int n = attr(b, 20, 0x0006, u, strlen(u));
  u8 x[8];
  w32(x, 0x6e7f1eff);
  n = attr(b, n, 0x0024, x, 4);
  memcpy(x, &p->tie, 8);
  n = attr(b, n, p->controlling ? 0x802A : 0x8029, x, 8);
  if (p->controlling) n = attr(b, n, 0x0025, NULL, 0);
  n = stun_seal(b, n, p->rpwd);
  sendto(p->fd, b, n, MSG_DONTWAIT, (void *)&p->raddr, sizeof p->raddr);
}

static void dtls_kick(struct peer *p);

static void on_stun(struct peer *p, u8 *b, int n, struct sockaddr_in *from) {
  S.stun_in++;
  u16 t = r16(b);
  if (t == 0x0001) {
    u8 o[200];
    memset(o, 0, 20);
    w16(o, 0x0101);
    memcpy(o + 4, b + 4, 16);
    u8 x[8] = {0, 1};
    w16(x + 2, ntohs(from->sin_port) ^ 0x2112);
    w32(x + 4, ntohl(from->sin_addr.s_addr) ^ 0x2112A442);
    int m = attr(o, 20, 0x0020, x, 8);
    m = stun_seal(o, m, p->lpwd);
    sendto(p->fd, o, m, MSG_DONTWAIT, (void *)from, sizeof *from);
    for (int off = 20; off + 4 <= n;) {
      u16 at = r16(b + off), al = r16(b + off + 2);
      if (at == 0x0025) p->nominated = 1;
      off += 4 + ((al + 3) & ~3);
    }
    if (p->ice_ok && p->nominated && !p->ssl) dtls_kick(p);
  } else if (t == 0x0101 && p->have_remote && !memcmp(b + 8, p->txid, 12)) {
    p->ice_ok = 1;
    if (!p->ssl && (p->controlling || p->nominated || p->stun_tries > 3)) dtls_kick(p);
  }
}

/* ---- DTLS-SRTP ---- */
static int vcb(int ok, X509_STORE_CTX *c) {
  (void)ok;
  (void)c;
  return 1;
}

static void dtls_init(const char *profiles) {
  EVP_PKEY *k = EVP_EC_gen("P-256");
  X509 *x = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(x), rnd() >> 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -86400);
  X509_gmtime_adj(X509_getm_notAfter(x), 86400 * 30);
  X509_set_pubkey(x, k);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (u8 *)"loadgen", -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(x));
  X509_sign(x, k, EVP_sha256());
  u8 d[32];
  unsigned dl;
  X509_digest(x, EVP_sha256(), d, &dl);
  for (int i = 0; i < 32; i++) sprintf(fp + 3 * i, "%02X%s", d[i], i < 31 ? ":" : "");
  ctx = SSL_CTX_new(DTLS_method());
  SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION);
  SSL_CTX_use_certificate(ctx, x);
  SSL_CTX_use_PrivateKey(ctx, k);
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, vcb);
  SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  if (SSL_CTX_set_tlsext_use_srtp(ctx, profiles)) {
    fprintf(stderr, "bad srtp profiles\n");
    exit(1);
  }
}

static void dtls_flush(struct peer *p) {
  char b[8192];
  int n;
  while ((n = BIO_read(p->wb, b, sizeof b)) > 0)
    sendto(p->fd, b, n, MSG_DONTWAIT, (void *)&p->raddr, sizeof p->raddr);
}

static void srtp_mk(srtp_t *s, srtp_profile_t pr, const u8 *key, int kl, const u8 *salt, int sl, int dir) {
  srtp_policy_t y;
  memset(&y, 0, sizeof y);
  u8 *k = malloc(64);
  memcpy(k, key, kl);
  memcpy(k + kl, salt, sl);
  srtp_crypto_policy_set_from_profile_for_rtp(&y.rtp, pr);
  srtp_crypto_policy_set_from_profile_for_rtcp(&y.rtcp, pr);
  y.ssrc.type = dir;
  y.key = k;
  y.window_size = 1024;
  int e = srtp_create(s, &y);
  if (e) {
    fprintf(stderr, "srtp_create %d\n", e);
    exit(1);
  }
  free(k);
}

static void dtls_done(struct peer *p) {
  SRTP_PROTECTION_PROFILE *sp = SSL_get_selected_srtp_profile(p->ssl);
  if (!sp) {
    say("{\"t\":\"fail\",\"id\":%d,\"why\":\"no srtp profile\"}", p->id);
    p->failed = 1;
    return;
  }
  int kl = 16, sl = 14;
  srtp_profile_t pr = srtp_profile_aes128_cm_sha1_80;
  if (sp->id == 7) pr = srtp_profile_aead_aes_128_gcm, sl = 12;
  if (sp->id == 8) pr = srtp_profile_aead_aes_256_gcm, kl = 32, sl = 12;
  if (sp->id == 2) pr = srtp_profile_aes128_cm_sha1_32;
  u8 m[128];
  SSL_export_keying_material(p->ssl, m, 2 * (kl + sl), "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0);
  u8 *ck = m, *sk = m + kl, *cs = m + 2 * kl, *ss = cs + sl;
  srtp_mk(&p->stx, pr, p->dtls_active ? ck : sk, kl, p->dtls_active ? cs : ss, sl, ssrc_any_outbound);
  srtp_mk(&p->srx, pr, p->dtls_active ? sk : ck, kl, p->dtls_active ? ss : cs, sl, ssrc_any_inbound);
  p->profile = sp->name;
  p->up = 1;
  p->next_rtcp = now_ns() + 500000000ull + rnd() % 1000000000u;
  say("{\"t\":\"up\",\"id\":%d,\"ms\":%.1f,\"profile\":\"%s\"}", p->id, (now_ns() - p->t0) / 1e6, sp->name);
}

static void dtls_step(struct peer *p) {
  if (!p->up) {
    int r = SSL_do_handshake(p->ssl);
    dtls_flush(p);
    if (r == 1)
      dtls_done(p);
    else {
      int e = SSL_get_error(p->ssl, r);
      if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE && !p->failed) {
        p->failed = 1;
        say("{\"t\":\"fail\",\"id\":%d,\"why\":\"dtls %d %s\"}", p->id, e,
            ERR_reason_error_string(ERR_get_error()));
        ERR_clear_error();
      }
    }
    struct timeval tv;
    p->dtls_due =
        DTLSv1_get_timeout(p->ssl, &tv) ? now_ns() + tv.tv_sec * 1000000000ull + tv.tv_usec * 1000ull : 0;
  } else {
    char b[2048];
    int n = SSL_read(p->ssl, b, sizeof b);
    if (n <= 0) {
      int e = SSL_get_error(p->ssl, n);
      ERR_clear_error();
      if (e == SSL_ERROR_ZERO_RETURN && !p->failed) {
        p->failed = 1;
        say("{\"t\":\"fail\",\"id\":%d,\"why\":\"dtls closed by the server\"}", p->id);
      }
    }
    dtls_flush(p);
  }
}

static void dtls_mkssl(struct peer *p) {
  p->ssl = SSL_new(ctx);
  p->rb = BIO_new(BIO_s_mem());
  p->wb = BIO_new(BIO_s_mem());
  SSL_set_bio(p->ssl, p->rb, p->wb);
  SSL_set_mtu(p->ssl, 1200);
  BIO_set_mem_eof_return(p->rb, -1);
  BIO_set_mem_eof_return(p->wb, -1);
  if (p->dtls_active)
    SSL_set_connect_state(p->ssl);
  else
    SSL_set_accept_state(p->ssl);
}

static void dtls_kick(struct peer *p) {
  dtls_mkssl(p);
  dtls_step(p);
}

/* ---- RTP out ---- */
static void put_payload_stamp(u8 *q, u32 counter) {
  memcpy(q, "SWB1", 4);
  w32(q + 4, counter);
  u64 t = real_ns();
  memcpy(q + 8, &t, 8);
}

static void send_srtp(struct peer *p, struct tx *s, u8 *b, int n) {
  int len = n;
  if (srtp_protect(p->stx, b, &len)) {
    S.tx_err++;
    return;
  }
  if (send(p->fd, b, len, MSG_DONTWAIT) < 0) S.tx_err++;
  s->pkts++;
  s->bytes += n;
  S.tx_pkts++;
  S.tx_bytes += len;
}

/* Header extensions (RFC 8285, one-byte form): MID, and for audio the level (RFC 6464) of a constant speaker.
 */
static int rtp_head(struct peer *p, struct tx *s, u8 *b, int marker) {
  int n = 12, e = 16;
  b[0] = 0x80;
  b[1] = s->pt | (marker ? 0x80 : 0);
  w16(b + 2, s->seq++);
  w32(b + 4, s->ts);
  w32(b + 8, s->ssrc);
  if (p->mid_ext && s->mid[0]) {
    int ml = strlen(s->mid);
    b[e] = p->mid_ext << 4 | (ml - 1);
    memcpy(b + e + 1, s->mid, ml);
    e += 1 + ml;
  }
  if (p->level_ext && s == &p->a) {
    b[e] = p->level_ext << 4;
    b[e + 1] = 0x80 | 30;
    e += 2;
  }
  if (e > 16) {
    int w = (e - 16 + 3) / 4;
    b[0] |= 0x10;
    w16(b + 12, 0xBEDE);
    w16(b + 14, w);
    memset(b + e, 0, 16 + 4 * w - e);
    n = 16 + 4 * w;
  }
  return n;
}

static u8 filler[2048];

static void send_audio(struct peer *p) {
  u8 b[BUFSZ];
  p->a.ts += 960;
  int n = rtp_head(p, &p->a, b, 0);
  memcpy(b + n, filler, M.asize);
  b[n] = 0x78; /* Opus TOC: CELT FB 20 ms, mono */
  put_payload_stamp(b + n + 16, p->a.pkts);
  send_srtp(p, &p->a, b, n + M.asize);
}

static void send_frame(struct peer *p, u64 now) {
  int key = p->want_key || now >= p->next_key;
  if (key) {
    p->want_key = 0;
    p->next_key = now + (u64)(M.key_secs * 1e9);
  }
  int k = key ? M.key_pkts : M.delta_pkts;
  /* As libwebrtc cuts a frame: packets of about equal size, the last few one byte larger; sizes differ from
     frame to frame. (Matters to servers that use UDP GSO, which wants equal sizes.) --vary 0: all packets
     --vsize bytes. */
  int size = M.vsize, larger = 0;
  if (M.vary) {
    u32 r = rnd();
    size = M.vsize - (int)(r % 120);
    larger = (int)((r >> 16) % (u32)k);
  }
  p->v.ts += 90000 / M.fps;
  p->frame++;
  p->picid = (p->picid + 1) & 0x7fff;
  for (int i = 0; i < k; i++) {
    u8 b[BUFSZ];
    int n = rtp_head(p, &p->v, b, i == k - 1), sz = size + (i >= k - larger);
    memcpy(b + n, filler, sz);
    b[n] = 0x80 | (i == 0 ? 0x10 : 0);
    b[n + 1] = 0x80;
    b[n + 2] = 0x80 | p->picid >> 8;
    b[n + 3] = p->picid;
    if (i == 0) {
      u32 tag = (key ? 0 : 1) | 1 << 4 | 200 << 5;
      b[n + 4] = tag;
      b[n + 5] = tag >> 8;
      b[n + 6] = tag >> 16;
      if (key) {
        b[n + 7] = 0x9d;
        b[n + 8] = 0x01;
        b[n + 9] = 0x2a;
        b[n + 10] = 640 & 255;
        b[n + 11] = 640 >> 8;
        b[n + 12] = 360 & 255;
        b[n + 13] = 360 >> 8;
      }
    }
    put_payload_stamp(b + n + 16, p->v.pkts);
    send_srtp(p, &p->v, b, n + sz);
  }
}

static void send_rtcp(struct peer *p, u8 *b, int n) {
  int len = n;
  if (!srtp_protect_rtcp(p->stx, b, &len)) send(p->fd, b, len, MSG_DONTWAIT);
}

static void rtcp_tick(struct peer *p) {
  u8 b[BUFSZ];
  if (p->is_pub && p->media) {
    struct tx *ss[2] = {&p->a, &p->v};
    for (int i = 0; i < 2; i++) {
      if (!ss[i]->ssrc || !ss[i]->pkts) continue;
      u64 t = real_ns();
      u32 sec = t / 1000000000ull + 2208988800u, fr = (u32)((double)(t % 1000000000ull) * 4.294967296);
      memset(b, 0, 28);
      b[0] = 0x80;
      b[1] = 200;
      w16(b + 2, 6);
      w32(b + 4, ss[i]->ssrc);
      w32(b + 8, sec);
      w32(b + 12, fr);
      w32(b + 16, ss[i]->ts);
      w32(b + 20, ss[i]->pkts);
      w32(b + 24, ss[i]->bytes);
      u8 *c = b + 28;
      memset(c, 0, 16);
      c[0] = 0x81;
      c[1] = 202;
      w16(c + 2, 3);
      w32(c + 4, ss[i]->ssrc);
      c[8] = 1;
      c[9] = 2;
      c[10] = 's';
      c[11] = 'w';
      send_rtcp(p, b, 28 + 16);
    }
  }
  for (int i = 0; i < p->nrx; i += 20) {
    int k = p->nrx - i > 20 ? 20 : p->nrx - i, n = 8;
    memset(b, 0, 8 + 24 * k);
    b[0] = 0x80 | k;
    b[1] = 201;
    w16(b + 2, 1 + 6 * k);
    w32(b + 4, p->rr_ssrc);
    for (int j = 0; j < k; j++, n += 24) {
      struct rx *r = &p->rx[i + j];
      w32(b + n, r->ssrc);
      w32(b + n + 8, (u32)r->max);
      w32(b + n + 12, 10);
    }
    send_rtcp(p, b, n);
  }
}

/* ---- RTP in ---- */
static void on_rtcp(struct peer *p, u8 *b, int n) {
  S.rx_rtcp++;
  if (!p->is_pub) return;
  int len = n;
  if (srtp_unprotect_rtcp(p->srx, b, &len)) {
    S.auth_fail++;
    return;
  }
  for (int o = 0; o + 4 <= len;) {
    int l = 4 * (r16(b + o + 2) + 1), pt = b[o + 1], f = b[o] & 31;
    if (pt == 206 && (f == 1 || f == 4)) {
      S.pli++;
      p->want_key = 1;
    }
    if (pt == 205 && f == 1) S.nack++;
    o += l;
  }
}

/* Reports the first keyframe whose packets all arrived, in order: what a decoder could show first. The time
   is on CLOCK_MONOTONIC, which is also the clock of the harness. */
static void watch_keyframe(struct peer *p, const u8 *b, const u8 *payload, int len) {
  int video = payload[0] & 0x80, start = payload[0] & 0x10, key = start && len > 8 && !(payload[4] & 1);
  u32 ssrc = r32(b + 8);
  u16 seq = r16(b + 2);
  if (!video) return;
  if (key)
    p->key_open = 1, p->key_ssrc = ssrc;
  else if (!p->key_open || ssrc != p->key_ssrc)
    return;
  else if (start || seq != p->key_seq) {
    p->key_open = 0;
    return;
  }
  p->key_seq = seq + 1;
  if (b[1] & 0x80) {
    p->watch = 0;
    say("{\"t\":\"decodable\",\"id\":%d,\"at_ms\":%.3f}", p->id, now_ns() / 1e6);
  }
}

static void on_rtp(struct peer *p, u8 *b, int n, struct msghdr *mh) {
  u32 ssrc = r32(b + 8);
  u16 seq = r16(b + 2);
  struct rx *r = NULL;
  for (int i = 0; i < p->nrx; i++)
    if (p->rx[i].ssrc == ssrc) {
      r = &p->rx[i];
      break;
    }
  if (!r) {
    if (p->nrx == MAX_RX) return;
    r = &p->rx[p->nrx++];
    memset(r, 0, sizeof *r);
    r->ssrc = ssrc;
    r->pt = b[1] & 127;
    r->base = r->max = seq + 65536;
    r->max--;
  }
  int64_t ext = r->max + (int16_t)(seq - (u16)r->max);
  if (ext > r->max)
    r->max = ext;
  else
    r->late++;
  r->pkts++;
  r->bytes += n;
  S.rx_pkts++;
  S.rx_bytes += n;
  u32 h = (seq + ssrc) * 2654435761u;
  if ((p->watch || ((h >> 12) & sample_mask) == 0) && p->srx) {
    int len = n;
    S.sampled++;
    if (srtp_unprotect(p->srx, b, &len)) {
      S.auth_fail++;
      return;
    }
    int o = 12 + 4 * (b[0] & 15);
    if (b[0] & 0x10) o += 4 + 4 * r16(b + o + 2);
    u8 *q = b + o + 16;
    if (o + 32 > len || memcmp(q, "SWB1", 4)) {
      S.bad_magic++;
      return;
    }
    if (p->watch) watch_keyframe(p, b, b + o, len - o);
    u64 sent, got = 0;
    memcpy(&sent, q + 8, 8);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c))
      if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
        struct timespec t;
        memcpy(&t, CMSG_DATA(c), sizeof t);
        got = t.tv_sec * 1000000000ull + t.tv_nsec;
      }
    u64 rn = real_ns();
    if (!got) got = rn;
    u32 i = lat_seen < MAX_LAT ? n_lat++ : (u32)(rnd() % MAX_LAT);
    lat_seen++;
    lat_us[i] = got > sent ? (got - sent) / 1000 : 0;
    lag_us[i] = rn > got ? (rn - got) / 1000 : 0;
  }
}
static struct mmsghdr mm[VLEN];
static struct iovec iov[VLEN];
static u8 *bufs[VLEN];
static u8 ctl[VLEN][64];
static struct sockaddr_in from[VLEN];

static int drain(struct peer *p) {
  for (int i = 0; i < VLEN; i++) {
    mm[i].msg_hdr.msg_controllen = 64;
    mm[i].msg_hdr.msg_namelen = sizeof from[i];
  }
  int n = recvmmsg(p->fd, mm, VLEN, MSG_DONTWAIT, NULL);
  for (int i = 0; i < n; i++) {
    u8 *b = bufs[i];
    int all = mm[i].msg_len, seg = all, len;
    if (all < 1) continue;
    if (gro)
      for (struct cmsghdr *c = CMSG_FIRSTHDR(&mm[i].msg_hdr); c; c = CMSG_NXTHDR(&mm[i].msg_hdr, c))
        if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == 104 /* UDP_GRO */) {
          int v;
          memcpy(&v, CMSG_DATA(c), sizeof v);
          if (v > 0) seg = v;
        }
    for (; all > 0; b += seg, all -= seg) {
      len = all < seg ? all : seg;
      if (b[0] >= 128 && b[0] < 192 && len >= 12) {
        if (b[1] >= 192 && b[1] <= 223) {
          if (p->srx) on_rtcp(p, b, len);
        } else
          on_rtp(p, b, len, &mm[i].msg_hdr);
      } else if (b[0] < 4 && len >= 20)
        on_stun(p, b, len, &from[i]);
      else if (b[0] >= 20 && b[0] < 64) {
        if (!p->ssl) {
          if (!p->have_remote) continue;
          dtls_mkssl(p);
        }
        BIO_write(p->rb, b, len);
        dtls_step(p);
      }
    }
  }
  return n > 0 ? n : 0;
}

/* ---- housekeeping ---- */
static u64 sk_drops(int fd) {
  u32 m[16] = {0};
  socklen_t l = sizeof m;
  if (getsockopt(fd, SOL_SOCKET, 55 /* SO_MEMINFO */, m, &l)) return 0;
  return m[8];
}

static int cmp(const void *a, const void *b) {
  u32 x = *(u32 *)a, y = *(u32 *)b;
  return x < y ? -1 : x > y;
}

static double pct(u32 *v, u32 n, double q) {
  if (!n) return -1;
  u32 i = (u32)(q * (n - 1));
  return v[i] / 1000.0;
}

static void note_late(u64 d) {
  if (n_late < MAX_LAT) late_us[n_late++] = d / 1000;
}

static void reset(void) {
  memset(&S, 0, sizeof S);
  S.t0 = now_ns();
  n_lat = n_late = 0;
  lat_seen = 0;
  for (int i = 0; i < nP; i++) {
    struct peer *p = P[i];
    p->drops0 = sk_drops(p->fd);
    for (int j = 0; j < p->nrx; j++) {
      struct rx *r = &p->rx[j];
      r->pkts = r->bytes = r->late = 0;
      r->base = r->max + 1;
    }
  }
}

static void stats(void) {
  double el = (now_ns() - S.t0) / 1e9;
  u64 exp = 0, drops = 0, minp = ~0ull, maxp = 0;
  int streams = 0, subs = 0, up = 0;
  for (int i = 0; i < nP; i++) {
    struct peer *p = P[i];
    drops += sk_drops(p->fd) - p->drops0;
    up += p->up;
    if (p->nrx) subs++;
    for (int j = 0; j < p->nrx; j++) {
      struct rx *r = &p->rx[j];
      exp += r->max - r->base + 1;
      streams++;
      if (r->pkts < minp) minp = r->pkts;
      if (r->pkts > maxp) maxp = r->pkts;
    }
  }
  qsort(lat_us, n_lat, 4, cmp);
  qsort(lag_us, n_lat, 4, cmp);
  qsort(late_us, n_late, 4, cmp);
  say("{\"t\":\"stats\",\"secs\":%.3f,\"peers_up\":%d,\"receivers\":%d,\"streams\":%d,\"stream_min_pkts\":%"
      "llu,\"stream_max_pkts\":%llu,\"rx_pkts\":%llu,\"rx_bytes\":%llu,\"expected\":%llu,\"rx_rtcp\":%llu,"
      "\"tx_pkts\":%llu,\"tx_err\":%llu,\"sampled\":%llu,\"auth_fail\":%llu,\"bad_payload\":%llu,\"pli\":%"
      "llu,\"nack\":%llu,\"client_drops\":%llu,\"lat_ms\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%."
      "3f},\"client_lag_p99_ms\":%.3f,\"pub_late_p99_ms\":%.3f,\"sweeps\":%llu}",
      el, up, subs, streams, (unsigned long long)(streams ? minp : 0), (unsigned long long)maxp,
      (unsigned long long)S.rx_pkts, (unsigned long long)S.rx_bytes, (unsigned long long)exp,
      (unsigned long long)S.rx_rtcp, (unsigned long long)S.tx_pkts, (unsigned long long)S.tx_err,
      (unsigned long long)S.sampled, (unsigned long long)S.auth_fail, (unsigned long long)S.bad_magic,
      (unsigned long long)S.pli, (unsigned long long)S.nack, (unsigned long long)drops,
      pct(lat_us, n_lat, .5), pct(lat_us, n_lat, .9), pct(lat_us, n_lat, .99), pct(lat_us, n_lat, 1),
      pct(lag_us, n_lat, .99), pct(late_us, n_late, .99), (unsigned long long)S.sweeps);
}

static struct peer *find(int id) {
  for (int i = 0; i < nP; i++)
    if (P[i]->id == id) return P[i];
  return NULL;
}

static void rndstr(char *o, int n) {
  static const char *c = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  for (int i = 0; i < n; i++) o[i] = c[rnd() % 62];
  o[n] = 0;
}

static void tune(int fd, int opt, int force, int v) {
  if (setsockopt(fd, SOL_SOCKET, force, &v, sizeof v)) setsockopt(fd, SOL_SOCKET, opt, &v, sizeof v);
}

static void command(char *l) {
  char c[32] = "";
  int id = 0, o = 0;
  sscanf(l, "%31s %n", c, &o);
  char *a = l + o;
  if (!strcmp(c, "peer")) {
    if (nP == MAX_PEERS) {
      say("{\"t\":\"error\",\"why\":\"too many peers\"}");
      return;
    }
    struct peer *p = calloc(1, sizeof *p);
    p->id = atoi(a);
    p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in s = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t sl = sizeof s;
    if (p->fd < 0 || bind(p->fd, (void *)&s, sl)) {
      perror("socket");
      exit(1);
    }
    getsockname(p->fd, (void *)&s, &sl);
    p->port = ntohs(s.sin_port);
    int one = 1;
    setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
    if (gro) setsockopt(p->fd, IPPROTO_UDP, 104 /* UDP_GRO */, &one, sizeof one);
    tune(p->fd, SO_RCVBUF, SO_RCVBUFFORCE, 4 << 20);
    tune(p->fd, SO_SNDBUF, SO_SNDBUFFORCE, 1 << 20);
    rndstr(p->lufrag, 8);
    rndstr(p->lpwd, 24);
    RAND_bytes((u8 *)&p->tie, 8);
    p->rr_ssrc = rnd();
    P[nP++] = p;
    say("{\"t\":\"local\",\"id\":%d,\"port\":%d,\"ufrag\":\"%s\",\"pwd\":\"%s\"}", p->id, p->port, p->lufrag,
        p->lpwd);
  } else if (!strcmp(c, "remote")) {
    char ip[64], uf[257], pw[257], dt[16], ic[16];
    int port;
    if (sscanf(a, "%d %63s %d %256s %256s %15s %15s", &id, ip, &port, uf, pw, dt, ic) != 7) {
      say("{\"t\":\"error\",\"why\":\"remote: bad arguments\"}");
      return;
    }
    struct peer *p = find(id);
    if (!p) return;
    if (strncmp(ip, "127.", 4)) {
      say("{\"t\":\"fail\",\"id\":%d,\"why\":\"%s is not a loopback address\"}", id, ip);
      return;
    }
    p->raddr.sin_family = AF_INET;
    p->raddr.sin_port = htons(port);
    inet_pton(AF_INET, ip, &p->raddr.sin_addr);
    connect(p->fd, (void *)&p->raddr, sizeof p->raddr);
    strcpy(p->rufrag, uf);
    strcpy(p->rpwd, pw);
    p->dtls_active = !strcmp(dt, "active");
    p->controlling = !strcmp(ic, "controlling");
    p->have_remote = 1;
    p->t0 = now_ns();
    p->next_stun = p->t0;
  } else if (!strcmp(c, "pub")) {
    struct tx A = {0}, V = {0};
    int apt = 0, vpt = 0, ext = 0, level = 0;
    if (sscanf(a, "%d %u %d %u %d %d %7s %7s %d", &id, &A.ssrc, &apt, &V.ssrc, &vpt, &ext, A.mid, V.mid,
               &level) < 6) {
      say("{\"t\":\"error\",\"why\":\"pub: bad arguments\"}");
      return;
    }
    struct peer *p = find(id);
    if (!p) return;
    A.pt = apt;
    V.pt = vpt;
    A.seq = rnd() & 0x3fff;
    V.seq = rnd() & 0x3fff;
    A.ts = rnd();
    V.ts = rnd();
    p->a = A;
    p->v = V;
    p->mid_ext = ext;
    p->level_ext = level;
    p->is_pub = 1;
    p->picid = rnd() & 0x3fff;
  } else if (!strcmp(c, "media")) {
    int on = atoi(a), k = 0, n = 0;
    u64 t = now_ns() + 20000000ull;
    for (int i = 0; i < nP; i++) n += P[i]->is_pub;
    for (int i = 0; i < nP; i++)
      if (P[i]->is_pub) {
        struct peer *p = P[i];
        p->media = on;
        p->next_v = t + (u64)(1e9 / M.fps * k / n);
        p->next_a = t + (u64)(20e6 * k / n) + 3000000;
        p->next_key = p->next_v + (u64)(M.key_secs * 1e9 * k / n);
        p->want_key = 1;
        k++;
      }
    say("{\"t\":\"ok\"}");
  } else if (!strcmp(c, "spin")) {
    spin = atoi(a);
    say("{\"t\":\"ok\"}");
  } else if (!strcmp(c, "watch")) {
    struct peer *p = find(atoi(a));
    if (p) p->watch = 1;
  } else if (!strcmp(c, "reset")) {
    reset();
    say("{\"t\":\"ok\"}");
  } else if (!strcmp(c, "stats"))
    stats();
  else if (!strcmp(c, "forget")) {
    for (int i = 0; i < nP; i++) P[i]->nrx = 0;
    say("{\"t\":\"ok\"}");
  } else if (!strcmp(c, "quit")) {
    for (int i = 0; i < nP; i++)
      if (P[i]->up) {
        SSL_shutdown(P[i]->ssl);
        dtls_flush(P[i]);
      }
    exit(0);
  } else if (*c)
    say("{\"t\":\"error\",\"why\":\"unknown command\"}");
}

static char in[65536];
static int nin;

static void read_stdin(void) {
  int n = read(0, in + nin, sizeof in - 1 - nin);
  if (n == 0) exit(0);
  if (n < 0) return;
  nin += n;
  in[nin] = 0;
  char *s = in, *e;
  while ((e = memchr(s, '\n', in + nin - s))) {
    *e = 0;
    command(s);
    s = e + 1;
  }
  nin = in + nin - s;
  memmove(in, s, nin);
}

static void timers(u64 t) {
  for (int i = 0; i < nP; i++) {
    struct peer *p = P[i];
    if (!p->have_remote) continue;
    if (t >= p->next_stun) {
      stun_request(p);
      p->stun_tries++;
      p->next_stun = t + (p->ice_ok ? 2500000000ull : 50000000ull) + rnd() % 20000000;
    }
    if (!p->up && p->dtls_due && t >= p->dtls_due && !p->failed) {
      DTLSv1_handle_timeout(p->ssl);
      dtls_step(p);
    }
    if (p->up && t >= p->next_rtcp) {
      rtcp_tick(p);
      p->next_rtcp = t + 900000000ull + rnd() % 200000000;
    }
  }
}

int main(int argc, char **argv) {
  const char *profiles = "SRTP_AEAD_AES_128_GCM";
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *k = argv[i], *v = argv[i + 1];
    if (!strcmp(k, "--srtp"))
      profiles = v;
    else if (!strcmp(k, "--fps"))
      M.fps = atoi(v);
    else if (!strcmp(k, "--sample"))
      sample_mask = atoi(v) - 1;
    else if (!strcmp(k, "--key-secs"))
      M.key_secs = atof(v);
    else if (!strcmp(k, "--delta-pkts"))
      M.delta_pkts = atoi(v);
    else if (!strcmp(k, "--key-pkts"))
      M.key_pkts = atoi(v);
    else if (!strcmp(k, "--gro"))
      gro = atoi(v);
    else if (!strcmp(k, "--vsize"))
      M.vsize = atoi(v);
    else if (!strcmp(k, "--vary"))
      M.vary = atoi(v);
  }
  setvbuf(stdout, NULL, _IOLBF, 1 << 16);
  crc_init();
  srtp_init();
  dtls_init(profiles);
  RAND_bytes(filler, sizeof filler);
  lat_us = malloc(4 * MAX_LAT);
  lag_us = malloc(4 * MAX_LAT);
  late_us = malloc(4 * MAX_LAT);
  for (int i = 0; i < VLEN; i++) {
    iov[i].iov_len = gro ? 65536 : BUFSZ;
    iov[i].iov_base = bufs[i] = malloc(iov[i].iov_len);
    mm[i].msg_hdr.msg_iov = &iov[i];
    mm[i].msg_hdr.msg_iovlen = 1;
    mm[i].msg_hdr.msg_control = ctl[i];
    mm[i].msg_hdr.msg_name = &from[i];
  }
  fcntl(0, F_SETFL, O_NONBLOCK);
  reset();
  say("{\"t\":\"hello\",\"fingerprint\":\"%s\"}", fp);
  u64 next_in = 0, next_tm = 0;
  const u64 FI = 1000000000ull / M.fps;
  int at = 0;
  for (;;) {
    u64 t = now_ns();
    for (int i = 0; i < nP; i++) {
      struct peer *p = P[i];
      if (!p->media || !p->up) continue;
      if (t >= p->next_a && p->a.ssrc) {
        note_late(t - p->next_a);
        send_audio(p);
        p->next_a += 20000000ull;
      }
      if (t >= p->next_v && p->v.ssrc) {
        note_late(t - p->next_v);
        send_frame(p, t);
        p->next_v += FI;
      }
    }
    if (t >= next_tm) {
      timers(t);
      next_tm = t + 5000000;
    }
    if (t >= next_in) {
      read_stdin();
      next_in = t + 1000000;
    }
    /* sweep the sockets; go back to the pacing clock after 256 packets at the latest */
    int got = 0, seen = 0;
    while (seen < nP && got < 256) {
      got += drain(P[at % nP]);
      at = (at + 1) % (nP ? nP : 1);
      seen++;
    }
    S.sweeps++;
    if (!spin && !got) {
      struct pollfd f = {0, POLLIN, 0};
      struct timespec ts = {0, 300000};
      ppoll(&f, 1, &ts, NULL);
      next_in = 0;
    }
  }
}
