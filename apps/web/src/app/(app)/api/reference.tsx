import { type Document, type Route, routesByNoun } from './document.ts';
import { OperationDetails } from './operation-details.tsx';
import { shapeId, TypeText } from './type-text.tsx';

/** `sign_in_links` → `Sign in links`. */
function titleOf(noun: string): string {
  const words = noun.replaceAll('_', ' ').replace(/^api\b/, 'API');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Every route by noun, then the shapes that they name. */
export function Reference({ document }: { document: Document }) {
  return (
    <>
      {routesByNoun(document).map(([noun, routes]) => (
        <section key={noun} aria-labelledby={`noun-${noun}`} className="mt-8">
          <h2 id={`noun-${noun}`} className="mb-1 text-base font-semibold">
            {titleOf(noun)}
          </h2>
          <ul className="border-t">
            {routes.map((route) => (
              <li key={route.operation.operationId} className="border-b">
                <RouteDetails {...route} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      <section aria-labelledby="shapes" className="mt-10">
        <h2 id="shapes" className="mb-1 text-base font-semibold">
          Shapes
        </h2>
        <dl className="border-t">
          {Object.entries(document.components.schemas).map(([name, schema]) => (
            <div key={name} id={shapeId(name)} className="scroll-mt-14 border-b py-2 target:bg-accent-soft">
              <dt className="font-mono text-sm font-medium">{name}</dt>
              <dd>
                <TypeText schema={schema} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}

function RouteDetails({ method, path, operation }: Route) {
  return (
    <details>
      <summary className="flex min-h-9 cursor-pointer flex-wrap items-center gap-x-4 py-1 hover:bg-subtle">
        <span className="w-14 font-mono text-sm font-medium">{method}</span>
        <span className="min-w-0 flex-1 basis-72 font-mono text-sm break-words">{path}</span>
        <span className="min-w-0 flex-1 basis-72 text-sm text-muted">{operation.summary}</span>
      </summary>
      <OperationDetails operation={operation} />
    </details>
  );
}
