// First, so that the order of the cascade layers is known before any part brings rules.
import './styles/index.css';
import '@fontsource-variable/geist/wght.css';
import '@fontsource-variable/geist-mono/wght.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { preferences } from './shared/preferences.ts';
import { followTheme } from './shared/theme.ts';

followTheme(preferences, document.documentElement);
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
