export type { IncomingPacket } from './incoming-packet.ts';
export { PacketPool } from './incoming-packet.ts';
export type { Layer } from './layer.ts';
export type { KeyframeSource, Outlet, PacketSink } from './ports.ts';
export { SfuContext, type SfuEvent, type SfuSettings } from './sfu-context.ts';
export { Slot } from './slot.ts';
export { Track } from './track.ts';
