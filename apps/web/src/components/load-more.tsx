import { Button } from './button.tsx';

type LoadMoreProps = { hasMore: boolean; loading: boolean; onLoad: () => void };

/** Under a list that has more pages. */
export function LoadMore({ hasMore, loading, onLoad }: LoadMoreProps) {
  if (!hasMore) return null;
  return (
    <div className="flex justify-center py-4">
      <Button loading={loading} onClick={onLoad}>
        Load more
      </Button>
    </div>
  );
}
