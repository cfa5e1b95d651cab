import { notFound } from 'next/navigation';

/** An address that no page has: says so inside the shell, where the way on is. */
export default function Missing() {
  notFound();
}
