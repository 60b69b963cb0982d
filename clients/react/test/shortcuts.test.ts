import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSame } from '../src/same.ts';
import { ShortcutRegistry } from '../src/shortcuts.ts';

type KeyLike = Parameters<ShortcutRegistry['handleDown']>[0];

function press(key: string, more: Partial<KeyLike> = {}): KeyLike {
  return {
    key,
    type: 'keydown',
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    repeat: false,
    target: null,
    preventDefault: () => undefined,
    ...more,
  };
}

function registry(...keys: string[]): { keys: ShortcutRegistry; heard: string[] } {
  const heard: string[] = [];
  const shortcuts = new ShortcutRegistry();
  for (const one of keys) {
    shortcuts.add({ keys: one, label: one, run: () => void heard.push(one) });
  }
  return { keys: shortcuts, heard };
}

test('a letter runs without modifiers only', () => {
  const { keys, heard } = registry('m');
  keys.handleDown(press('m'));
  keys.handleDown(press('m', { ctrlKey: true }));
  keys.handleDown(press('M', { shiftKey: true }));
  assert.deepEqual(heard, ['m']);
});

test('mod is Ctrl or Cmd', () => {
  const { keys, heard } = registry('mod+shift+l');
  keys.handleDown(press('L', { ctrlKey: true, shiftKey: true }));
  keys.handleDown(press('L', { metaKey: true, shiftKey: true }));
  keys.handleDown(press('l'));
  assert.equal(heard.length, 2);
});

test('a character counts however its keyboard makes it', () => {
  const { keys, heard } = registry('?');
  keys.handleDown(press('?', { shiftKey: true }));
  keys.handleDown(press('?'));
  assert.equal(heard.length, 2);
});

test('the one registered last wins until it is removed; a held key runs once', () => {
  const { keys, heard } = registry('v');
  const remove = keys.add({ keys: 'v', label: 'dialog', run: () => void heard.push('dialog') });
  keys.handleDown(press('v'));
  keys.handleDown(press('v', { repeat: true }));
  remove();
  keys.handleDown(press('v'));
  assert.deepEqual(heard, ['dialog', 'v']);
});

test('letting go ends push-to-talk', () => {
  const shortcuts = new ShortcutRegistry();
  let isTalking = false;
  shortcuts.add({
    keys: ' ',
    label: 'talk',
    run: () => {
      isTalking = true;
    },
    onRelease: () => {
      isTalking = false;
    },
  });
  shortcuts.handleDown(press(' '));
  assert.equal(isTalking, true);
  shortcuts.handleUp(press(' ', { type: 'keyup' }));
  assert.equal(isTalking, false);
});

test('fresh arrays and records of the same members are the same slice', () => {
  const one = {};
  assert.ok(isSame([one], [one]));
  assert.ok(!isSame([one], [{}]));
  assert.ok(isSame({ a: one }, { a: one }));
  assert.ok(!isSame(new Map(), new Map()), 'living objects are themselves only');
});
