import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/*
 * WCAG 2.2 §1.4.3 (text 4.5:1) and §1.4.11 (control edges and states 3:1), recomputed from the tokens as they
 * are written in the stylesheet.
 */
type Rgb = readonly [red: number, green: number, blue: number];
type Theme = 'light' | 'dark';

const CSS = readFileSync(new URL('../src/styles/tokens.css', import.meta.url), 'utf8');
const THEMES: readonly Theme[] = ['light', 'dark'];

const SURFACES = ['bg', 'stage', 'surface', 'raised'];
const TEXTS = ['text', 'text-2', 'text-3', 'accent', 'danger', 'warn', 'ok'];

/** Text and what it stands on, besides every text on every surface. */
const TEXT_PAIRS = [
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-danger', 'danger'],
  ['on-danger', 'danger-hover'],
  ['on-danger-soft', 'danger-soft'],
  ['text', 'danger-soft'],
  ['text', 'warn-soft'],
  ['text', 'accent-soft'],
  ['text', 'hover'],
  ['text', 'control'],
  ['text-2', 'danger-soft'],
  ['text-2', 'warn-soft'],
  ['text-2', 'control'],
  ['warn', 'warn-soft'],
  ['topo-sfu', 'stage'],
  ['topo-sfu', 'accent-soft'],
  ['bg', 'text'],
] as const;

/** States and edges of controls. */
const SIGNALS = ['line-strong', 'speaking', 'accent', 'danger', 'warn', 'ok', 'topo-sfu'];

for (const theme of THEMES) {
  for (const surface of SURFACES) {
    for (const text of TEXTS) {
      test(`WCAG 1.4.3, ${theme}: --${text} on --${surface} is at least 4.5:1`, () => {
        atLeast(4.5, contrast(color(text, theme), color(surface, theme)));
      });
    }
    for (const signal of SIGNALS) {
      test(`WCAG 1.4.11, ${theme}: --${signal} against --${surface} is at least 3:1`, () => {
        atLeast(3, contrast(color(signal, theme), color(surface, theme)));
      });
    }
  }
  for (const [text, ground] of TEXT_PAIRS) {
    test(`WCAG 1.4.3, ${theme}: --${text} on --${ground} is at least 4.5:1`, () => {
      atLeast(4.5, contrast(color(text, theme), color(ground, theme)));
    });
  }
}

for (const token of ['plate-text', 'plate-warn', 'plate-danger', 'plate-speaking']) {
  test(`a name plate's --${token} is readable even over a white picture`, () => {
    const plate = over(color('plate', 'dark'), alphaOf('plate'), [1, 1, 1]);
    atLeast(4.5, contrast(color(token, 'dark'), plate));
  });
}

test('initials are readable in every hue that a person may get', () => {
  for (let hue = 0; hue < 360; hue += 30) {
    atLeast(4.5, contrast(oklch(0.38, 0.12, hue), oklch(0.9, 0.06, hue)));
    atLeast(4.5, contrast(oklch(0.94, 0.04, hue), oklch(0.38, 0.08, hue)));
  }
});

function atLeast(limit: number, found: number): void {
  assert.ok(found >= limit, `${found.toFixed(2)}:1`);
}

/** A token as it is in one theme, linear sRGB. */
function color(name: string, theme: Theme): Rgb {
  const parts = partsOf(name);
  const part = parts.length === 2 && theme === 'dark' ? parts[1] : parts[0];
  const [lightness, chroma, hue] = part ?? [];
  assert.ok(lightness !== undefined && chroma !== undefined && hue !== undefined, name);
  return oklch(lightness, chroma, hue);
}

function alphaOf(name: string): number {
  return partsOf(name)[0]?.[3] ?? 1;
}

function partsOf(name: string): number[][] {
  const value = CSS.match(new RegExp(`--${name}:\\s*([^;]+);`))?.[1];
  assert.ok(value, `--${name} is not in tokens.css`);
  return [...value.matchAll(/oklch\(([^)]+)\)/g)].map(([, numbers]) =>
    (numbers ?? '')
      .split(/[\s/]+/)
      .filter(Boolean)
      .map(Number),
  );
}

/** CSS Color 4 §9: OKLCH to linear sRGB, clipped to the gamut. */
function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  return [
    clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** WCAG 2 relative luminance contrast; the values are linear already. */
function contrast(a: Rgb, b: Rgb): number {
  const luminance = ([red, green, blue]: Rgb) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/** Browsers mix layers in gamma-encoded sRGB. */
function over(top: Rgb, alpha: number, ground: Rgb): Rgb {
  const mix = (at: 0 | 1 | 2) => decode(encode(top[at]) * alpha + encode(ground[at]) * (1 - alpha));
  return [mix(0), mix(1), mix(2)];
}

function encode(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

function decode(encoded: number): number {
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}
