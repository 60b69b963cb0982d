import { classify, FrameReader, millis, printIp } from '@switchyard/core/base';
import { DtlsRecordGate } from '@switchyard/core/dtls';
import { IceLiteAgent, readLocalUfrag } from '@switchyard/core/ice';
import {
  ControlFrameReader,
  parseRelayOpen,
  RelayFrameReader,
  RelayKind,
} from '@switchyard/core/media-api';
import {
  byeSsrc,
  CnameReader,
  firCount,
  firSequence,
  firSsrc,
  NackReader,
  ntpFraction,
  ntpSeconds,
  ReportBlock,
  RtcpKind,
  RtcpReader,
  rembBps,
  rembSsrc,
  rembSsrcCount,
  reportTimestamp,
  TransportFeedbackReader,
  XrReader,
} from '@switchyard/core/rtcp';
import {
  readXorAddress,
  rejectRequest,
  StunAttribute,
  StunView,
  shortTermKey,
  writeBindingSuccess,
} from '@switchyard/core/stun';
import { SeededRandom } from '../testkit/seeded-random.ts';
import { stunCrypto } from '../testkit/stun-crypto.ts';
import {
  CONTROL_FRAMES,
  DTLS,
  RELAY_FRAMES,
  RTCP,
  RTP,
  STUN,
  STUN_PASSWORD,
  TCP_FRAMES,
} from './corpus.ts';
import { type FuzzTarget, readBetween } from './target.ts';

const NOW = millis(1_000);
const SOURCE = { ip: Uint8Array.of(192, 0, 2, 1), port: 4242 };

const demux: FuzzTarget = {
  name: 'demux',
  corpus: [...STUN, ...DTLS, ...RTP, ...RTCP],
  run: (input) => void readBetween(input, classify),
};

const stun: FuzzTarget = {
  name: 'stun',
  corpus: STUN,
  run: (input) =>
    void readBetween(input, (buf, at, length) => {
      const view = new StunView();
      if (!view.parse(buf, at, length)) return false;
      const out = new Uint8Array(2048);
      const address = view.find(StunAttribute.xorMappedAddress);
      return {
        length: view.length,
        class: view.messageClass,
        method: view.method,
        attributes: Object.values(StunAttribute).map((type) => {
          const valueAt = view.find(type);
          return valueAt < 0 ? null : [valueAt, view.lengthOf(valueAt)];
        }),
        error: view.errorCode,
        address: address < 0 ? null : readXorAddress(view, address)?.port,
        integrity: view.hasValidIntegrity(stunCrypto, shortTermKey(STUN_PASSWORD)),
        fingerprint: view.hasValidFingerprint(),
        ufrag: readLocalUfrag(view),
        refusal: rejectRequest(view, 401, out, 0),
        success: writeBindingSuccess(view, SOURCE, out, 0),
      };
    }),
};

/** Checks meet an agent; only an authentic one may change it. */
const iceLite: FuzzTarget = {
  name: 'ice-lite',
  corpus: STUN,
  run(input) {
    const agent = new IceLiteAgent({
      local: { ufrag: 'abcd', pwd: STUN_PASSWORD },
      remote: { ufrag: 'efgh', pwd: STUN_PASSWORD },
      crypto: stunCrypto,
      random: new SeededRandom(1),
    });
    const view = new StunView();
    if (!view.parse(input, 0, input.length)) return;
    const out = new Uint8Array(2048);
    const verdict = agent.authenticate(view);
    const isAuthentic = view.hasValidIntegrity(stunCrypto, shortTermKey(STUN_PASSWORD));
    if (verdict === 0 && !isAuthentic) throw new Error('a forged check was accepted');
    if (verdict === 0) agent.acceptCheck(NOW, view, 1, SOURCE, out, 0);
    else if (agent.rejectCheck(view, verdict, out, 0) > 3 * input.length)
      throw new Error('a refusal amplifies');
    agent.handleResponse(NOW, view, 1);
    if (verdict !== 0 && (agent.selected !== -1 || agent.pollEvent() !== undefined))
      throw new Error('a forged message changed the agent');
    agent.handleTimeout(millis(100_000));
  },
};

const rtcp: FuzzTarget = {
  name: 'rtcp',
  corpus: RTCP,
  run: (input) =>
    void readBetween(input, (buf, at, length) => {
      const reader = new RtcpReader();
      reader.reset(buf, at, length);
      const seen: unknown[] = [];
      while (reader.next()) {
        if (reader.at < at || reader.at + reader.length > at + length)
          throw new Error('a sub-packet beyond the datagram');
        seen.push([reader.kind, reader.senderSsrc, reader.mediaSsrc, detailsOf(reader)]);
        if (seen.length > length / 4) throw new Error('more sub-packets than fit');
      }
      return seen;
    }),
};

