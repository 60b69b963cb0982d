export { CallView } from './call-view.tsx';
export { CallSession } from './session.ts';
