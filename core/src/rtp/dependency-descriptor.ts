import { u16 } from '../base/index.ts';
import { BitReader } from './bit-reader.ts';
import {
  DependencyStructure,
  MAX_DECODE_TARGETS,
  MAX_FRAME_DIFFS,
} from './dependency-structure.ts';

/** Start, end, template id, frame number. */
const MANDATORY_LENGTH = 3;

/** What a frame means to a decode target. AV1 RTP specification §A.4. */
export const DecodeTargetIndication = {
  notPresent: 0,
  discardable: 1,
  switch: 2,
  required: 3,
} as const;
export type DecodeTargetIndication =
  (typeof DecodeTargetIndication)[keyof typeof DecodeTargetIndication];

/**
 * Reads the dependency descriptors of one stream (AV1 RTP specification, annex A), for any codec that
 * sends them. Keeps the newest template structure; a descriptor that needs one before it came, or
 * names none of its templates, is refused. Allocates nothing after construction.
 */
export class DependencyDescriptor {
  startsFrame = false;
  endsFrame = false;
  /** Of the frame, modulo 2^16. */
  frameNumber = 0;
  /** 0..3 and 0..7. */
  spatialId = 0;
  temporalId = 0;
  /** The descriptor has a structure: the packet begins a key frame. */
  isKeyframe = false;
  /** One bit for each decode target that is produced at present, the lowest for target 0. */
  activeDecodeTargets = 0;
  /** The frame for each decode target: `DecodeTargetIndication`. */
  readonly dtis = new Uint8Array(MAX_DECODE_TARGETS);
  /** Frames this one refers to, as differences of frame numbers. */
  frameDiffCount = 0;
  readonly frameDiffs = new Uint16Array(MAX_FRAME_DIFFS);
  /** By chain: distance to the chain's previous frame; 0 when the chain begins here. */
  readonly chainDiffs = new Uint8Array(MAX_DECODE_TARGETS);

  #structure = new DependencyStructure();
  /** The next structure is read into this one, so that a malformed one spoils nothing. */
  #spare = new DependencyStructure();
  readonly #bits = new BitReader();

  /** The newest structure. Replaced, not changed in place, by the next key frame. */
  get structure(): DependencyStructure {
    return this.#structure;
  }

  /** Reads the data of one extension element; false when it is malformed, and the fields are then meaningless. */
  parse(buf: Uint8Array, at: number, length: number): boolean {
    if (length < MANDATORY_LENGTH) return false;
    const first = buf[at]!;
    this.startsFrame = (first & 0x80) !== 0;
    this.endsFrame = (first & 0x40) !== 0;
    this.frameNumber = u16(buf, at + 1);
    this.isKeyframe = false;

    const bits = this.#bits;
    bits.reset(buf, at + MANDATORY_LENGTH, length - MANDATORY_LENGTH);
    const isExtended = length > MANDATORY_LENGTH;
    const hasStructure = isExtended && bits.flag();
    const hasActiveTargets = isExtended && bits.flag();
    const hasDtis = isExtended && bits.flag();
    const hasFrameDiffs = isExtended && bits.flag();
    const hasChains = isExtended && bits.flag();
    if (hasStructure && !this.#spare.read(bits)) return false;
    const structure = hasStructure ? this.#spare : this.#structure;

    const count = structure.decodeTargetCount;
    let active = hasStructure ? 0xffffffff >>> (32 - count) : this.activeDecodeTargets;
    if (hasActiveTargets) active = bits.bits(count);
    const template = ((first & 0x3f) + 64 - structure.templateIdOffset) % 64;
    if (template >= structure.templateCount) return false;
    this.spatialId = structure.templateSpatialIds[template]!;
    this.temporalId = structure.templateTemporalIds[template]!;
    this.#readDtis(structure, template, hasDtis);
    if (!this.#readFrameDiffs(structure, template, hasFrameDiffs)) return false;
    this.#readChains(structure, template, hasChains);
    if (bits.isOverrun) return false;

    this.activeDecodeTargets = active;
    if (hasStructure) {
      this.#spare = this.#structure;
      this.#structure = structure;
      this.isKeyframe = true;
    }
    return true;
  }

  #readDtis(structure: DependencyStructure, template: number, isCustom: boolean): void {
    const from = template * MAX_DECODE_TARGETS;
    for (let target = 0; target < structure.decodeTargetCount; target++)
      this.dtis[target] = isCustom ? this.#bits.bits(2) : structure.templateDtis[from + target]!;
  }

  #readFrameDiffs(structure: DependencyStructure, template: number, isCustom: boolean): boolean {
    if (!isCustom) {
      const from = template * MAX_FRAME_DIFFS;
      this.frameDiffCount = structure.templateFrameDiffCounts[template]!;
      for (let i = 0; i < this.frameDiffCount; i++)
        this.frameDiffs[i] = structure.templateFrameDiffs[from + i]!;
      return true;
    }
    this.frameDiffCount = 0;
    for (;;) {
      const size = this.#bits.bits(2);
      if (size === 0) return true;
      if (this.frameDiffCount === MAX_FRAME_DIFFS) return false;
      this.frameDiffs[this.frameDiffCount++] = this.#bits.bits(4 * size) + 1;
    }
  }

  #readChains(structure: DependencyStructure, template: number, isCustom: boolean): void {
    const from = template * MAX_DECODE_TARGETS;
    for (let chain = 0; chain < structure.chainCount; chain++)
      this.chainDiffs[chain] = isCustom
        ? this.#bits.bits(8)
        : structure.templateChainDiffs[from + chain]!;
  }
}
