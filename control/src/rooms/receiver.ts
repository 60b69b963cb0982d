import type { LayerChoice, SlotId, TrackId, WorkerId } from '@switchyard/core/media-api';
import type { ClientMessage, SlotEmptyReason, SlotState } from '@switchyard/core/signal';
import type { Context } from './context.ts';
import { ALL_LAYERS, chooseLayer } from './layer-choice.ts';
import type { SlotPort } from './media-session.ts';
import { planAudios, planVideos, type SlotPlan, type VideoWant } from './slot-plan.ts';
import type { Track } from './track.ts';

type View = Extract<ClientMessage, { kind: 'view' }>;
type ViewEntry = View['videos'][number];

/** What a room has to offer to one receiver: nothing of his own. */
export interface Receivable {
  /** In the order of their arrival. */
  readonly videos: readonly Track[];
  /** Those who speak now or spoke last first. */
  readonly audios: readonly Track[];
  /** Audio that belongs to a video: same person, microphone to camera, screen audio to screen. */
  readonly companionOf: (video: Track) => Track | null;
}

/** One slot and what stands in it. */
interface Place {
  readonly port: SlotPort;
  track: Track | null;
  layers: LayerChoice;
  /** The slot's receiver cannot decode what its track carries now. */
  undecodable: boolean;
  rtpTimestamp: number | null;
  /** What the client was told last, as text. */
  told: string;
}

const NO_LAYERS: LayerChoice = { spatial: 0, temporal: 0 };

/** Elements less high than this show thumbnails, where lip sync is not seen; device pixels. */
const THUMBNAIL_HEIGHT = 200;

/**
 * What one participant receives: his slots, what he wants to see, and the assignment between them. Sends
 * the commands to the worker that carries the slots; says which slots changed.
 */
export class Receiver {
  readonly #context: Context;
  #worker: WorkerId | null = null;
  #places: Place[] = [];
  #view: ReadonlyMap<string, ViewEntry> | null = null;
  /** Sids of the only audios wanted; null: whoever is loudest. */
  #heard: ReadonlySet<string> | null = null;
  readonly #autoSubscribe: boolean;

  constructor(context: Context, autoSubscribe: boolean) {
    this.#context = context;
    this.#autoSubscribe = autoSubscribe;
  }

  /** The complete list of what is wanted from now on. */
  setView({ videos, audios }: View): void {
    this.#view = new Map(videos.map((entry) => [entry.trackSid, entry]));
    this.#heard = audios === undefined ? null : new Set(audios);
  }

