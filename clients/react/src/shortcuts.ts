/** One key or chord, as `m`, `shift+?`, `mod+shift+l` (`mod`: Ctrl, on Apple keyboards Cmd). */
export interface Shortcut {
  readonly keys: string;
  /** What it does, for the cheat sheet. */
  readonly label: string;
  readonly run: (event: Pick<KeyboardEvent, 'type' | 'preventDefault'>) => void;
  /** Called when the key is let go, as for push-to-talk. */
  readonly onRelease?: () => void;
}

type KeyLike = Pick<
  KeyboardEvent,
  'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey' | 'repeat' | 'target' | 'type'
> & { preventDefault(): void };

/** Keys of the whole page. The one registered last wins, so that a dialog may take keys over. */
export class ShortcutRegistry {
  readonly #shortcuts: Shortcut[] = [];
  #listenerCount = 0;
  #stop: () => void = () => undefined;

  add(shortcut: Shortcut): () => void {
    this.#shortcuts.push(shortcut);
    return () => {
      const at = this.#shortcuts.indexOf(shortcut);
      if (at >= 0) this.#shortcuts.splice(at, 1);
    };
  }

  list(): Shortcut[] {
    return [...this.#shortcuts];
  }

  /** Listens on a window; several users share one listener. */
  listen(target: Window): () => void {
    if (this.#listenerCount++ === 0) {
      const ending = new AbortController();
      const options = { signal: ending.signal };
      target.addEventListener('keydown', (event) => void this.handleDown(event), options);
      target.addEventListener('keyup', (event) => this.handleUp(event), options);
      this.#stop = () => ending.abort();
    }
    return () => {
      if (--this.#listenerCount === 0) this.#stop();
    };
  }

  /** Runs what stands for a pressed key; false when nothing does, or when somebody is typing. */
  handleDown(event: KeyLike): boolean {
    if (event.repeat || isTyping(event)) return false;
    const shortcut = this.#shortcuts.findLast(({ keys }) => matches(keys, event));
    if (!shortcut) return false;
    event.preventDefault();
    shortcut.run(event);
    return true;
  }

  handleUp(event: KeyLike): void {
    const key = event.key.toLowerCase();
    const shortcut = this.#shortcuts.findLast(
      ({ keys, onRelease }) => onRelease && keyOf(keys) === key,
    );
    shortcut?.onRelease?.();
  }
}

function matches(keys: string, event: KeyLike): boolean {
  const parts = keys.toLowerCase().split('+');
  const key = keyOf(keys);
  const wantsMod = parts.includes('mod');
  if (event.key.toLowerCase() !== key) return false;
  if ((event.ctrlKey || event.metaKey) !== wantsMod) return false;
  if (event.altKey !== parts.includes('alt')) return false;
  // Characters such as `?` need Shift on some keyboards and not on others: the character decides.
  return !isLetter(key) || event.shiftKey === parts.includes('shift');
}

function keyOf(keys: string): string {
  return keys.toLowerCase().split('+').at(-1) || '+';
}

function isLetter(key: string): boolean {
  return /^[a-z]$/.test(key);
}

/** Letters belong to the text field, and Space to the button, that has the focus. */
function isTyping(event: KeyLike): boolean {
  const target = event.target;
  if (typeof HTMLElement === 'undefined' || !(target instanceof HTMLElement)) return false;
  if (event.ctrlKey || event.metaKey) return false;
  const isField = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  const isPressable = /^(BUTTON|A|SUMMARY)$/.test(target.tagName);
  return isField || (isPressable && (event.key === ' ' || event.key === 'Enter'));
}
