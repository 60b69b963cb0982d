import type { ConnectionStats, StatsSample, TrackStats } from './stats.ts';
import type { TrackPublication } from './track-publication.ts';

/** One entry of a report; only fields that W3C webrtc-stats defines are read. */
type Entry = Readonly<Record<string, unknown>>;
type Report = { get(id: string): unknown; forEach(visit: (entry: Entry) => void): void };
/** What is read of a publication. */
type Publication = Pick<TrackPublication, 'sid' | 'source' | 'isMuted'> & {
  readonly mid: string | null;
};

/** Compares two reports of one connection. Streams are told apart by m-line (`mid`). */
export function normaliseStats(
  now: Report,
  before: Report,
  publications: readonly TrackPublication[],
): StatsSample {
  const byMid = new Map<string, Publication>();
  for (const publication of publications as readonly (TrackPublication & Publication)[]) {
    if (publication.mid !== null) byMid.set(publication.mid, publication);
  }
  const streams = new Map<string, Entry[]>();
  let at = 0;
  now.forEach((entry) => {
    if (entry['type'] !== 'inbound-rtp' && entry['type'] !== 'outbound-rtp') return;
    at = Math.max(at, num(entry, 'timestamp'));
    const mid = text(entry, 'mid');
    streams.set(mid, [...(streams.get(mid) ?? []), entry]);
  });
  const tracks: TrackStats[] = [];
  for (const [mid, entries] of streams) {
    const publication = byMid.get(mid);
    if (publication) tracks.push(toTrack(publication, entries, now, before));
  }
  return { at, connection: toConnection(now, before), tracks };
}

function toTrack(
  publication: Publication,
  entries: readonly Entry[],
  now: Report,
  before: Report,
): TrackStats {
  const isIncoming = entries[0]?.['type'] === 'inbound-rtp';
  const bytes = isIncoming ? 'bytesReceived' : 'bytesSent';
  const largest = entries.reduce((a, b) => (num(b, 'frameWidth') > num(a, 'frameWidth') ? b : a));
  const active = entries
    .filter((entry) => rate(entry, before, bytes) > 0)
    .sort((a, b) => num(a, 'frameWidth') - num(b, 'frameWidth'));
  return {
    trackSid: publication.sid,
    source: publication.source,
    direction: isIncoming ? 'incoming' : 'outgoing',
    codec: text(asEntry(now.get(text(largest, 'codecId'))), 'mimeType'),
    bitrateBps: Math.round(sum(entries, (entry) => rate(entry, before, bytes)) * 8),
    packetLossRatio: isIncoming ? incomingLoss(entries, before) : outgoingLoss(entries, now),
    jitterMs: num(isIncoming ? largest : remoteOf(largest, now), 'jitter') * 1_000,
    width: num(largest, 'frameWidth'),
    height: num(largest, 'frameHeight'),
    framesPerSecond: num(largest, 'framesPerSecond'),
    freezeCount: num(largest, 'freezeCount'),
    layers: active.map((entry) => text(entry, 'rid')).filter((rid) => rid !== ''),
  };
}

function toConnection(now: Report, before: Report): ConnectionStats {
  let transport: Entry = {};
  now.forEach((entry) => {
    if (entry['type'] === 'transport') transport = entry;
  });
  const pair = asEntry(now.get(text(transport, 'selectedCandidatePairId')));
  const local = asEntry(now.get(text(pair, 'localCandidateId')));
  const remote = asEntry(now.get(text(pair, 'remoteCandidateId')));
  return {
    roundTripMs: num(pair, 'currentRoundTripTime') * 1_000,
    availableOutgoingBps: num(pair, 'availableOutgoingBitrate'),
    outgoingBps: Math.round(rate(transport, before, 'bytesSent') * 8),
    incomingBps: Math.round(rate(transport, before, 'bytesReceived') * 8),
    protocol: text(local, 'protocol'),
    localCandidateType: text(local, 'candidateType'),
    remoteAddress: text(remote, 'address'),
  };
}

function incomingLoss(entries: readonly Entry[], before: Report): number {
  const lost = sum(entries, (entry) => difference(entry, before, 'packetsLost'));
  const received = sum(entries, (entry) => difference(entry, before, 'packetsReceived'));
  return lost <= 0 ? 0 : lost / (lost + received);
}

/** What the server reported of our packets (RTCP receiver reports). */
function outgoingLoss(entries: readonly Entry[], now: Report): number {
  return Math.max(0, ...entries.map((entry) => num(remoteOf(entry, now), 'fractionLost')));
}

function remoteOf(entry: Entry, report: Report): Entry {
  return asEntry(report.get(text(entry, 'remoteId')));
}

/** Units per second since the report before; 0 for streams that are new in this one. */
function rate(entry: Entry, before: Report, field: string): number {
  const old = asEntry(before.get(text(entry, 'id')));
  const seconds = (num(entry, 'timestamp') - num(old, 'timestamp')) / 1_000;
  if (old['id'] === undefined || seconds <= 0) return 0;
  return Math.max(0, (num(entry, field) - num(old, field)) / seconds);
}

function difference(entry: Entry, before: Report, field: string): number {
  return num(entry, field) - num(asEntry(before.get(text(entry, 'id'))), field);
}

function sum(entries: readonly Entry[], value: (entry: Entry) => number): number {
  return entries.reduce((total, entry) => total + value(entry), 0);
}

function num(entry: Entry, field: string): number {
  const value = entry[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function text(entry: Entry, field: string): string {
  const value = entry[field];
  return typeof value === 'string' ? value : '';
}

function asEntry(value: unknown): Entry {
  return typeof value === 'object' && value !== null ? (value as Entry) : {};
}
