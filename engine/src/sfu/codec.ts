import type { CodecParameters, ExtensionParameters } from '@switchyard/core/media-api';
import { type CodecKind, codecKind, ExtensionIds, extensionKind } from '@switchyard/core/rtp';

/** A negotiated codec as the packet path wants it. */
export interface Codec {
  readonly kind: CodecKind;
  readonly payloadType: number;
  /** -1 when RTX was not negotiated. */
  readonly rtxPayloadType: number;
  /** Hz. */
  readonly clockRate: number;
  readonly matchKey: string;
  readonly nack: boolean;
  readonly pli: boolean;
  readonly fir: boolean;
  readonly remb: boolean;
  readonly transportCc: boolean;
}

export const codecOf = (parameters: CodecParameters): Codec => ({
  kind: codecKind(parameters.name),
  payloadType: parameters.payloadType,
  rtxPayloadType: parameters.rtxPayloadType ?? -1,
  clockRate: parameters.clockRate,
  matchKey: parameters.matchKey,
  nack: parameters.nack,
  pli: parameters.pli,
  fir: parameters.fir,
  remb: parameters.remb,
  transportCc: parameters.transportCc,
});

/** Codecs by payload type, for one look-up per packet. */
export class CodecTable {
  readonly #byPayloadType: (Codec | null)[] = new Array<Codec | null>(128).fill(null);
  /** The codec an RTX payload type repairs. */
  readonly #byRtxPayloadType: (Codec | null)[] = new Array<Codec | null>(128).fill(null);

  constructor(codecs: readonly CodecParameters[]) {
    for (const parameters of codecs) {
      const codec = codecOf(parameters);
      this.#byPayloadType[codec.payloadType & 127] = codec;
      if (codec.rtxPayloadType >= 0) this.#byRtxPayloadType[codec.rtxPayloadType & 127] = codec;
    }
  }

  /** @param payloadType 0..127. */
  find(payloadType: number): Codec | null {
    return this.#byPayloadType[payloadType]!;
  }

  findByRtx(payloadType: number): Codec | null {
    return this.#byRtxPayloadType[payloadType]!;
  }
}

/** The extensions of an m-line that Switchyard knows; others are left out. */
export function extensionIdsOf(extensions: readonly ExtensionParameters[]): ExtensionIds {
  const ids = new ExtensionIds();
  for (const { id, uri } of extensions) {
    const kind = extensionKind(uri);
    if (kind !== undefined) ids.set(kind, id);
  }
  return ids;
}
