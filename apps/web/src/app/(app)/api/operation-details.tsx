import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import type { Operation, Parameter } from './document.ts';
import { TypeText } from './type-text.tsx';

/** What is sent, what comes back, and which key it takes. */
export function OperationDetails({ operation }: { operation: Operation }) {
  const { parameters = [], requestBody, responses, security } = operation;
  const answers = Object.entries(responses).filter(([status]) => status < '400');
  return (
    <div className="flex flex-col gap-3 pt-1 pb-4 md:pl-18">
      <p className="text-sm text-muted">
        Scope of the key: <b className="font-medium text-fg">{security[0]?.api_key[0]}</b>
      </p>
      {parameters.length > 0 && <Parameters parameters={parameters} label={operation.operationId} />}
      {requestBody && <Body title="Body" content={requestBody.content} />}
      {answers.map(([status, { description, content }]) => (
        <Body key={status} title={`${status}`} about={description} content={content ?? {}} />
      ))}
      <p className="text-sm text-muted">
        Refused with{' '}
        {Object.keys(responses)
          .filter((status) => status >= '400')
          .join(', ')}
        .
      </p>
    </div>
  );
}

function Parameters({ parameters, label }: { parameters: readonly Parameter[]; label: string }) {
  return (
    <Table label={`Parameters of ${label}`}>
      <THead>
        <Tr>
          <Th>Name</Th>
          <Th>In</Th>
          <Th>Type</Th>
        </Tr>
      </THead>
      <TBody>
        {parameters.map(({ name, in: place, required, schema, content }) => (
          <Tr key={name}>
            <Td className="align-top font-mono whitespace-nowrap">
              {name}
              {!required && '?'}
            </Td>
            <Td className="align-top text-muted">{content ? 'query, as JSON' : place}</Td>
            <Td className="align-top">
              <TypeText schema={schema ?? content?.['application/json']?.schema ?? {}} />
            </Td>
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}

type BodyProps = {
  title: string;
  about?: string | undefined;
  content: NonNullable<Operation['requestBody']>['content'];
};

function Body({ title, about, content }: BodyProps) {
  const types = Object.entries(content);
  return (
    <div>
      <h3 className="text-sm font-medium">{title}</h3>
      {types.length === 0 && <p className="text-sm text-muted">{about}</p>}
      {types.map(([type, { schema }]) =>
        schema ? (
          <TypeText key={type} schema={schema} />
        ) : (
          <p key={type} className="font-mono text-sm">
            {type}
          </p>
        ),
      )}
    </div>
  );
}
