import { Check, Copy, Share2 } from 'lucide-react';
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import { Button } from 'react-aria-components';
import { encode } from 'uqr';
import { pathOfRoom } from '../landing/room-names.ts';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import { useCall } from './call-context.tsx';
import css from './invite-part.module.css';
import { qrPath } from './qr-path.ts';

/** The room's link: to read, to copy, to scan, to share by the system's own sheet. */
export function InvitePart(): ReactElement {
  const { session, announcer } = useCall();
  // Without the invitation in the fragment: that one is personal.
  const link = location.origin + pathOfRoom(session.room.name);
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 2_500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      setIsCopied(true);
      announcer.say('Link copied.');
    } catch {
      announcer.say('The browser does not allow copying. Select the link and copy it yourself.');
    }
  };
  return (
    <div className={css['part']}>
      <QrCode text={link} />
      <div className={css['side']}>
        <p className={css['link']}>{link.replace(/^https?:\/\//, '')}</p>
        <div className={css['buttons']}>
          <Button className={cx(button['button'], button['primary'])} onPress={() => void copy()}>
            {isCopied ? (
              <Check aria-hidden="true" size={18} strokeWidth={1.75} />
            ) : (
              <Copy aria-hidden="true" size={18} strokeWidth={1.75} />
            )}
            {isCopied ? 'Copied' : 'Copy link'}
          </Button>
          {'share' in navigator && (
            <Button
              className={cx(button['button'], button['secondary'])}
              onPress={() => void navigator.share({ url: link }).catch(() => undefined)}
            >
              <Share2 aria-hidden="true" size={18} strokeWidth={1.75} />
              Share
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

function QrCode(props: { readonly text: string }): ReactElement {
  const { size, path } = useMemo(
    () => qrPath(encode(props.text, { border: 2 }).data),
    [props.text],
  );
  return (
    <svg
      className={css['code']}
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label="QR code of the link"
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#0b0d13" />
    </svg>
  );
}
