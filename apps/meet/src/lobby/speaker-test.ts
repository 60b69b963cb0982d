/** Plays three rising tones on an output device (empty: the default one). Resolves when they are over. */
export async function playTestSound(speakerId: string): Promise<void> {
  const context = new AudioContext();
  try {
    if (speakerId && canRoute(context)) await context.setSinkId(speakerId);
    const end = [523.25, 659.25, 783.99].reduce(
      (at, hertz) => playTone(context, hertz, at),
      context.currentTime + 0.05,
    );
    await new Promise((resolve) => setTimeout(resolve, (end - context.currentTime + 0.2) * 1000));
  } finally {
    await context.close();
  }
}

/** A soft sine from `at` (context time, s); returns when the next one may start. */
function playTone(context: AudioContext, hertz: number, at: number): number {
  const gain = context.createGain();
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.25, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
  gain.connect(context.destination);
  const tone = new OscillatorNode(context, { frequency: hertz });
  tone.connect(gain);
  tone.start(at);
  tone.stop(at + 0.4);
  return at + 0.22;
}

/** Web Audio's output choice (Chromium); elsewhere the default output plays. */
function canRoute(
  context: AudioContext,
): context is AudioContext & { setSinkId(id: string): Promise<void> } {
  return 'setSinkId' in context;
}