  /** The slots after an offer; those that stay keep what stands in them. */
  setPorts(worker: WorkerId, ports: readonly SlotPort[]): void {
    const before = new Map(this.#places.map((place) => [place.port.slot, place]));
    this.#worker = worker;
    this.#places = ports.map((port) => {
      const place = before.get(port.slot);
      before.delete(port.slot);
      return place === undefined ? emptyPlace(port) : { ...place, port };
    });
    for (const { track } of before.values())
      if (track !== null) this.#context.pipes.release(track, worker);
  }

  /**
   * The slots go with their transport. Returns what to call when they are closed: it lets go of the tracks
   * that were carried to their worker.
   */
  dropPorts(): () => void {
    const places = this.#places;
    const worker = this.#worker;
    this.#places = [];
    this.#worker = null;
    return () => {
      for (const { track } of places)
        if (track !== null) this.#context.pipes.release(track, worker!); // slots have a worker
    };
  }

  /** Assigns the slots anew; returns the states of those that changed for the client. */
  assign(receivable: Receivable): SlotState[] {
    if (this.#places.length === 0) return [];
    const ports = this.#places.map((place) => place.port);
    const present: SlotPlan = this.#places.map((place) => place.track?.id ?? null);
    const tracks = new Map<TrackId, Track>();
    for (const track of receivable.videos) tracks.set(track.id, track);
    for (const track of receivable.audios) tracks.set(track.id, track);
    const videos = planVideos(ports, present, this.#videoWants(receivable));
    const audios = planAudios(
      ports,
      present,
      this.#audioWants(receivable),
      videos,
      (video) => receivable.companionOf(tracks.get(video)!)?.id ?? null,
    );
    for (const [i, place] of this.#places.entries()) {
      const id = videos[i] ?? audios[i] ?? null;
      this.#put(place, id === null ? null : tracks.get(id)!);
    }
    return this.#changes();
  }

  /** The worker says that the slot sends its new source. Returns the state to tell; null when outdated. */
  handleSwitched(slot: SlotId, track: TrackId, rtpTimestamp: number): SlotState | null {
    const place = this.#places.find((candidate) => candidate.port.slot === slot);
    if (place === undefined || place.track?.id !== track) return null;
    place.rtpTimestamp = rtpTimestamp;
    place.undecodable = false;
    return this.#tell(place);
  }

  /** The track has another codec now: whoever could not decode it may be able to. */
  handleCodecChange(track: Track): void {
    for (const place of this.#places) if (place.track === track) place.undecodable = false;
  }

  /** The worker says that the slot's receiver cannot decode its track. */
  handleUnavailable(slot: SlotId, track: TrackId): SlotState | null {
    const place = this.#places.find((candidate) => candidate.port.slot === slot);
    if (place === undefined || place.track?.id !== track) return null;
    place.undecodable = true;
    return this.#tell(place);
  }

  /** All slots as they are, which the client is told with this. */
  states(): SlotState[] {
    for (const place of this.#places) place.told = JSON.stringify(stateOf(place));
    return this.#places.map(stateOf);
  }

  get audioSlotCount(): number {
    return this.#places.filter((place) => place.port.kind === 'audio').length;
  }

  /** Tracks that stand in slots now. */
  *tracks(): Iterable<Track> {
    for (const { track } of this.#places) if (track !== null) yield track;
  }

  #videoWants({ videos, companionOf }: Receivable): VideoWant[] {
    const view = this.#view;
    const priority = (track: Track) =>
      view?.get(track.sid)?.priority ?? (track.source === 'screenShare' ? 80 : 10);
    const isShown = (track: Track) => (view === null ? this.#autoSubscribe : view.has(track.sid));
    return videos
      .filter(isShown)
      .sort((a, b) => priority(b) - priority(a) || a.arrival - b.arrival)
      .map((track) => ({
        track: track.id,
        prefersPair: companionOf(track) !== null && !this.#isThumbnail(track),
      }));
  }

  #audioWants({ audios }: Receivable): TrackId[] {
    const heard = this.#heard;
    const wanted = heard === null ? audios : audios.filter(({ sid }) => heard.has(sid));
    return wanted.map(({ id }) => id);
  }

  #isThumbnail(track: Track): boolean {
    const entry = this.#view?.get(track.sid);
    return entry !== undefined && entry.height < THUMBNAIL_HEIGHT;
  }

  #put(place: Place, track: Track | null): void {
    const layers = track === null ? NO_LAYERS : this.#layersFor(track);
    const isSameTrack = place.track === track;
    const { spatial, temporal } = place.layers;
    if (isSameTrack && spatial === layers.spatial && temporal === layers.temporal) return;
    if (!isSameTrack) {
      const before = place.track;
      if (track !== null) this.#context.pipes.acquire(track, this.#worker!);
      place.track = track;
      place.undecodable = false;
      place.rtpTimestamp = null;
      this.#assign(place, layers);
      if (before !== null) this.#context.pipes.release(before, this.#worker!);
    } else this.#assign(place, layers);
  }

  #assign(place: Place, layers: LayerChoice): void {
    place.layers = layers;
    const { slot } = place.port;
    const track = place.track?.id ?? null;
    // A place exists only while a worker carries its slot.
    this.#context.out.media(this.#worker!, { kind: 'assignSlot', slot, track, layers });
  }

  #layersFor(track: Track): LayerChoice {
    const heights = track.layerHeights();
    const entry = this.#view?.get(track.sid);
    if (track.kind === 'audio' || entry === undefined || heights.length === 1) return ALL_LAYERS;
    return chooseLayer(heights, entry.height);
  }

  #changes(): SlotState[] {
    return this.#places.flatMap((place) => this.#tell(place) ?? []);
  }

  /** The state of a slot if the client does not know it yet; it does afterwards. */
  #tell(place: Place): SlotState | null {
    const state = stateOf(place);
    const text = JSON.stringify(state);
    if (text === place.told) return null;
    place.told = text;
    return state;
  }
}

function emptyPlace(port: SlotPort): Place {
  const place: Place = {
    port,
    track: null,
    layers: NO_LAYERS,
    undecodable: false,
    rtpTimestamp: null,
    told: '',
  };
  // Clients take a slot for empty until they are told otherwise.
  place.told = JSON.stringify(stateOf(place));
  return place;
}

function stateOf({ port, track, undecodable, rtpTimestamp }: Place): SlotState {
  const reason = reasonOf(track, undecodable);
  return {
    mid: port.mid,
    trackSid: track?.sid ?? null,
    participantSid: track?.publisherSid ?? null,
    ...(reason === null ? {} : { reason }),
    ...(rtpTimestamp === null ? {} : { rtpTimestamp }),
  };
}

function reasonOf(track: Track | null, undecodable: boolean): SlotEmptyReason | null {
  if (track === null) return null;
  if (track.muted) return 'muted';
  return undecodable ? 'codec' : null;
}
