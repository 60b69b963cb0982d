import { Counter, Gauge, Registry } from 'prom-client';
import type { RoomEvent, WorkerSummary } from '../rooms/index.ts';

/** What `/metrics` tells, in the Prometheus text format. Fed with the rooms' events and load reports. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #rooms = this.#gauge('rooms', 'Rooms that exist now.');
  readonly #participants = this.#gauge('participants', 'Participants in all rooms.', ['kind']);
  readonly #tracks = this.#gauge('tracks', 'Published tracks.', ['media', 'source']);
  readonly #joins = this.#counter('joins_total', 'Participants that joined.', ['kind']);
  readonly #leaves = this.#counter('leaves_total', 'Participants that left.', ['reason']);
  readonly #resumes = this.#counter('resumes_total', 'Sessions resumed after a dropped socket.');
  readonly #errors = this.#counter('request_errors_total', 'Requests refused.', [
    'request',
    'code',
  ]);
  readonly #transportFailures = this.#counter('transport_failures_total', 'Failed transports.');
  readonly #workerCpu = this.#gauge('worker_cpu_ratio', 'Share of one core used.', ['worker']);
  readonly #workerPacketsIn = this.#gauge('worker_packets_in', 'Packets received per second.', [
    'worker',
  ]);
  readonly #workerPacketsOut = this.#gauge('worker_packets_out', 'Packets sent per second.', [
    'worker',
  ]);
  readonly #workerTransports = this.#gauge('worker_transports', 'Open transports.', ['worker']);
  readonly #workerDropped = this.#counter(
    'worker_datagrams_dropped_total',
    'Datagrams dropped since the worker started. srtpUnauthenticated, srtcpUnauthenticated: wrong tag. ' +
      'srtpReplayed, srtcpReplayed: accepted before or too old. dtlsDropped: a record that cannot belong to the ' +
      'association. handshakesRefused: too many unfinished handshakes. unknownSource: an address that has not ' +
      'authenticated itself. unknownKind: none of STUN, DTLS, RTP, RTCP. malformed: a bad header. unbound: of no ' +
      'm-line or before the keys. unpublished: its track is not open. tooManyStreams: more SSRCs than a transport ' +
      'may have. overload: more in one turn than there is room for.',
    ['worker', 'reason'],
  );

  handleEvent(event: RoomEvent): void {
    switch (event.kind) {
      case 'roomStarted':
        this.#rooms.inc();
        return;
      case 'roomEnded':
        this.#rooms.dec();
        return;
      case 'participantJoined':
        this.#joins.inc({ kind: event.participant.kind });
        this.#participants.inc({ kind: event.participant.kind });
        return;
      case 'participantLeft':
        this.#leaves.inc({ reason: event.reason });
        this.#participants.dec({ kind: event.participant.kind });
        return;
      case 'trackPublished':
        this.#tracks.inc({ media: event.track.kind, source: event.track.source });
        return;
      case 'trackUnpublished':
        this.#tracks.dec({ media: event.track.kind, source: event.track.source });
        return;
      case 'participantResumed':
        this.#resumes.inc();
        return;
      case 'transportState':
        if (event.state === 'failed') this.#transportFailures.inc();
        return;
      case 'requestRefused':
        this.#errors.inc({ request: event.request, code: event.code });
        return;
    }
  }

  /** The text for one scrape; `workers` as they report themselves now. */
  async text(workers: readonly WorkerSummary[]): Promise<string> {
    for (const metric of [
      this.#workerCpu,
      this.#workerPacketsIn,
      this.#workerPacketsOut,
      this.#workerTransports,
      this.#workerDropped,
    ])
      metric.reset();
    for (const load of workers) {
      const worker = String(load.worker);
      this.#workerCpu.set({ worker }, load.cpu);
      this.#workerPacketsIn.set({ worker }, load.packetsInPerSecond);
      this.#workerPacketsOut.set({ worker }, load.packetsOutPerSecond);
      this.#workerTransports.set({ worker }, load.transports);
      for (const [reason, count] of Object.entries(load.dropped ?? {}))
        this.#workerDropped.inc({ worker, reason }, count);
    }
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> {
    return new Gauge({ name: `switchyard_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #counter<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[] = [],
  ): Counter<Label> {
    return new Counter({
      name: `switchyard_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
    });
  }
}
