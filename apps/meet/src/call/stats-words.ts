import type { StatsSample, TrackStats } from '@switchyard/client';

export interface TrackRow {
  readonly trackSid: string;
  readonly isOutgoing: boolean;
  /** As `Ada, camera`. */
  readonly what: string;
  readonly bitrateBps: number;
  /** As `1280×720, 30 fps`; empty for sound. */
  readonly picture: string;
  readonly loss: string;
  readonly isLossy: boolean;
  readonly codec: string;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** From here on people hear and see it. */
const LOSSY_RATIO = 0.02;

const SOURCES: Record<TrackStats['source'], string> = {
  camera: 'camera',
  microphone: 'microphone',
  screenShare: 'screen',
  screenShareAudio: 'screen sound',
  unknown: 'other',
};

export function connectionRows({ connection }: StatsSample): readonly Fact[] {
  const { roundTripMs, outgoingBps, incomingBps, availableOutgoingBps } = connection;
  const { protocol, localCandidateType, remoteAddress } = connection;
  const way = [protocol.toUpperCase(), localCandidateType].filter(Boolean).join(', ');
  return [
    { label: 'Round trip', value: roundTripMs > 0 ? `${Math.round(roundTripMs)} ms` : 'measuring' },
    { label: 'Sending', value: inBitrate(outgoingBps) },
    { label: 'Receiving', value: inBitrate(incomingBps) },
    ...(availableOutgoingBps > 0
      ? [{ label: 'Room for sending', value: inBitrate(availableOutgoingBps) }]
      : []),
    { label: 'Way', value: way || 'none yet' },
    ...(remoteAddress ? [{ label: 'Server', value: remoteAddress }] : []),
  ];
}

/** One row per track, oneself first. */
export function trackRows(
  sample: StatsSample,
  nameOf: (trackSid: string) => string,
): readonly TrackRow[] {
  return sample.tracks
    .map((track) => ({
      trackSid: track.trackSid,
      isOutgoing: track.direction === 'outgoing',
      what: `${nameOf(track.trackSid)}, ${SOURCES[track.source]}`,
      bitrateBps: track.bitrateBps,
      picture: pictureOf(track),
      loss: `${(track.packetLossRatio * 100).toFixed(1)} %`,
      isLossy: track.packetLossRatio >= LOSSY_RATIO,
      codec: track.codec.replace(/^(audio|video)\//, ''),
    }))
    .sort((a, b) => Number(b.isOutgoing) - Number(a.isOutgoing) || a.what.localeCompare(b.what));
}

/** `640 kbit/s`, `1.4 Mbit/s`. */
export function inBitrate(bps: number): string {
  if (bps >= 999_500) return `${(bps / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(bps / 1000)} kbit/s`;
}

/** For a report to whoever runs the server. */
export function statsAsText(
  sample: StatsSample,
  nameOf: (trackSid: string) => string,
  room: string,
): string {
  const lines = [
    `Room ${room}, ${new Date(sample.at).toISOString()}`,
    ...connectionRows(sample).map(({ label, value }) => `${label}: ${value}`),
    ...trackRows(sample, nameOf).map(
      ({ isOutgoing, what, bitrateBps, picture, loss, codec }) =>
        `${isOutgoing ? 'send' : 'receive'} ${what}: ${inBitrate(bitrateBps)}, ${picture || 'sound'}, loss ${loss}, ${codec}`,
    ),
  ];
  return lines.join('\n');
}

function pictureOf({ width, height, framesPerSecond, layers }: TrackStats): string {
  if (width === 0) return '';
  const count = layers.length > 1 ? `, ${layers.length} sizes` : '';
  return `${width}×${height}, ${Math.round(framesPerSecond)} fps${count}`;
}
