import { PROVIDERS, type SuggestedModel } from '@touchstone/schemas';
import { KeyRound } from 'lucide-react';
import Link from 'next/link';
import { formatMoney } from '@/lib/format.ts';

type Route = SuggestedModel['routes'][number];
type RouteListProps = { model: SuggestedModel; onAddKey: (name: string) => void };

/** The ways to reach a model, each with what it still needs and what it costs. */
export function RouteList({ model, onAddKey }: RouteListProps) {
  const { local } = model;
  if (local) {
    return (
      <div className="flex items-start justify-between gap-3">
        <p className="min-w-0 text-muted">
          Runs here
          {local.missing && (
            <>
              , with the extra hf (<code>npm start -- --with hf</code>)
            </>
          )}
          : <code className="break-all">{local.model}</code>
        </p>
        <Link
          href={`/experiments/new?model=${model.id}`}
          aria-label={`Use ${model.label} here`}
          className="link shrink-0 py-0.5"
        >
          Use
        </Link>
      </div>
    );
  }
  return (
    <ul className="space-y-2">
      {model.routes.map((route, index) => (
        <li key={`${route.provider} ${route.model}`} className="flex items-start justify-between gap-3">
          <div className="min-w-0">
            <span className="font-medium">{PROVIDERS[route.provider].label}</span>{' '}
            <code className="break-all text-faint">{route.model}</code>
            <Needs route={route} onAddKey={onAddKey} />
            {route.price && <PriceLine price={route.price} />}
          </div>
          <Link
            href={`/experiments/new?model=${model.id}&route=${index}`}
            aria-label={`Use ${model.label} by ${PROVIDERS[route.provider].label}`}
            className="link shrink-0 py-0.5"
          >
            Use
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Needs({ route, onAddKey }: { route: Route; onAddKey: (name: string) => void }) {
  const { start } = PROVIDERS[route.provider];
  if (route.secret?.missing) {
    const { name } = route.secret;
    return (
      <p className="flex items-start gap-x-1.5 text-warn">
        <KeyRound aria-hidden className="mt-[3px] size-3.5 shrink-0" />
        <span>
          {name} is missing.{' '}
          <button type="button" className="link" onClick={() => onAddKey(name)}>
            Add {name}
          </button>
        </span>
      </p>
    );
  }
  if (route.endpoints.length > 0) return <p className="text-muted">Registered: {route.endpoints.join(', ')}</p>;
  if (start === null) return null;
  return (
    <p className="text-muted">
      Needs a local model server: <code className="break-all">{start.replace('{model}', route.model)}</code>
    </p>
  );
}

function PriceLine({ price }: { price: NonNullable<Route['price']> }) {
  return (
    <p className="text-muted">
      {formatMoney(price.input)} in, {formatMoney(price.output)} out per million tokens{' '}
      {price.source === null ? (
        <span className="whitespace-nowrap text-faint">as of {price.as_of}</span>
      ) : (
        <a
          href={price.source}
          target="_blank"
          rel="noreferrer"
          className="whitespace-nowrap text-faint underline hover:text-fg"
        >
          as of {price.as_of}
        </a>
      )}
      {price.note && <span className="text-faint">. {price.note}</span>}
    </p>
  );
}
