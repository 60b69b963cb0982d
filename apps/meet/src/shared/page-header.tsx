import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { Logo } from './logo.tsx';
import css from './page-header.module.css';
import { ThemeSwitch } from './theme-switch.tsx';

/** The bar on top of every page outside a call. */
export function PageHeader(): ReactElement {
  return (
    <header className={css['header']}>
      <Link href="/" className={css['brand']}>
        <Logo />
        <span>
          Switchyard <span className={css['product']}>Meet</span>
        </span>
      </Link>
      <ThemeSwitch />
    </header>
  );
}
