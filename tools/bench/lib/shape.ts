/**
 * Who publishes and who takes what. `1x50`: publishers x subscribers, everyone takes everything. `10r500`: rooms of one
 * publisher, the subscribers spread over them. `conf8`: everyone publishes and takes the others.
 */
export interface Shape {
  readonly kind: 'grid' | 'rooms' | 'conference';
  readonly publishers: number;
  readonly subscribers: number;
}

export function parseShape(text: string): Shape {
  const conference = /^conf(\d+)$/.exec(text);
  if (conference) {
    const count = Number(conference[1]);
    return { kind: 'conference', publishers: count, subscribers: count };
  }
  const grid = /^(\d+)([xr])(\d+)$/.exec(text);
  if (!grid) throw new Error(`${text} is not a shape: write 1x50, 10r500 or conf8`);
  const kind = grid[2] === 'r' ? 'rooms' : 'grid';
  return { kind, publishers: Number(grid[1]), subscribers: Number(grid[3]) };
}

export function shapeName(shape: Shape, subscribers = shape.subscribers): string {
  if (shape.kind === 'conference') return `conf${shape.publishers}`;
  return `${shape.publishers}${shape.kind === 'rooms' ? 'r' : 'x'}${subscribers}`;
}

/** The publishers (from 1) that a subscriber (from 1) takes. */
export function publishersOf(shape: Shape, subscriber: number): number[] {
  if (shape.kind === 'rooms') return [((subscriber - 1) % shape.publishers) + 1];
  const all = Array.from({ length: shape.publishers }, (_, i) => i + 1);
  return shape.kind === 'conference' ? all.filter((publisher) => publisher !== subscriber) : all;
}

/** How many copies of a published packet should arrive, on average over the publishers. */
export function fanOut(shape: Shape, subscribers: number): number {
  if (shape.kind === 'conference') return shape.publishers - 1;
  return shape.kind === 'rooms' ? subscribers / shape.publishers : subscribers;
}
