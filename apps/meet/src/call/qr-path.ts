/** One SVG path for the dark modules of a QR code, a rectangle per run. `size`: modules per side. */
export function qrPath(modules: readonly (readonly boolean[])[]): { size: number; path: string } {
  let path = '';
  for (const [y, row] of modules.entries()) {
    let start = -1;
    for (let x = 0; x <= row.length; x++) {
      if (row[x] && start < 0) start = x;
      if (!row[x] && start >= 0) {
        path += `M${start} ${y}h${x - start}v1h-${x - start}z`;
        start = -1;
      }
    }
  }
  return { size: modules.length, path };
}