function detailsOf(reader: RtcpReader): unknown {
  const details: unknown[] = [];
  const block = new ReportBlock();
  for (let i = 0; block.read(reader, i); i++) details.push({ ...block });
  switch (reader.kind) {
    case RtcpKind.senderReport:
      return [ntpSeconds(reader), ntpFraction(reader), reportTimestamp(reader), details];
    case RtcpKind.sourceDescription: {
      const names = new CnameReader();
      names.reset(reader);
      while (names.next()) details.push({ ...names });
      return details;
    }
    case RtcpKind.bye:
      for (let i = 0; i < reader.count; i++) details.push(byeSsrc(reader, i));
      return details;
    case RtcpKind.nack: {
      const nack = new NackReader();
      nack.reset(reader);
      while (nack.next()) details.push(nack.sequenceNumber);
      return details;
    }
    case RtcpKind.twcc: {
      const feedback = new TransportFeedbackReader();
      if (!feedback.reset(reader)) return null;
      while (feedback.next())
        details.push([feedback.sequenceNumber, feedback.isReceived, feedback.arrivalTicks]);
      if (details.length !== feedback.statusCount) throw new Error('statuses are missing');
      return details;
    }
    case RtcpKind.fir:
      for (let i = 0; i < firCount(reader); i++)
        details.push([firSsrc(reader, i), firSequence(reader, i)]);
      return details;
    case RtcpKind.remb:
      for (let i = 0; i < rembSsrcCount(reader); i++) details.push(rembSsrc(reader, i));
      return [rembBps(reader), details];
    case RtcpKind.extendedReport: {
      const xr = new XrReader();
      xr.reset(reader);
      while (xr.next()) details.push([xr.block, xr.ssrc, xr.lastReport, xr.ntpSeconds]);
      return details;
    }
    default:
      return details;
  }
}

const dtlsGate: FuzzTarget = {
  name: 'dtls-gate',
  corpus: DTLS,
  run: (input) =>
    void readBetween(input, (buf, at, length) => {
      const gate = new DtlsRecordGate();
      const before = [gate.check(NOW, buf, at, length), gate.check(NOW, buf, at, length)];
      gate.handshakeCompleted('aesGcm');
      const behind = gate.check(NOW, buf, at, length);
      if (behind === 0) expectWholeRecords(buf, at, at + length);
      return [before, behind];
    }),
};

/** What the gate lets through after the handshake: nothing that OpenSSL's shortcomings could meet. */
function expectWholeRecords(buf: Uint8Array, start: number, end: number): void {
  let at = start;
  while (at < end) {
    const length = (buf[at + 11]! << 8) | buf[at + 12]!;
    const epoch = (buf[at + 3]! << 8) | buf[at + 4]!;
    if (at + 13 + length > end || epoch > 1) throw new Error('the gate let a cut record through');
    if (epoch === 1 && length < 24) throw new Error('the gate let a short record through');
    at += 13 + length;
  }
}

/** Cuts the input into chunks; whatever the cuts, the frames must be the same. */
function chunked<Frame>(
  input: Uint8Array,
  makeReader: () => (chunk: Uint8Array) => Frame[],
): Frame[] {
  const whole = makeReader()(input.slice());
  const read = makeReader();
  const frames: Frame[] = [];
  const step = 1 + ((input[0] ?? 0) % 7);
  for (let at = 0; at < input.length; at += step) frames.push(...read(input.slice(at, at + step)));
  if (JSON.stringify(frames) !== JSON.stringify(whole))
    throw new Error('chunks change what is read');
  return whole;
}

const controlFrames: FuzzTarget = {
  name: 'control-frames',
  corpus: CONTROL_FRAMES,
  run: (input) =>
    void chunked(input, () => {
      const reader = new ControlFrameReader<unknown>();
      let failure: string | null = null;
      return (chunk) => {
        const result = reader.read(chunk);
        if (result.ok && failure !== null) throw new Error('it reads on behind a failure');
        if (!result.ok) failure = result.error.code;
        return [];
      };
    }),
};

const relayFrames: FuzzTarget = {
  name: 'relay-frames',
  corpus: RELAY_FRAMES,
  run: (input) =>
    void chunked(input, () => {
      const reader = new RelayFrameReader();
      return (chunk) => {
        const frames: unknown[] = [];
        for (let at = 0; at < chunk.length && !reader.isBroken; ) {
          at = reader.read(chunk, at, chunk.length);
          if (!reader.isComplete) continue;
          const { connection, kind, payload, length } = reader;
          const remote = kind === RelayKind.open ? parseRelayOpen(payload, 0, length) : null;
          const opened = remote?.ok === true ? printIp(remote.value.ip) : null;
          frames.push([connection, kind, Array.from(payload.subarray(0, length)), opened]);
        }
        return frames;
      };
    }),
};

const tcpFrames: FuzzTarget = {
  name: 'tcp-frames',
  corpus: TCP_FRAMES,
  run: (input) =>
    void chunked(input, () => {
      const reader = new FrameReader();
      return (chunk) => {
        const frames: unknown[] = [];
        for (let at = 0; at < chunk.length; ) {
          at = reader.read(chunk, at, chunk.length);
          const { frame, frameLength } = reader;
          if (frameLength > 0) frames.push(Array.from(frame.subarray(0, frameLength)));
        }
        return frames;
      };
    }),
};

export const wireTargets: readonly FuzzTarget[] = [
  demux,
  stun,
  iceLite,
  rtcp,
  dtlsGate,
  controlFrames,
  relayFrames,
  tcpFrames,
];
