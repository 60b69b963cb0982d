/** The amplitude of one frequency in samples from -1 to 1 (Goertzel in a Hann window). */
export function amplitude(samples: readonly number[], frequencyHz: number, rate: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / rate);
  let before = 0;
  let last = 0;
  for (const [i, sample] of samples.entries()) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / samples.length);
    const next = sample * window + coefficient * last - before;
    before = last;
    last = next;
  }
  const power = last * last + before * before - coefficient * last * before;
  return (Math.sqrt(Math.max(0, power)) * 4) / samples.length;
}
