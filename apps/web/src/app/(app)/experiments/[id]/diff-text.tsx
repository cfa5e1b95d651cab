import { type CSSProperties, memo } from 'react';
import { diffWords } from '@/lib/word-diff.ts';

type DiffTextProps = {
  /** What the text is compared with. */
  base: string;
  text: string;
  /** Where there is little room: of the words that only the other has, a sign that there are some. */
  isShort?: boolean;
  className?: string;
  style?: CSSProperties;
};

const MARKS = {
  added: 'bg-ok-soft text-ok underline decoration-1 underline-offset-2',
  removed: 'text-danger line-through decoration-1',
} as const;

/** A text with the words that another lacks underlined, and that one's own struck through. */
export const DiffText = memo(function DiffText({ base, text, isShort, className, style }: DiffTextProps) {
  const parts = diffWords(base, text);
  if (parts === null) {
    return (
      <div className={className} style={style}>
        <span className="text-faint">Too long to compare word by word: </span>
        {text}
      </div>
    );
  }
  return (
    <div className={className} style={style}>
      {parts.map(({ kind, text: words }, index) => {
        // A part ends where its text does: without the space the next one would run on.
        const gap = index < parts.length - 1 && !/\s$/.test(words) ? ' ' : '';
        // biome-ignore-start lint/suspicious/noArrayIndexKey: parts have no names, and come and go together
        if (kind === 'same') return <span key={index}>{words + gap}</span>;
        const Mark = kind === 'added' ? 'ins' : 'del';
        return (
          <span key={index}>
            {kind === 'removed' && isShort ? (
              <del title={words} className="text-danger no-underline">
                ⋯
              </del>
            ) : (
              <Mark className={MARKS[kind]}>{words.trimEnd()}</Mark>
            )}
            {words.slice(words.trimEnd().length) + gap}
          </span>
        );
        // biome-ignore-end lint/suspicious/noArrayIndexKey: see above
      })}
    </div>
  );
});
