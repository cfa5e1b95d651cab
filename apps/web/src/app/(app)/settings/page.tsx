import { PageHeader } from '@/components/page-header.tsx';
import { ApiKeys } from './api-keys.tsx';
import { Appearance } from './appearance.tsx';
import { Secrets } from './secrets.tsx';
import { Services } from './services.tsx';
import { Session } from './session.tsx';

export default function SettingsPage() {
  return (
    <>
      <PageHeader title="Settings" />
      <div className="flex max-w-5xl flex-col gap-10">
        <Secrets />
        <ApiKeys />
        <Services />
        <Appearance />
        <Session />
      </div>
    </>
  );
}
