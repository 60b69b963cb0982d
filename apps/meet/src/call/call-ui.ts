import { Store } from '../shared/store.ts';
import type { StageMode } from './stage-plan.ts';

export type Panel = 'chat' | 'people';
export type CallDialog = 'shortcuts' | 'settings' | 'leave' | 'invite';

/** What the person has open and how the stage is arranged. */
export interface CallUiState {
  readonly panel: Panel | null;
  readonly dialog: CallDialog | null;
  readonly mode: StageMode;
  /** Tile id. */
  readonly pinnedId: string | null;
  readonly page: number;
  readonly isStatsOpen: boolean;
  readonly isTopologyOpen: boolean;
  readonly isReactionsOpen: boolean;
}

const START: CallUiState = {
  panel: null,
  dialog: null,
  mode: 'grid',
  pinnedId: null,
  page: 0,
  isStatsOpen: false,
  isTopologyOpen: false,
  isReactionsOpen: false,
};

export class CallUi extends Store<CallUiState> {
  constructor(mode: StageMode) {
    super({ ...START, mode });
  }

  change(change: Partial<CallUiState>): void {
    this.set({ ...this.get(), ...change });
  }

  togglePanel(panel: Panel): void {
    this.change({ panel: this.get().panel === panel ? null : panel });
  }

  /** The first page of a new arrangement shows those who matter most. */
  setMode(mode: StageMode): void {
    this.change({ mode, pinnedId: null, page: 0 });
  }

  cycleMode(): void {
    this.setMode(this.get().mode === 'grid' ? 'speaker' : 'grid');
  }

  togglePin(tileId: string): void {
    const { pinnedId } = this.get();
    this.change({ pinnedId: pinnedId === tileId ? null : tileId, page: 0 });
  }

  turnPage(page: number): void {
    this.change({ page: Math.max(0, page) });
  }
}
