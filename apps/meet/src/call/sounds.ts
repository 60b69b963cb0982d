/** Notes in Hz, one after the other; each sound is over within 300 ms. */
const SOUNDS = {
  join: [523.25, 659.25],
  leave: [523.25, 392],
  message: [880],
  hand: [659.25, 880, 1046.5],
} as const;

const NOTE_SECONDS = 0.09;
const VOLUME = 0.06;

let context: AudioContext | null = null;

/** Plays a short quiet tone. Does nothing while the browser allows no sound. */
export function playSound(name: keyof typeof SOUNDS): void {
  context ??= new AudioContext();
  if (context.state !== 'running') return;
  let at = context.currentTime;
  for (const frequency of SOUNDS[name]) {
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.linearRampToValueAtTime(VOLUME, at + 0.01);
    gain.gain.linearRampToValueAtTime(0, at + NOTE_SECONDS);
    gain.connect(context.destination);
    const tone = new OscillatorNode(context, { frequency, type: 'sine' });
    tone.connect(gain);
    tone.start(at);
    tone.stop(at + NOTE_SECONDS);
    at += NOTE_SECONDS;
  }
}
