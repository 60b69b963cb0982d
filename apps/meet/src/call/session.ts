import { type DisconnectReason, type LocalTrack, Room } from '@switchyard/client';
import { type Problem, problemOf } from '../room/problem.ts';
import { Store } from '../shared/store.ts';
import { type QualityShares, QualityTally } from './quality-tally.ts';
import { Toasts } from './toasts.ts';

/** What is to say about a call that is over. */
export interface CallOutcome {
  readonly reason: DisconnectReason;
  /** Null when the person left by himself. */
  readonly problem: Problem | null;
  readonly durationMs: number;
  readonly quality: QualityShares;
  readonly dropCount: number;
}

export interface JoinOptions {
  readonly serverUrl: string;
  readonly token: string;
  readonly name: string;
  /** Empty: the default output. */
  readonly speakerId: string;
  /** Called once when the call is over. */
  readonly release: () => void;
}

/** One stay in a room: the SDK's room, how it went, and how it ended. */
export class CallSession {
  readonly room: Room;
  /** Milliseconds since the epoch, this computer's clock. */
  readonly joinedAt = Date.now();
  readonly toasts = new Toasts();
  /** Null while the call goes on. */
  readonly outcome = new Store<CallOutcome | null>(null);
  readonly #tally = new QualityTally(performance.now());
  readonly #release: () => void;
  readonly #onPageHide = () => this.leave();

  private constructor(room: Room, release: () => void) {
    this.room = room;
    this.#release = release;
    // A closed tab leaves at once; else the others would see it as away until its seat expires.
    addEventListener('pagehide', this.#onPageHide);
    room.on('disconnected', (reason, error) => this.#end(reason, error));
    room.on('qualityChanged', (participant) => {
      if (participant.isLocal) this.#tally.note(performance.now(), participant.quality);
    });
    room.on('reconnecting', () => this.#tally.note(performance.now(), 'lost'));
    room.on('reconnected', () =>
      this.#tally.note(performance.now(), room.localParticipant.quality),
    );
  }

  /** Connects; rejects with the SDK's error, after which `release` is not called. */
  static async join(options: JoinOptions): Promise<CallSession> {
    const room = new Room({ name: options.name });
    await room.connect(options.serverUrl, options.token);
    const session = new CallSession(room, options.release);
    if (options.speakerId) {
      // A device that is gone, or a browser that cannot choose: the default output plays.
      room.setAudioOutput(options.speakerId).catch(() => undefined);
    }
    return session;
  }

  /** Sends what the lobby captured. People are seen before their media stands, so this is not awaited. */
  publish(tracks: { camera: LocalTrack | null; microphone: LocalTrack | null }): void {
    for (const track of [tracks.microphone, tracks.camera]) {
      if (!track) continue;
      this.room.localParticipant.publishTrack(track).catch((error: unknown) => {
        track.stop();
        this.toasts.addProblem(problemOf(error));
      });
    }
  }

  leave(): void {
    void this.room.disconnect();
  }

  #end(reason: DisconnectReason, error: Error | null): void {
    const now = performance.now();
    removeEventListener('pagehide', this.#onPageHide);
    this.#release();
    this.outcome.set({
      reason,
      problem: error ? problemOf(error) : null,
      durationMs: Date.now() - this.joinedAt,
      quality: this.#tally.shares(now),
      dropCount: this.#tally.dropCount,
    });
  }
}
