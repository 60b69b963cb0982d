/**
 * `wrtc-peer.ts publish|play URL TOKEN`: an encoder of a picture with a dark and a light half and a tone of 440 Hz, or a
 * player that prints what it decoded. Runs until it is killed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import wrtc from '@roamhq/wrtc';
import { amplitude } from '../support/tone.ts';
import { until } from '../support/until.ts';

const { RTCPeerConnection, nonstandard } = wrtc;
const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } = nonstandard;

const WIDTH = 320;
const HEIGHT = 180;
const RATE = 48_000;
/** Samples of the 10 ms that a source takes at a time. */
const CHUNK = RATE / 100;
const TONE_HZ = 440;
/** Luminance of the left and the right half. */
const LEFT = 60;
const RIGHT = 190;
const LIFE_MS = 60_000;

/** The package's types leave out what its sinks give. */
interface Frame {
  readonly width: number;
  readonly height: number;
  /** I420. */
  readonly data: Uint8Array;
}

interface Chunk {
  readonly samples: Int16Array;
  readonly channelCount?: number;
}

type Connection = InstanceType<typeof RTCPeerConnection>;

const [way, url = '', token = ''] = process.argv.slice(2);
const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
if (way === 'publish') await publish(connection);
else await play(connection);
await sleep(LIFE_MS);
process.exit();

async function publish(pc: Connection): Promise<void> {
  const video = new RTCVideoSource();
  const audio = new RTCAudioSource();
  for (const source of [audio, video])
    pc.addTransceiver(source.createTrack(), { direction: 'sendonly' });
  const data = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128);
  for (let y = 0; y < HEIGHT; y++) {
    data.fill(LEFT, y * WIDTH, y * WIDTH + WIDTH / 2);
    data.fill(RIGHT, y * WIDTH + WIDTH / 2, (y + 1) * WIDTH);
  }
  const start = performance.now();
  let chunks = 0;
  let frames = 0;
  setInterval(() => {
    const elapsed = performance.now() - start;
    for (; frames * 66 < elapsed; frames++) video.onFrame({ width: WIDTH, height: HEIGHT, data });
    for (; chunks * 10 < elapsed; chunks++) audio.onData(toneChunk(chunks));
  }, 10);
  await connect(pc);
}

function toneChunk(number: number) {
  const samples = Int16Array.from({ length: CHUNK }, (_, i) =>
    Math.round(16_000 * Math.sin((2 * Math.PI * TONE_HZ * (number * CHUNK + i)) / RATE)),
  );
  const format = { sampleRate: RATE, bitsPerSample: 16, channelCount: 1 };
  return { samples, ...format, numberOfFrames: CHUNK };
}

async function play(pc: Connection): Promise<void> {
  const sound = new RTCAudioSink(
    pc.addTransceiver('audio', { direction: 'recvonly' }).receiver.track,
  );
  const picture = new RTCVideoSink(
    pc.addTransceiver('video', { direction: 'recvonly' }).receiver.track,
  );
  let frames = 0;
  let last: Frame | null = null;
  picture.onframe = ({ frame }: { frame: Frame }) => {
    frames++;
    last = frame;
  };
  const chunks: number[][] = [];
  sound.ondata = ({ samples, channelCount = 1 }: Chunk) => {
    const first = samples.filter((_, at) => at % channelCount === 0);
    chunks.push(Array.from(first, (sample) => sample / 32_768));
  };
  await connect(pc);
  await until('frames and sound', () => frames >= 10 && chunks.length >= 100);
  const heard = chunks.slice(-20).flat();
  const tone440 = amplitude(heard, 440, RATE);
  const tone1000 = amplitude(heard, 1_000, RATE);
  console.log(JSON.stringify({ ...measure(last), tone440, tone1000, done: true }));
}

function measure(frame: Frame | null) {
  if (!frame) return {};
  const { width, height, data } = frame;
  const middle = Math.floor(height / 2) * width;
  const left = data[middle + Math.floor(width / 4)];
  const right = data[middle + Math.floor((width * 3) / 4)];
  return { width, height, left, right };
}

async function connect(pc: Connection): Promise<void> {
  await pc.setLocalDescription(await pc.createOffer());
  await until('candidates', () => pc.iceGatheringState === 'complete');
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' },
    body: pc.localDescription?.sdp ?? '',
  });
  const sdp = await response.text();
  if (response.status !== 201) throw new Error(`${response.status} ${sdp}`);
  await pc.setRemoteDescription({ type: 'answer', sdp });
  await until('the connection', () => pc.connectionState === 'connected');
  console.log(JSON.stringify({ state: 'connected' }));
}
