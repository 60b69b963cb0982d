import type { BitReader } from './bit-reader.ts';

export const MAX_DECODE_TARGETS = 32;
/** Frames that one frame may refer to; encoders use at most 8 buffers. */
export const MAX_FRAME_DIFFS = 8;
const MAX_TEMPLATES = 64;
const MAX_SPATIAL_ID = 3;
const MAX_TEMPORAL_ID = 7;

/**
 * The template structure that comes with each key frame: what kinds of frames there are, and what
 * each means to each decode target. AV1 RTP specification §A.8.3. Its arrays are read only outside.
 */
export class DependencyStructure {
  /** 0 before the first structure. */
  templateCount = 0;
  templateIdOffset = 0;
  /** 1..32. */
  decodeTargetCount = 0;
  /** 0..32. */
  chainCount = 0;
  maxSpatialId = 0;
  readonly templateSpatialIds = new Uint8Array(MAX_TEMPLATES);
  readonly templateTemporalIds = new Uint8Array(MAX_TEMPLATES);
  /** By template, then decode target: `DecodeTargetIndication`. */
  readonly templateDtis = new Uint8Array(MAX_TEMPLATES * MAX_DECODE_TARGETS);
  readonly templateFrameDiffCounts = new Uint8Array(MAX_TEMPLATES);
  readonly templateFrameDiffs = new Uint16Array(MAX_TEMPLATES * MAX_FRAME_DIFFS);
  /** By template, then chain: distance to the chain's previous frame. */
  readonly templateChainDiffs = new Uint8Array(MAX_TEMPLATES * MAX_DECODE_TARGETS);
  /** By decode target: the chain that protects it. */
  readonly protectedBy = new Uint8Array(MAX_DECODE_TARGETS);
  /** By decode target: its highest layers. */
  readonly targetSpatialIds = new Uint8Array(MAX_DECODE_TARGETS);
  readonly targetTemporalIds = new Uint8Array(MAX_DECODE_TARGETS);
  /** By spatial layer; 0 when the structure does not say. */
  readonly widths = new Uint16Array(MAX_SPATIAL_ID + 1);
  readonly heights = new Uint16Array(MAX_SPATIAL_ID + 1);

  /** Reads a structure over this one; false when it is malformed, and this one is then spoilt. */
  read(bits: BitReader): boolean {
    this.templateIdOffset = bits.bits(6);
    this.decodeTargetCount = bits.bits(5) + 1;
    if (!this.#readLayers(bits)) return false;
    this.#readDtis(bits);
    if (!this.#readFrameDiffs(bits)) return false;
    this.#readChains(bits);
    this.#findTargetLayers();
    this.#readResolutions(bits);
    return !bits.isOverrun;
  }

  #readLayers(bits: BitReader): boolean {
    let spatialId = 0;
    let temporalId = 0;
    let count = 0;
    for (let next = 0; next !== 3; ) {
      if (count === MAX_TEMPLATES || bits.isOverrun) return false;
      this.templateSpatialIds[count] = spatialId;
      this.templateTemporalIds[count] = temporalId;
      count++;
      next = bits.bits(2);
      if (next === 1) temporalId++;
      if (next === 2) {
        temporalId = 0;
        spatialId++;
      }
      if (spatialId > MAX_SPATIAL_ID || temporalId > MAX_TEMPORAL_ID) return false;
    }
    this.templateCount = count;
    this.maxSpatialId = spatialId;
    return true;
  }

  #readDtis(bits: BitReader): void {
    for (let template = 0; template < this.templateCount; template++)
      for (let target = 0; target < this.decodeTargetCount; target++)
        this.templateDtis[template * MAX_DECODE_TARGETS + target] = bits.bits(2);
  }

  #readFrameDiffs(bits: BitReader): boolean {
    for (let template = 0; template < this.templateCount; template++) {
      let count = 0;
      while (bits.flag()) {
        if (count === MAX_FRAME_DIFFS) return false;
        this.templateFrameDiffs[template * MAX_FRAME_DIFFS + count] = bits.bits(4) + 1;
        count++;
      }
      this.templateFrameDiffCounts[template] = count;
    }
    return true;
  }

  #readChains(bits: BitReader): void {
    this.chainCount = bits.nonSymmetric(this.decodeTargetCount + 1);
    if (this.chainCount === 0) return;
    for (let target = 0; target < this.decodeTargetCount; target++)
      this.protectedBy[target] = bits.nonSymmetric(this.chainCount);
    for (let template = 0; template < this.templateCount; template++)
      for (let chain = 0; chain < this.chainCount; chain++)
        this.templateChainDiffs[template * MAX_DECODE_TARGETS + chain] = bits.bits(4);
  }

  #findTargetLayers(): void {
    for (let target = 0; target < this.decodeTargetCount; target++) {
      let spatialId = 0;
      let temporalId = 0;
      for (let template = 0; template < this.templateCount; template++) {
        if (this.templateDtis[template * MAX_DECODE_TARGETS + target] === 0) continue;
        spatialId = Math.max(spatialId, this.templateSpatialIds[template]!);
        temporalId = Math.max(temporalId, this.templateTemporalIds[template]!);
      }
      this.targetSpatialIds[target] = spatialId;
      this.targetTemporalIds[target] = temporalId;
    }
  }

  #readResolutions(bits: BitReader): void {
    const hasResolutions = bits.flag();
    for (let layer = 0; layer <= MAX_SPATIAL_ID; layer++) {
      const isGiven = hasResolutions && layer <= this.maxSpatialId;
      // 65536 does not fit and is no size of a video that is sent: it reads as 0, unknown.
      this.widths[layer] = isGiven ? bits.bits(16) + 1 : 0;
      this.heights[layer] = isGiven ? bits.bits(16) + 1 : 0;
    }
  }
}
