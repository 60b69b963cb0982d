/**
 * What one packet says about the frame it belongs to. Reused from packet to packet: the parsers reset
 * it first. Offsets are into the buffer that was described.
 */
export class FrameInfo {
  /**
   * A receiver that has seen nothing can begin with this packet: it begins a key frame, or (H.264,
   * H.265) one of its parameter sets or slices. Always true for audio.
   */
  isKeyframe = false;
  /**
   * First packet of a frame (VP9: of a spatial layer's frame). For H.264, H.265 and AV1, whose
   * payloads do not tell, a later packet of the frame may also claim it: then the timestamp decides.
   */
  startsFrame = false;
  /** Last packet of a frame (VP9: of a spatial layer's frame); from the marker bit elsewhere. */
  endsFrame = false;
  /** 0..7; 0 without spatial layers. */
  spatialId = 0;
  /** 0..7; 0 without temporal layers. */
  temporalId = 0;
  /** Running number of the frame, 7 or 15 bits; -1 when the payload has none. */
  pictureId = -1;
  /** Where the picture id's bytes are (the M bit leads them); -1 when there is none. */
  pictureIdAt = -1;
  /** 0, 7 or 15. */
  pictureIdBits = 0;
  /** Running number of the base temporal layer's frames, 0..255; -1 when the payload has none. */
  tl0PicIdx = -1;
  tl0At = -1;
  /** VP8 KEYIDX 0..31; -1 when the payload has none. */
  keyIdx = -1;
  /** A receiver may begin to decode this temporal layer here: VP8 Y, VP9 U, or a key frame. */
  isSwitchingPoint = false;
  /** The frame was predicted from earlier pictures: VP9 P. False on key pictures, of every spatial layer. */
  isInterPredicted = true;
  /** The frame was predicted from the lower spatial layer of its own picture: VP9 D. */
  isInterLayerPredicted = false;
  /** No other frame refers to this one: VP8 N, H.264 nal_ref_idc 0. False where the payload does not say. */
  isDiscardable = false;
  /** Bytes of the payload descriptor in front of the codec's own data. */
  descriptorLength = 0;
  /** Frame size from a key frame that states it, else 0. */
  width = 0;
  height = 0;

  reset(): void {
    this.isKeyframe = false;
    this.startsFrame = false;
    this.endsFrame = false;
    this.spatialId = 0;
    this.temporalId = 0;
    this.pictureId = -1;
    this.pictureIdAt = -1;
    this.pictureIdBits = 0;
    this.tl0PicIdx = -1;
    this.tl0At = -1;
    this.keyIdx = -1;
    this.isSwitchingPoint = false;
    this.isInterPredicted = true;
    this.isInterLayerPredicted = false;
    this.isDiscardable = false;
    this.descriptorLength = 0;
    this.width = 0;
    this.height = 0;
  }
}
