'use client';

import { Id } from '@touchstone/schemas';
import { notFound, useParams } from 'next/navigation';

/** The id in the page's address. What cannot be one is an address that no page has. */
export function useIdParam(): string {
  const { data: id } = Id.safeParse(useParams<{ id: string }>().id);
  return id ?? notFound();
}
