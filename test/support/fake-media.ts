import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { COLUMNS, encodeMark, ROWS } from './marks.ts';

export interface MarkedVideo {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly seconds: number;
  /** The mark's source, 0 to 255. */
  readonly source: number;
}

/** Video levels of black and white (ITU-R BT.601, limited range) and of no colour. */
const BLACK = 16;
const WHITE = 235;
const GREY = 128;

/**
 * Writes a marked video for Chromium's `--use-file-for-fake-video-capture`, which plays it in a loop: the frame number
 * goes back to 0 then. Uncompressed: 86 KB a frame at 320x180.
 */
export function writeMarkedY4m(path: string, video: MarkedVideo): void {
  const { width, height, fps, seconds, source } = video;
  const file = openSync(path, 'w');
  try {
    writeSync(file, `YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`);
    const luma = Buffer.alloc(width * height);
    const chroma = Buffer.alloc((width * height) / 2, GREY);
    for (let frame = 0; frame < fps * seconds; frame++) {
      drawMark(luma, width, height, encodeMark({ source, frame }));
      writeSync(file, 'FRAME\n');
      writeSync(file, luma);
      writeSync(file, chroma);
    }
  } finally {
    closeSync(file);
  }
}

function drawMark(luma: Buffer, width: number, height: number, blocks: readonly boolean[]): void {
  for (let row = 0; row < ROWS; row++) {
    const top = Math.floor((row * height) / ROWS);
    const bottom = Math.floor(((row + 1) * height) / ROWS);
    for (let column = 0; column < COLUMNS; column++) {
      const left = Math.floor((column * width) / COLUMNS);
      const right = Math.floor(((column + 1) * width) / COLUMNS);
      luma.fill(
        blocks[row * COLUMNS + column] ? WHITE : BLACK,
        top * width + left,
        top * width + right,
      );
    }
    for (let y = top + 1; y < bottom; y++) {
      luma.copyWithin(y * width, top * width, top * width + width);
    }
  }
}

const SAMPLE_RATE = 48_000;

/** Writes a mono sine for `--use-file-for-fake-audio-capture`. An amplitude of 0.5 has an RMS of 0.354. */
export function writeTone(
  path: string,
  frequencyHz: number,
  seconds: number,
  amplitude = 0.5,
): void {
  const count = SAMPLE_RATE * seconds;
  const wav = Buffer.alloc(44 + count * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + count * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20); // PCM
  wav.writeUInt16LE(1, 22); // channels
  wav.writeUInt32LE(SAMPLE_RATE, 24);
  wav.writeUInt32LE(SAMPLE_RATE * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(count * 2, 40);
  for (let i = 0; i < count; i++) {
    const value = Math.sin((2 * Math.PI * frequencyHz * i) / SAMPLE_RATE) * amplitude;
    wav.writeInt16LE(Math.round(value * 32_767), 44 + i * 2);
  }
  writeFileSync(path, wav);
}
