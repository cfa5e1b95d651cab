import { LoaderCircle } from 'lucide-react';
import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from '@/lib/cx.ts';
import { Tooltip } from './tooltip.tsx';

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';

const BASE =
  'inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md border px-3 text-sm font-medium whitespace-nowrap transition-colors select-none disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0';
const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'border-transparent bg-accent text-accent-fg enabled:hover:bg-accent-hover [a&]:hover:bg-accent-hover',
  secondary: 'border-line-strong bg-canvas text-fg enabled:hover:bg-hover [a&]:hover:bg-hover',
  ghost:
    'border-transparent text-muted enabled:hover:bg-hover enabled:hover:text-fg [a&]:hover:bg-hover [a&]:hover:text-fg',
  danger: 'border-transparent bg-danger text-danger-fg enabled:hover:bg-danger-hover',
};

export function buttonClass(variant: ButtonVariant = 'secondary', className?: string): string {
  return cx(BASE, VARIANTS[variant], className);
}

type ButtonProps = ComponentProps<'button'> & {
  variant?: ButtonVariant;
  /** Shows that it works on it, and takes no second click meanwhile. */
  loading?: boolean;
  icon?: ReactNode;
};

export function Button({ variant, loading, icon, className, children, disabled, type, ...props }: ButtonProps) {
  return (
    <button
      type={type ?? 'button'}
      className={buttonClass(variant, className)}
      disabled={disabled || loading}
      aria-busy={loading || undefined}
      {...props}
    >
      {loading ? <LoaderCircle className="animate-spin" aria-hidden /> : icon}
      {children}
    </button>
  );
}

type LinkButtonProps = ComponentProps<typeof Link> & { variant?: ButtonVariant; icon?: ReactNode };

/** Goes somewhere and looks like a button. */
export function LinkButton({ variant, icon, className, children, ...props }: LinkButtonProps) {
  return (
    <Link className={buttonClass(variant, className)} {...props}>
      {icon}
      {children}
    </Link>
  );
}

/** A square button with an icon; its name is read out and shown as a tooltip. */
export function IconButton({ label, icon, className, variant = 'ghost', ...props }: ButtonProps & { label: string }) {
  return (
    <Tooltip text={label}>
      <Button aria-label={label} variant={variant} icon={icon} className={cx('w-8 px-0', className)} {...props} />
    </Tooltip>
  );
}
