import { deviceProblem } from '../lobby/device-problem.ts';
import type { Problem } from '../room/problem.ts';
import { Store } from '../shared/store.ts';

export interface Toast {
  readonly id: number;
  readonly tone: 'info' | 'warn' | 'danger';
  readonly title: string;
  readonly text: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

const KEPT_COUNT = 3;
/** Long enough to read two sentences twice; those with a button stay until answered. ms. */
const SHOWN_MS = 8_000;

/** Short messages about things out of sight; the newest last. */
export class Toasts extends Store<readonly Toast[]> {
  #nextId = 1;

  constructor() {
    super([]);
  }

  add(toast: Pick<Toast, 'tone' | 'title'> & Partial<Toast>): void {
    const id = this.#nextId++;
    const full: Toast = { text: '', action: null, ...toast, id };
    // The same thing twice is one message, told anew.
    const others = this.get().filter((one) => one.title !== full.title);
    this.set([...others, full].slice(-KEPT_COUNT));
    if (!full.action) setTimeout(() => this.dismiss(id), SHOWN_MS);
  }

  addProblem(problem: Problem): void {
    this.add({ tone: 'danger', title: problem.title, text: problem.fix });
  }

  /** Camera or microphone did not start; `code` is the SDK's. */
  addDeviceProblem(source: 'camera' | 'microphone', code: string): void {
    const { title, fix } = deviceProblem(source, code, navigator.userAgent);
    this.add({ tone: 'warn', title, text: fix });
  }

  dismiss(id: number): void {
    this.set(this.get().filter((toast) => toast.id !== id));
  }
}
