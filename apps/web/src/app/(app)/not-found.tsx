import { LinkButton } from '@/components/button.tsx';
import { EmptyState } from '@/components/empty-state.tsx';
import { PageHeader } from '@/components/page-header.tsx';

export default function NotFound() {
  return (
    <>
      <PageHeader title="Page not found" />
      <EmptyState
        title="There is no page at this address"
        action={<LinkButton href="/experiments">Experiments</LinkButton>}
      >
        It may have been deleted, or the address has a typing error. Ctrl K finds experiments and datasets by name.
      </EmptyState>
    </>
  );
}
